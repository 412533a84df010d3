using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Messaging;
using L2R.Operations.V1;
using L2R.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using RabbitMQ.Client.Exceptions;

namespace L2R.Operations;

/// <summary>The gRPC face of what flows in one service.</summary>
[Authorize(Roles = Roles.Operator)]
sealed class OperationsApi(
    Listener listener, OutboxQueue outbox, BrokerQueues broker, ConsumerProgress consumers, IOptions<OperationsOptions> options, RelayProgress relay)
    : OperationsService.OperationsServiceBase
{
    const string ErrorDomain = "operations.l2r";
    const int DefaultLimit = 100;
    const int LargestLimit = 1000;

    public override async Task<Flow> GetFlow(GetFlowRequest request, ServerCallContext context)
    {
        var stuckAfter = options.Value.StuckAfter;
        var own = await outbox.CountAsync(context.CancellationToken);
        own.Problem = own.WaitingCount > 0 ? relay.Problem(stuckAfter) ?? "" : "";
        var queues = await AskBrokerAsync(() => broker.CountAsync(listener.Queues, context.CancellationToken));
        foreach (var queue in queues)
        {
            queue.Lag = consumers.LagOf(queue.Name) is { } lag ? Duration.FromTimeSpan(lag) : null;
            queue.Problem = consumers.ProblemOf(queue.Name, stuckAfter)
                ?? (queue is { WaitingCount: > 0, ConsumerCount: 0 } ? "no replica takes from it" : "");
        }
        return new Flow { Service = listener.Name, Queues = { own, queues.OrderBy(queue => queue.Name, StringComparer.Ordinal) } };
    }

    public override async Task<ListFailedMessagesResponse> ListFailedMessages(ListFailedMessagesRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        if (request.Limit is < 0 or > LargestLimit)
        {
            problems.Add(new("limit", $"must be 0 to {LargestLimit}"));
        }
        problems.ThrowIfAny(ErrorDomain);
        var limit = request.Limit == 0 ? DefaultLimit : request.Limit;
        var isOutbox = IsOutbox(request.Queue);
        return new ListFailedMessagesResponse
        {
            Messages =
            {
                isOutbox
                    ? await outbox.ListFailedAsync(limit, context.CancellationToken)
                    : await AskBrokerAsync(() => broker.ListFailedAsync(request.Queue, limit, context.CancellationToken)),
            },
        };
    }

    public override async Task<ReplayFailedMessagesResponse> ReplayFailedMessages(ReplayFailedMessagesRequest request, ServerCallContext context)
    {
        var problems = RequiredFields.FindMissing(request);
        Guid? messageId = null;
        if (request.MessageId.Length > 0)
        {
            messageId = Guid.TryParseExact(request.MessageId, "D", out var parsed) ? parsed : null;
            if (messageId is null)
            {
                problems.Add(new("message_id", "must be a UUID such as 3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f"));
            }
        }
        problems.ThrowIfAny(ErrorDomain);
        var count = IsOutbox(request.Queue)
            ? await outbox.ReplayAsync(messageId, context.CancellationToken)
            : await AskBrokerAsync(() => broker.ReplayAsync(request.Queue, messageId?.ToString("D") ?? "", context.CancellationToken));
        return count == 0 && messageId is not null
            ? throw ApiErrors.NotFound(ErrorDomain, "MESSAGE_NOT_FOUND", request.MessageId)
            : new ReplayFailedMessagesResponse { ReplayedCount = count };
    }

    /// <exception cref="RpcException">NOT_FOUND: the service has no such queue.</exception>
    bool IsOutbox(string queue) => queue == OutboxQueue.NameOf(listener)
        || (listener.Queues.Contains(queue) ? false : throw ApiErrors.NotFound(ErrorDomain, "QUEUE_NOT_FOUND", queue));

    static async Task<T> AskBrokerAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or PublishException)
        {
            throw ApiErrors.Create(StatusCode.Unavailable, ErrorDomain, "BROKER_UNAVAILABLE",
                "The broker is not answering; try again.", new Rpc.RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        }
    }
}
