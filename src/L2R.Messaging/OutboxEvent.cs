using System.Diagnostics;
using Google.Protobuf;

namespace L2R.Messaging;

/// <summary>An event as the outbox keeps it: serialised, with its address on the bus.</summary>
/// <param name="EventId">Becomes the message id, by which consumers drop repeats.</param>
/// <param name="EventType">The full proto name, which is also the name of the exchange: <c>l2r.ledger.v1.StagesChanged</c>.</param>
/// <param name="RoutingKey"><c>live.{tenant}</c> or <c>import.{tenant}</c>.</param>
/// <param name="Payload">The protobuf bytes.</param>
/// <param name="TraceParent">W3C trace context of the command that caused it; null outside a trace.</param>
public sealed record OutboxEvent(Guid EventId, string EventType, string RoutingKey, byte[] Payload, string? TraceParent)
{
    /// <summary>An event of something that happens now: others may act on it.</summary>
    public static OutboxEvent Live(Guid eventId, string tenant, IMessage message) => Create(eventId, $"live.{tenant}", message);

    /// <summary>An event that tells history: it is recorded, and nobody acts on it.</summary>
    public static OutboxEvent Import(Guid eventId, string tenant, IMessage message) => Create(eventId, $"import.{tenant}", message);

    static OutboxEvent Create(Guid eventId, string routingKey, IMessage message) =>
        new(eventId, message.Descriptor.FullName, routingKey, message.ToByteArray(), Activity.Current?.Id);
}
