namespace L2R.Messaging;

/// <summary>The broker as the relay sees it.</summary>
public interface IEventPublisher
{
    /// <summary>Waits until events can be delivered: connected, with the queues of this service and of those that hear it in place.</summary>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken);

    /// <summary>Hands the event to the broker and completes when the broker has confirmed it.</summary>
    /// <exception cref="UnpublishableEventException">It can never be sent as it is.</exception>
    Task PublishAsync(OutboxEvent outboxEvent, CancellationToken cancellationToken);
}

/// <summary>An event that can never be sent as it is: sending it again would only block those behind it.</summary>
public sealed class UnpublishableEventException(string message, Exception? cause = null) : Exception(message, cause);
