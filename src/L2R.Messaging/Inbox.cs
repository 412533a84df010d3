using System.Collections.Concurrent;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Messaging;

/// <summary>Makes a consumer's effect happen once, however often its message is delivered.</summary>
/// <remarks>
/// Two deliveries at once: the second waits for the first to commit, and does nothing, or to roll back, and takes its place. So
/// there is no window in which both go on. What the effect throws goes to the endpoint, which tries again and at last moves the
/// message to the error queue: a consumer that catches it acknowledges a message whose effect was never stored.
/// </remarks>
public sealed class Inbox(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    // As many rows as an event may hold: what is told of them fits into one again.
    const int LargestGroup = 500;

    // While one waits for the disk another goes on; more would be smaller groups.
    const int GroupsAtOnce = 2;

    const string ClaimSql = """
        INSERT INTO inbox (message_id, consumer)
        SELECT message_id, @consumer
        FROM unnest(@message_ids) AS claimed (message_id)
        ORDER BY message_id
        ON CONFLICT DO NOTHING
        RETURNING message_id
        """;

    readonly ConcurrentDictionary<string, object> _groups = new(StringComparer.Ordinal);

    /// <summary>Runs the effect in a transaction of the tenant that also remembers the message, unless it was handled before.</summary>
    /// <param name="eventId">The event's own id, a UUID.</param>
    /// <param name="effect">What the message changes; true when it wrote events, which are then sent at once.</param>
    public Task HandleOnceAsync(
        IConsumer consumer, string eventId, string tenant, Func<NpgsqlTransaction, Task<bool>> effect, CancellationToken cancellationToken) =>
        StoreAsync(consumer, eventId, tenant, [effect], (transaction, _, effects) => effects[0](transaction), _ => LargestGroup, cancellationToken);

    /// <summary>The same, together with the messages that came while others were being stored: in one transaction, as far as they are the tenant's.</summary>
    /// <remarks>
    /// A lone message waits for nobody. The more there is to do the less each costs, so a consumer that is behind catches up. Of messages
    /// that fail together each is tried alone.
    /// </remarks>
    /// <param name="rows">All that the effect needs of the message.</param>
    /// <param name="effect">What the rows of one or more messages of the tenant change; that of one message may serve others.</param>
    public Task HandleTogetherAsync<TRow>(
        IConsumer consumer,
        string eventId,
        string tenant,
        IReadOnlyList<TRow> rows,
        Func<NpgsqlTransaction, string, IReadOnlyList<TRow>, Task<bool>> effect,
        CancellationToken cancellationToken) =>
        StoreAsync(consumer, eventId, tenant, rows, effect, delivery => delivery.Rows.Count, cancellationToken);

    Task<bool> StoreAsync<TRow>(
        IConsumer consumer,
        string eventId,
        string tenant,
        IReadOnlyList<TRow> rows,
        Func<NpgsqlTransaction, string, IReadOnlyList<TRow>, Task<bool>> effect,
        Func<Delivery<TRow>, int> weight,
        CancellationToken cancellationToken)
    {
        var groups = (GroupCommit<Delivery<TRow>, bool>)_groups.GetOrAdd(consumer.GetType().Name, name => new GroupCommit<Delivery<TRow>, bool>(
            GroupsAtOnce,
            LargestGroup,
            async (owner, group) =>
            {
                await HandleAsync(name, owner, group, effect);
                return new bool[group.Count];
            },
            weight: weight));
        return groups.StoreAsync(tenant, new Delivery<TRow>(Guid.Parse(eventId), rows), cancellationToken);
    }

    async Task HandleAsync<TRow>(
        string consumer,
        string tenant,
        IReadOnlyList<Delivery<TRow>> deliveries,
        Func<NpgsqlTransaction, string, IReadOnlyList<TRow>, Task<bool>> effect)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var claimed = await ClaimAsync(transaction, consumer, tenant, [.. deliveries.Select(delivery => delivery.EventId)]);
        // Each once, also where it was delivered twice meanwhile.
        var unhandled = deliveries.Where(delivery => claimed.Remove(delivery.EventId)).ToList();
        if (unhandled.Count == 0)
        {
            return; // all were handled before
        }
        var tells = await effect(transaction, tenant, unhandled is [var alone] ? alone.Rows : [.. unhandled.SelectMany(delivery => delivery.Rows)]);
        await transaction.CommitAsync();
        if (tells)
        {
            signal.Ring();
        }
    }

    /// <returns>Those that nobody handled before.</returns>
    static async Task<HashSet<Guid>> ClaimAsync(NpgsqlTransaction transaction, string consumer, string tenant, Guid[] messageIds)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.SetTenant(tenant);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ClaimSql)
        {
            Parameters = { new NpgsqlParameter<Guid[]>("message_ids", messageIds), new NpgsqlParameter<string>("consumer", consumer) },
        });
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        var claimed = new HashSet<Guid>();
        while (await reader.ReadAsync())
        {
            claimed.Add(reader.GetGuid(0));
        }
        return claimed;
    }

    sealed record Delivery<TRow>(Guid EventId, IReadOnlyList<TRow> Rows);
}
