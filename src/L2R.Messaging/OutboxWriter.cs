using Npgsql;
using NpgsqlTypes;

namespace L2R.Messaging;

/// <summary>Writes events beside the state change that caused them, in the caller's transaction.</summary>
/// <remarks>
/// Committing is publishing: <see cref="OutboxRelay"/> delivers what was committed, at least once.
/// An event written in a transaction that rolls back is never seen by anyone.
/// After the commit call <see cref="OutboxSignal.Ring"/>, so that the relay needn't wait for its next look.
/// </remarks>
public static class OutboxWriter
{
    const string InsertSql = """
        INSERT INTO outbox (event_id, event_type, routing_key, payload, trace_parent)
        SELECT * FROM unnest(@event_ids, @event_types, @routing_keys, @payloads, @trace_parents)
        """;

    /// <summary>Adds the events to the transaction, in their order, in one statement.</summary>
    public static async Task AddAsync(
        NpgsqlTransaction transaction, IReadOnlyCollection<OutboxEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return;
        }
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { Add(events) } };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The statement that adds the events, for a batch that stores their cause in the same round trip.</summary>
    public static NpgsqlBatchCommand Add(IReadOnlyCollection<OutboxEvent> events) => new(InsertSql)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid[]>("event_ids", [.. events.Select(e => e.EventId)]),
            new NpgsqlParameter<string[]>("event_types", [.. events.Select(e => e.EventType)]),
            new NpgsqlParameter<string[]>("routing_keys", [.. events.Select(e => e.RoutingKey)]),
            new NpgsqlParameter<byte[][]>("payloads", [.. events.Select(e => e.Payload)]),
            new NpgsqlParameter<string?[]>("trace_parents", NpgsqlDbType.Array | NpgsqlDbType.Text)
            {
                TypedValue = [.. events.Select(e => e.TraceParent)],
            },
        },
    };
}
