using System.Diagnostics;
using Google.Protobuf;

namespace L2R.Messaging;

/// <summary>An event as the outbox keeps it: serialised, with its address on the bus.</summary>
/// <param name="EventId">Becomes the message id, by which consumers drop repeats.</param>
/// <param name="EventType">The full proto name, which is also the name of the exchange: <c>l2r.ledger.v1.StagesChanged</c>.</param>
/// <param name="RoutingKey"><c>live.{tenant}</c> or <c>import.{tenant}</c>, and for most events a word more, which its proto describes.</param>
/// <param name="Payload">The protobuf bytes.</param>
/// <param name="TraceParent">W3C trace context of the command that caused it; null outside a trace.</param>
public sealed record OutboxEvent(Guid EventId, string EventType, string RoutingKey, byte[] Payload, string? TraceParent)
{
    /// <summary>An event of something that happens now: others may act on it.</summary>
    /// <param name="word">The last of the routing key, by which queues leave out what their consumer ignores; null: none.</param>
    public static OutboxEvent Live(Guid eventId, string tenant, IMessage message, string? word = null) => Create(eventId, Key("live", tenant, word), message);

    /// <summary>An event that tells history: it is recorded, and nobody acts on it.</summary>
    /// <param name="word">As in <see cref="Live"/>.</param>
    public static OutboxEvent Import(Guid eventId, string tenant, IMessage message, string? word = null) => Create(eventId, Key("import", tenant, word), message);

    static string Key(string first, string tenant, string? word) => word is null ? $"{first}.{tenant}" : $"{first}.{tenant}.{word}";

    static OutboxEvent Create(Guid eventId, string routingKey, IMessage message) =>
        new(eventId, message.Descriptor.FullName, routingKey, message.ToByteArray(), Activity.Current?.Id);
}
