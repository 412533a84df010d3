using System.CommandLine;
using L2R.Cli.Checks;

namespace L2R.Cli.Commands;

/// <summary><c>l2r fmt</c>: rewrites the sources in the house's form.</summary>
static class FmtCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var command = new Command("fmt", "Rewrite C# and protos in the house's form");
        command.SetAction(async (_, cancellationToken) =>
        {
            await NodeTools.InstallAsync(checkout, terminal, cancellationToken);
            await FormatAndLint.FixAsync(checkout, terminal, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }
}
