using System.CommandLine;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary><c>l2r reset</c>: stops the stack and drops all its data.</summary>
static class ResetCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("reset", $"""
            Stop the stack of this checkout and drop its data, and those that tests and bench left: every database, every queue, every log.
            They are in artifacts/run; of a checkout that the user postgres cannot reach, such as one under /root, in {Checkout.DataFolders(checkout.RunFolder)[1]}
            """) { yes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(yes) && !await terminal.ConfirmAsync("Drop all data of the stack in this checkout?", cancellationToken))
            {
                throw new CommandFailedException("Nothing was dropped; --yes drops without asking.");
            }

            var folder = new StackFolder(checkout.RunFolder);
            await DownCommand.StopAsync(folder, terminal, cancellationToken);
            foreach (var other in checkout.StackFolders.Select(path => new StackFolder(path)))
            {
                if (other.FindRunning() is { } running)
                {
                    terminal.Step($"leaves {checkout.Shorten(other.Path)}: process {running.Pid} uses it");
                    continue;
                }
                foreach (var path in other.Drop())
                {
                    terminal.Step($"removed {checkout.Shorten(path)}");
                }
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
