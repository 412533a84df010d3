using System.Text.Json;
using System.Threading.Channels;
using Google.Protobuf;
using L2R.Ledger.V1;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Example;

/// <summary>What happens to the journeys of a tenant, from now on.</summary>
sealed class StageEvents : IAsyncDisposable
{
    // New fields may come: ignore them.
    static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    readonly IConnection _connection;
    readonly Channel<StageChanged> _changes = Channel.CreateUnbounded<StageChanged>();
    readonly HashSet<string> _handled = [];

    StageEvents(IConnection connection) => _connection = connection;

    public static async Task<StageEvents> ListenAsync(string address, string tenant, CancellationToken cancelled)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(address) }.CreateConnectionAsync(cancelled);
        var events = new StageEvents(connection);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancelled);

        // A queue for this run alone, gone with the connection. One that has to outlive it is durable and has a name: docs/events.md.
        var queue = (await channel.QueueDeclareAsync(exclusive: true, cancellationToken: cancelled)).QueueName;
        await channel.QueueBindAsync(queue, "l2r.ledger.v1.StagesChanged", $"live.{tenant}.#", cancellationToken: cancelled);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            events.Take(delivery.Body);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false); // after the work: else a crash would lose it
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancelled);
        return events;
    }

    /// <summary>The next change of a lead.</summary>
    public async Task<StageChanged> WaitForAsync(string lead, CancellationToken cancelled) =>
        await _changes.Reader.ReadAllAsync(cancelled).FirstAsync(change => change.Lead == lead, cancelled);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    void Take(ReadOnlyMemory<byte> body)
    {
        using var envelope = JsonDocument.Parse(body);
        var changed = Json.Parse<StagesChanged>(envelope.RootElement.GetProperty("message").GetRawText());
        if (!_handled.Add(changed.EventId))
        {
            return; // an event may come twice
        }
        foreach (var change in changed.Changes)
        {
            _changes.Writer.TryWrite(change);
        }
    }
}
