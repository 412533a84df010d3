using System.CommandLine;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary><c>l2r reset</c>: stops the stack and drops all its data.</summary>
static class ResetCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("reset", "Stop the stack of this checkout and drop its data: every database, every queue, every log") { yes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(yes) && !await terminal.ConfirmAsync("Drop all data of the stack in this checkout?", cancellationToken))
            {
                throw new CommandFailedException("Nothing was dropped; --yes drops without asking.");
            }

            var folder = new StackFolder(checkout.RunFolder);
            await DownCommand.StopAsync(folder, terminal, cancellationToken);
            foreach (var path in folder.Drop())
            {
                terminal.Step($"removed {checkout.Shorten(path)}");
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
