namespace L2R.Messaging.Tests;

/// <summary>A broker that keeps what it is handed, and fails when told to.</summary>
sealed class RecordingBroker : IEventPublisher
{
    readonly List<OutboxEvent> _sent = [];

    /// <summary>The connection breaks after the broker took the events.</summary>
    public bool FailAfterSending { get; set; }

    /// <summary>Events of this type can never be sent.</summary>
    public string? Unpublishable { get; set; }

    /// <summary>It does not answer.</summary>
    public bool Away { get; set; }

    public IReadOnlyList<OutboxEvent> Sent => _sent;

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => Away ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask;

    public Task PublishAsync(OutboxEvent outboxEvent, CancellationToken cancellationToken)
    {
        if (outboxEvent.EventType == Unpublishable)
        {
            throw new UnpublishableEventException($"{Unpublishable} is not among this service's events.");
        }
        lock (_sent)
        {
            _sent.Add(outboxEvent);
        }
        return FailAfterSending ? Task.FromException(new InvalidOperationException("The connection broke.")) : Task.CompletedTask;
    }
}
