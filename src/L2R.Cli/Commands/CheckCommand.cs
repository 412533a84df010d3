using System.CommandLine;
using System.Globalization;
using L2R.Cli.Checks;

namespace L2R.Cli.Commands;

/// <summary><c>l2r check</c>: form and lint of the sources, as <c>l2r test</c> does first.</summary>
static class CheckCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var command = new Command("check", "Check the form of C# and protos: dotnet format, buf lint, buf format, buf breaking; ./l2r fmt mends the form");
        command.SetAction(async (_, cancellationToken) =>
        {
            await NodeTools.InstallAsync(checkout, terminal, cancellationToken);
            await Build.RestoreAsync(checkout, cancellationToken);
            var results = await FormatAndLint.CheckAsync(checkout, cancellationToken);
            foreach (var result in results)
            {
                terminal.Line(result.Passed ? $"{result.Name}: passed" : $"{result.Name}: FAILED{Environment.NewLine}{result.Output}");
            }

            terminal.Line(string.Create(
                CultureInfo.InvariantCulture, $"{results.Count(r => r.Passed)} passed, {results.Count(r => !r.Passed)} failed"));
            return results.All(r => r.Passed) ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }
}
