using System.CommandLine;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary><c>l2r down</c>: stops the stack of this checkout; its data stay.</summary>
static class DownCommand
{
    // Ordered stop: each resource has 30 s of grace, and several may need it one after the other.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var command = new Command("down", "Stop the stack of this checkout in order and wait; the data stay");
        command.SetAction(async (_, cancellationToken) =>
        {
            if (!await StopAsync(new StackFolder(checkout.RunFolder), terminal, cancellationToken))
            {
                terminal.Step("the stack is not up");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <returns>False when nothing ran.</returns>
    public static async Task<bool> StopAsync(StackFolder folder, Terminal terminal, CancellationToken cancellationToken)
    {
        if ((folder.FindRunning()?.Pid ?? StackStart.Find(folder)?.Pid) is not { } pid)
        {
            return false;
        }

        terminal.Step($"stops the stack (process {pid})");
        var killed = await StackStop.StopAsync(pid, Grace, cancellationToken);
        if (killed.Count > 0)
        {
            terminal.Step($"killed what did not stop by itself: {string.Join(", ", killed)}");
        }

        folder.FindRunning(); // removes what a killed one left behind
        terminal.Step("the stack is down");
        return true;
    }
}
