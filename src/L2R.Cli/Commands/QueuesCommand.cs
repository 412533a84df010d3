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
        var failed = new Option<bool>("--failed") { Description = "List the messages that failed for good, with their cause: of each queue the oldest 100" };
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

    static async Task<IReadOnlyList<FailedOf>> ListAsync(OperationsService.OperationsServiceClient service, Grpc.Core.CallOptions options)
    {
        List<FailedOf> lists = [];
        foreach (var queue in (await service.GetFlowAsync(new(), options)).Queues.Where(queue => queue.FailedCount > 0))
        {
            var list = await service.ListFailedMessagesAsync(new() { Queue = queue.Name }, options);
            lists.Add(new(queue.Name, list.Messages, queue.FailedCount - list.Messages.Count));
        }
        return lists;
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

    static void PrintFailed(IReadOnlyList<FailedOf> lists, bool json, Terminal terminal)
    {
        if (json)
        {
            PrintJson(lists.SelectMany(list => list.Messages), terminal);
            return;
        }
        if (lists.Count == 0)
        {
            terminal.Line("Nothing failed.");
            return;
        }
        terminal.Table(
            ["queue", "message", "tenant", "failed at", "cause"],
            from list in lists
            from message in list.Messages
            select new[]
            {
                list.Queue,
                message.MessageId,
                message.Tenant,
                message.FailTime?.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
                Short(message.Cause),
            });
        foreach (var list in lists.Where(list => list.More > 0))
        {
            terminal.Line($"{list.Queue} has {Count(list.More)} more, younger ones; ./l2r replay {list.Queue} --all tries them too.");
        }
    }

    /// <summary>In one line of the table.</summary>
    static string Short(string cause)
    {
        var line = string.Join(' ', cause.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > Width ? line[..Width] + "…" : line;
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

    /// <param name="More">How many failed in the queue beside these, at the time of asking.</param>
    sealed record FailedOf(string Queue, IReadOnlyList<FailedMessage> Messages, long More);
}
