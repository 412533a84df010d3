using System.CommandLine;
using L2R.Metrics.Domain.Catalogue;

namespace L2R.Cli.Commands;

/// <summary><c>l2r docs</c>: writes the documents that are made from the code. A test holds each against it.</summary>
static class DocsCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var command = new Command("docs", "Write docs/metric-catalogue.md from the definitions in the code");
        command.SetAction(async (_, cancellationToken) =>
        {
            var path = Path.Combine(checkout.Root, "docs", "metric-catalogue.md");
            await File.WriteAllTextAsync(path, CatalogueDocument.Write(MetricCatalogue.All), cancellationToken);
            terminal.Line($"{checkout.Relative(path)}: {MetricCatalogue.All.Count} definitions");
            return ExitCodes.Done;
        });
        return command;
    }
}
