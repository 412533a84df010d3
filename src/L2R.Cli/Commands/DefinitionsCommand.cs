using System.CommandLine;
using L2R.Cli.Practice;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r definitions</c>: what each figure means, as the service itself says.</summary>
static class DefinitionsCommand
{
    const int Columns = 100;

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var (output, gateway) = (new OutputOptions("Print each definition as JSON, one a line, with all that it says"), new GatewayOptions());
        var command = new Command("definitions", "List what each figure means and how it is computed; docs/metric-catalogue.md has it in full");
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var answer = await opened.AskAsync((client, options) => client.ListMetricDefinitionsAsync(new(), options), cancellationToken);
            output.PrintAll(parsed, terminal, [.. answer.MetricDefinitions], MetricDefinition.Descriptor, ToLines);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Under each section its figures, a line each: name, unit, and as much of the formula as fits.</summary>
    static IEnumerable<string> ToLines(IReadOnlyList<MetricDefinition> definitions)
    {
        var width = definitions.Select(Id).Append("").Max(id => id.Length);
        foreach (var section in definitions.GroupBy(definition => definition.Section))
        {
            yield return section.Key;
            foreach (var definition in section)
            {
                yield return TargetTable.Cut($"  {Id(definition).PadRight(width)}  {definition.Formula} ({definition.Unit})", Columns);
            }
        }

        static string Id(MetricDefinition definition) => definition.Name["metricDefinitions/".Length..];
    }
}
