using System.CommandLine;

namespace L2R.Cli.Commands;

/// <summary><c>l2r build</c>: everything, warnings are errors.</summary>
static class BuildCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var command = new Command("build", "Build the whole solution (Release); warnings are errors");
        command.SetAction(async (_, cancellationToken) =>
        {
            await Build.SolutionAsync(checkout, terminal, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }
}
