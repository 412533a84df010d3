using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using MassTransit;

namespace L2R.Messaging;

/// <summary>Publishes outbox events on the bus under the id that they were stored with.</summary>
/// <param name="eventTypes">Every event that this service may publish.</param>
sealed class BusPublisher(IBusControl bus, TypeRegistry eventTypes, Audience audience) : IEventPublisher
{
    internal const string ActivitySourceName = "L2R.Messaging";

    static readonly ActivitySource Activities = new(ActivitySourceName);

    volatile bool _declared;

    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        if (bus.CheckHealth().Status != BusHealthStatus.Healthy)
        {
            _declared = false; // it may be another broker that comes back
            await bus.WaitForHealthStatus(BusHealthStatus.Healthy, cancellationToken);
        }
        if (!_declared)
        {
            await audience.DeclareAsync(cancellationToken);
            _declared = true;
        }
    }

    public async Task PublishAsync(OutboxEvent outboxEvent, CancellationToken cancellationToken)
    {
        var descriptor = eventTypes.Find(outboxEvent.EventType)
            ?? throw new UnpublishableEventException($"{outboxEvent.EventType} is not among this service's events.");
        IMessage message;
        try
        {
            message = descriptor.Parser.ParseFrom(outboxEvent.Payload);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new UnpublishableEventException($"The payload is not a {outboxEvent.EventType}.", exception);
        }

        // The trace of the command goes on, though the relay runs long after it.
        using var activity = outboxEvent.TraceParent is { } parent
            ? Activities.StartActivity($"relay {descriptor.Name}", ActivityKind.Internal, parent)
            : null;
        await bus.Publish(
            message,
            descriptor.ClrType,
            Pipe.Execute<PublishContext>(context =>
            {
                context.MessageId = outboxEvent.EventId;
                context.SetRoutingKey(outboxEvent.RoutingKey);
            }),
            cancellationToken);
    }
}
