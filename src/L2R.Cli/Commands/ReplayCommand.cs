using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Operations.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r replay</c>: tries failed messages again.</summary>
static class ReplayCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var queue = new Argument<string>("queue") { Description = "A queue or outbox, as ./l2r queues names it: metrics.StagesChanged" };
        var message = new Option<string>("--message") { Description = "This message alone, by its id" };
        var all = new Option<bool>("--all") { Description = "All that failed in the queue" };
        var operators = new Operators();
        var command = new Command("replay", "Put messages that failed for good back where they failed; handling one twice changes nothing") { queue, message, all };
        operators.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == result.GetValue(message) is not null)
            {
                result.AddError("replay takes either --message ID or --all");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(queue);
            var counts = await operators.AskAsync(
                parsed,
                checkout,
                async (service, options) =>
                {
                    var flow = await service.GetFlowAsync(new(), options);
                    return flow.Queues.Any(own => own.Name == name) ? await ReplayAsync(service, name, parsed.GetValue(message) ?? "", options) : (long?)null;
                },
                cancellationToken);
            if (counts.All(count => count is null))
            {
                throw new CommandFailedException($"No service has a queue '{name}'; ./l2r queues lists them.", ExitCodes.Usage);
            }
            var replayed = counts.Sum() ?? 0;
            terminal.Line(replayed == 0
                ? $"Nothing had failed in {name}."
                : $"{replayed.ToString("N0", CultureInfo.InvariantCulture)} {(replayed == 1 ? "message" : "messages")} put back; ./l2r queues shows whether it fails again.");
            return ExitCodes.Done;
        });
        return command;
    }

    static async Task<long> ReplayAsync(OperationsService.OperationsServiceClient service, string queue, string messageId, CallOptions options)
    {
        try
        {
            return (await service.ReplayFailedMessagesAsync(new() { Queue = queue, MessageId = messageId }, options)).ReplayedCount;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            throw new CommandFailedException(
                $"No message '{messageId}' has failed in {queue}: ./l2r queues --failed lists those that have. One that was put back is no longer there.");
        }
    }
}
