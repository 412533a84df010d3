using System.CommandLine;
using System.Text.Json;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary><c>l2r status</c>: what runs in this checkout.</summary>
static class StatusCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON: up, ready, failed, pid, resources" };
        var command = new Command("status", "Say what runs in this checkout; exit code 0 when the whole stack is ready, else 1") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json), new StackFolder(checkout.RunFolder), terminal));
        return command;
    }

    static int Run(bool json, StackFolder folder, Terminal terminal)
    {
        var state = folder.FindRunning();
        if (json)
        {
            var status = new StackStatus(state is not null, state?.Ready ?? false, state?.Failed, state?.Pid, state?.Resources ?? []);
            terminal.Line(JsonSerializer.Serialize(status, StackJson.Default.StackStatus));
        }
        else if (state is null)
        {
            terminal.Line(StackStart.Find(folder) is { } start ? $"The stack is not up yet: {start}." : "The stack is not up; ./l2r up starts it.");
        }
        else
        {
            terminal.Line(state.Failed ?? (state.Ready ? "The stack is up and ready." : "The stack is not ready (yet)."));
            if (state.Dashboard is { } dashboard)
            {
                terminal.Line($"Dashboard: {dashboard}");
            }
            StackTables.Resources(state, terminal);
        }

        return state is { Ready: true } ? ExitCodes.Done : ExitCodes.Failed;
    }
}
