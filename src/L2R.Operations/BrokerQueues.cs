using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using L2R.Operations.V1;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace L2R.Operations;

/// <summary>The service's queues on the broker, and the error queue beside each: <c>{queue}_error</c>.</summary>
/// <remarks>Each call opens a connection of its own: an operator asks now and then, and what is taken and not settled goes back with it.</remarks>
sealed class BrokerQueues(IConfiguration configuration)
{
    const ushort QueueNotFound = 404;

    /// <summary>Headers that the bus adds to a message when it gives up on it.</summary>
    const string FaultHeaders = "MT-Fault-";

    /// <returns>Of each queue, in the same order.</returns>
    public Task<IReadOnlyList<Queue>> CountAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        ConnectedAsync<IReadOnlyList<Queue>>(
            async connection =>
            {
                var queues = new List<Queue>();
                foreach (var name in names)
                {
                    var waiting = await FindAsync(connection, name, cancellationToken);
                    var failed = await FindAsync(connection, ErrorQueue(name), cancellationToken);
                    queues.Add(new Queue
                    {
                        Name = name,
                        WaitingCount = waiting?.MessageCount ?? 0,
                        ConsumerCount = (int)(waiting?.ConsumerCount ?? 0),
                        FailedCount = failed?.MessageCount ?? 0,
                    });
                }
                return queues;
            },
            cancellationToken);

    /// <returns>Oldest first.</returns>
    public Task<IReadOnlyList<FailedMessage>> ListFailedAsync(string name, int limit, CancellationToken cancellationToken) =>
        ConnectedAsync<IReadOnlyList<FailedMessage>>(
            async connection =>
            {
                var messages = new List<FailedMessage>();
                if (await FindAsync(connection, ErrorQueue(name), cancellationToken) is null)
                {
                    return messages;
                }
                // Nothing is settled: closing the channel puts all of them back where they were.
                await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                while (messages.Count < limit && await channel.BasicGetAsync(ErrorQueue(name), autoAck: false, cancellationToken) is { } message)
                {
                    messages.Add(Describe(message));
                }
                return messages;
            },
            cancellationToken);

    /// <param name="messageId">Empty for all.</param>
    /// <returns>How many went back to the queue.</returns>
    public Task<long> ReplayAsync(string name, string messageId, CancellationToken cancellationToken) => ConnectedAsync(
        async connection =>
        {
            if (await FindAsync(connection, ErrorQueue(name), cancellationToken) is not { } failed)
            {
                return 0L;
            }
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
            var replayed = 0L;
            // As many as there were: one that fails again at once is not taken twice.
            for (var seen = 0; seen < failed.MessageCount; seen++)
            {
                if (await channel.BasicGetAsync(ErrorQueue(name), autoAck: false, cancellationToken) is not { } message)
                {
                    break;
                }
                if (messageId.Length > 0 && Describe(message).MessageId != messageId)
                {
                    continue; // goes back when the channel closes
                }
                // Straight to the queue that it failed in: the others have handled it. Confirmed first, so a crash leaves it twice, never lost.
                await channel.BasicPublishAsync("", name, mandatory: true, WithoutFault(message.BasicProperties), message.Body, cancellationToken);
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
                replayed++;
            }
            return replayed;
        },
        cancellationToken);

    async Task<T> ConnectedAsync<T>(Func<IConnection, Task<T>> act, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = new Uri(configuration.GetConnectionString("rabbitmq")!), AutomaticRecoveryEnabled = false };
        await using var connection = await factory.CreateConnectionAsync("l2r operations", cancellationToken);
        return await act(connection);
    }

    /// <returns>Null when the broker has no such queue: the bus makes an error queue with the first failure.</returns>
    static async Task<QueueDeclareOk?> FindAsync(IConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await channel.QueueDeclarePassiveAsync(name, cancellationToken);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == QueueNotFound)
        {
            return null;
        }
    }

    static string ErrorQueue(string name) => $"{name}_error";

    static FailedMessage Describe(BasicGetResult message)
    {
        var described = new FailedMessage
        {
            MessageId = message.BasicProperties.MessageId ?? "",
            Cause = Header("MT-Fault-ExceptionType") is { Length: > 0 } type ? $"{type}: {Header("MT-Fault-Message")}" : "",
            FailTime = DateTimeOffset.TryParse(Header("MT-Fault-Timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.ToTimestamp()
                : null,
        };
        try
        {
            using var envelope = JsonDocument.Parse(message.Body);
            var body = envelope.RootElement.GetProperty("message");
            described.EventJson = body.GetRawText();
            described.MessageId = Text(body, "eventId") is { Length: > 0 } eventId ? eventId : described.MessageId;
            described.Tenant = Text(body, "tenant");
            // Such as urn:message:L2R.Ledger.V1:StagesChanged.
            var urn = envelope.RootElement.GetProperty("messageType")[0].GetString() ?? "";
            described.EventType = EventTypeOf(urn);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            described.EventJson = ""; // not an envelope of the bus: what failed may be just that
        }
        return described;

        string Header(string name) => message.BasicProperties.Headers?.TryGetValue(name, out var value) == true
            ? value switch { byte[] bytes => Encoding.UTF8.GetString(bytes), var other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? "" }
            : "";
    }

    static string EventTypeOf(string urn)
    {
        var parts = urn.Split(':');
        return parts.Length == 4 ? $"{parts[2].ToLowerInvariant()}.{parts[3]}" : urn;
    }

    static string Text(JsonElement body, string property) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    static BasicProperties WithoutFault(IReadOnlyBasicProperties properties) => new(properties)
    {
        Headers = properties.Headers?.Where(header => !header.Key.StartsWith(FaultHeaders, StringComparison.Ordinal)).ToDictionary(),
    };
}
