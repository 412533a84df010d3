using System.CommandLine;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Stack;
using L2R.Operations.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r queues</c>: what flows between the services, and what failed.</summary>
static class QueuesCommand
{
    const int Width = 100;

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var failed = new Option<bool>("--failed") { Description = "List the messages that failed for good, oldest first, with their cause" };
        var json = new Option<bool>("--json") { Description = "Print the services' answers, as JSON, one a line" };
        var operators = new Operators();
        var command = new Command("queues", "Show what waits in each queue, how far behind it is, and what failed") { failed, json };
        operators.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(failed))
            {
                var lists = await operators.AskAsync(parsed, checkout, ListAsync, cancellationToken);
                PrintFailed([.. lists.SelectMany(list => list)], parsed.GetValue(json), terminal);
                return ExitCodes.Done;
            }
            var flows = await operators.AskAsync(parsed, checkout, (service, options) => service.GetFlowAsync(new(), options).ResponseAsync, cancellationToken);
            if (parsed.GetValue(json))
            {
                PrintJson(flows, terminal);
            }
            else
            {
                PrintFlows(flows, terminal);
            }
            return ExitCodes.Done;
        });
        return command;
    }

    static async Task<IReadOnlyList<(string Queue, FailedMessage Message)>> ListAsync(
        OperationsService.OperationsServiceClient service, Grpc.Core.CallOptions options)
    {
        List<(string, FailedMessage)> messages = [];
        foreach (var queue in (await service.GetFlowAsync(new(), options)).Queues.Where(queue => queue.FailedCount > 0))
        {
            var list = await service.ListFailedMessagesAsync(new() { Queue = queue.Name }, options);
            messages.AddRange(list.Messages.Select(message => (queue.Name, message)));
        }
        return messages;
    }

    static void PrintFlows(IReadOnlyList<Flow> flows, Terminal terminal)
    {
        terminal.Table(
            ["queue", "waiting", "failed", "replicas", "behind", "problem"],
            flows.SelectMany(flow => flow.Queues).Select(queue => new[]
            {
                queue.Name,
                Count(queue.WaitingCount),
                Count(queue.FailedCount),
                queue.Name.EndsWith(".outbox", StringComparison.Ordinal) ? "" : Count(queue.ConsumerCount),
                Seconds(queue.OldestAge ?? queue.Lag),
                queue.Problem,
            }));
        if (flows.SelectMany(flow => flow.Queues).Any(queue => queue.FailedCount > 0))
        {
            terminal.Line("./l2r queues --failed shows what failed and why; ./l2r replay QUEUE --all tries it again.");
        }
    }

    static void PrintFailed(IReadOnlyList<(string Queue, FailedMessage Message)> failed, bool json, Terminal terminal)
    {
        if (json)
        {
            PrintJson(failed.Select(each => each.Message), terminal);
        }
        else if (failed.Count == 0)
        {
            terminal.Line("Nothing failed.");
        }
        else
        {
            terminal.Table(
                ["queue", "message", "tenant", "failed at", "cause"],
                failed.Select(each => new[]
                {
                    each.Queue,
                    each.Message.MessageId,
                    each.Message.Tenant,
                    each.Message.FailTime?.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
                    each.Message.Cause.Length > Width ? each.Message.Cause[..Width] + "…" : each.Message.Cause,
                }));
        }
    }

    static void PrintJson(IEnumerable<IMessage> messages, Terminal terminal)
    {
        foreach (var message in messages)
        {
            terminal.Line(JsonFormatter.Default.Format(message));
        }
    }

    static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    static string Seconds(Duration? duration) =>
        duration is null ? "" : duration.ToTimeSpan().TotalSeconds.ToString("0.000 s", CultureInfo.InvariantCulture);
}
