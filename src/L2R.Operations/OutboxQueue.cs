using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using L2R.Messaging;
using L2R.Operations.V1;
using Npgsql;

namespace L2R.Operations;

/// <summary>The events that wait to be sent, and those that cannot be.</summary>
sealed class OutboxQueue(NpgsqlDataSource dataSource, Listener listener, TypeRegistry eventTypes, OutboxSignal signal)
{
    const string CountSql = """
        SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM outbox_dead),
            (SELECT extract(epoch FROM clock_timestamp() - create_time)::float8 FROM outbox ORDER BY sequence LIMIT 1)
        """;

    const string ListSql = """
        SELECT event_id, event_type, routing_key, payload, error, bury_time
        FROM outbox_dead
        ORDER BY bury_time, sequence
        LIMIT $1
        """;

    const string ReplaySql = """
        WITH replayed AS (
            DELETE FROM outbox_dead
            WHERE $1::uuid IS NULL OR event_id = $1
            RETURNING event_id, event_type, routing_key, payload, trace_parent, create_time
        )
        INSERT INTO outbox (event_id, event_type, routing_key, payload, trace_parent, create_time)
        SELECT event_id, event_type, routing_key, payload, trace_parent, create_time FROM replayed
        """;

    public static string NameOf(Listener listener) => $"{listener.Name}.outbox";

    public async Task<Queue> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(CountSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Queue
        {
            Name = NameOf(listener),
            WaitingCount = reader.GetInt64(0),
            FailedCount = reader.GetInt64(1),
            OldestAge = reader.IsDBNull(2) ? null : Duration.FromTimeSpan(TimeSpan.FromSeconds(reader.GetDouble(2))),
        };
    }

    public async Task<IReadOnlyList<FailedMessage>> ListFailedAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ListSql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var messages = new List<FailedMessage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (type, routingKey) = (reader.GetString(1), reader.GetString(2));
            messages.Add(new FailedMessage
            {
                MessageId = reader.GetGuid(0).ToString("D"),
                EventType = type,
                Tenant = routingKey[(routingKey.IndexOf('.', StringComparison.Ordinal) + 1)..],
                Cause = reader.GetString(4),
                FailTime = reader.GetFieldValue<DateTimeOffset>(5).ToTimestamp(),
                EventJson = ToJson(type, reader.GetFieldValue<byte[]>(3)),
            });
        }
        return messages;
    }

    /// <param name="messageId">Null for all.</param>
    /// <returns>How many will be sent again.</returns>
    public async Task<long> ReplayAsync(Guid? messageId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReplaySql);
        command.Parameters.Add(new NpgsqlParameter<Guid?>() { TypedValue = messageId });
        var count = await command.ExecuteNonQueryAsync(cancellationToken);
        signal.Ring();
        return count;
    }

    string ToJson(string type, byte[] payload)
    {
        try
        {
            return eventTypes.Find(type) is { } descriptor ? JsonFormatter.Default.Format(descriptor.Parser.ParseFrom(payload)) : "";
        }
        catch (InvalidProtocolBufferException)
        {
            return ""; // that may be why it could not be sent
        }
    }
}
