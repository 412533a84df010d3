using System.CommandLine;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary><c>l2r up</c>: the whole stack, until Ctrl-C or, detached, until <c>l2r down</c>.</summary>
static class UpCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var detach = new Option<bool>("--detach", "-d") { Description = "Return when everything is ready; ./l2r down stops it" };
        var command = new Command(
            "up", "Build and start the whole stack, print the addresses, stream the state; Ctrl-C stops everything that it started") { detach };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(detach), checkout, terminal, cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(bool detach, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var folder = new StackFolder(checkout.RunFolder);
        if (folder.FindRunning() is { } running)
        {
            terminal.Step(running.Ready
                ? "the stack is already up; ./l2r down stops it"
                : "the stack is already starting; ./l2r status tells how far it is");
            StackTables.Addresses(running, terminal);
            return ExitCodes.Done;
        }

        if (StackStart.Find(folder) is { } other)
        {
            terminal.Step($"the stack is on its way up: {other}; ./l2r status tells how far it is");
            return ExitCodes.Done;
        }

        using var start = StackStart.Begin(folder, TimeProvider.System);
        await Build.ProjectAsync(checkout.AppHostProject, checkout, terminal, cancellationToken);
        terminal.Step("starts the stack");
        var appHost = new AppHost(checkout, folder)
        {
            WhenSeen = state =>
            {
                if (state.Dashboard is { } dashboard)
                {
                    terminal.Step($"dashboard: {dashboard}");
                }
            },
        };
        if (detach)
        {
            StackTables.Addresses(await appHost.StartDetachedAsync(cancellationToken), terminal);
            terminal.Step("the stack is ready; ./l2r down stops it");
            return ExitCodes.Done;
        }

        var exitCode = await appHost.RunAsync(
            [],
            terminal.Line,
            (ready, _) =>
            {
                StackTables.Addresses(ready, terminal);
                terminal.Step("the stack is ready; Ctrl-C stops it");
                start.Dispose();
                return Task.CompletedTask;
            },
            cancellationToken);
        return exitCode is ExitCodes.Done or ExitCodes.Unavailable ? exitCode : ExitCodes.Failed;
    }
}
