using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using MassTransit;

namespace L2R.Messaging;

/// <summary>Watches every message of this replica: how far its queues are behind, and what is being tried without success.</summary>
public sealed class ConsumerProgress(MessagingMetrics metrics, TimeProvider clock) : IReceiveObserver, IConsumeObserver
{
    readonly ConcurrentDictionary<ReceiveContext, long> _inHand = new(ReferenceEqualityComparer.Instance);
    readonly ConcurrentDictionary<string, TimeSpan> _lags = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string> _errors = new(StringComparer.Ordinal);

    /// <summary>From the storing of the last handled event to its effect here; null when none was handled yet.</summary>
    public TimeSpan? LagOf(string queue) => _lags.TryGetValue(queue, out var lag) ? lag : null;

    /// <summary>Says what keeps a queue from moving; null while nothing is tried for longer than that.</summary>
    public string? ProblemOf(string queue, TimeSpan stuckAfter)
    {
        var oldest = _inHand.Where(each => QueueOf(each.Key) == queue).Select(each => clock.GetElapsedTime(each.Value)).DefaultIfEmpty().Max();
        return oldest < stuckAfter
            ? null
            : $"a message is being tried for {oldest.TotalSeconds:0} s"
                + (_errors.TryGetValue(queue, out var error) ? $"; the last try ended with {error}" : "");
    }

    Task IReceiveObserver.PreReceive(ReceiveContext context)
    {
        _inHand[context] = clock.GetTimestamp();
        return Task.CompletedTask;
    }

    Task IReceiveObserver.PostReceive(ReceiveContext context) => Done(context);

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception) => Done(context);

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    Task IConsumeObserver.PreConsume<T>(ConsumeContext<T> context) => Task.CompletedTask;

    Task IConsumeObserver.PostConsume<T>(ConsumeContext<T> context)
    {
        if (context.Message is IMessage message
            && message.Descriptor.FindFieldByName("event_time")?.Accessor.GetValue(message) is Timestamp stored)
        {
            var (queue, lag) = (QueueOf(context.ReceiveContext), clock.GetUtcNow() - stored.ToDateTimeOffset());
            _lags[queue] = lag;
            metrics.Consumed(queue, lag);
        }
        return Task.CompletedTask;
    }

    Task IConsumeObserver.ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
    {
        _errors[QueueOf(context.ReceiveContext)] = $"{exception.GetType().Name}: {exception.Message}";
        return Task.CompletedTask;
    }

    Task Done(ReceiveContext context)
    {
        _inHand.TryRemove(context, out _);
        return Task.CompletedTask;
    }

    static string QueueOf(ReceiveContext context) => Uri.UnescapeDataString(context.InputAddress.Segments[^1]);
}
