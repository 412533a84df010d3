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
    public async Task HandleOnceAsync(
        IConsumer consumer, string eventId, string tenant, Func<NpgsqlTransaction, Task<bool>> effect, CancellationToken cancellationToken) =>
        await HandleAsync<bool>(
            NameOf(consumer), tenant, [new Delivery<bool>(Guid.Parse(eventId), [])], (transaction, _, _) => effect(transaction), cancellationToken);

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
        CancellationToken cancellationToken)
    {
        var groups = (GroupCommit<Delivery<TRow>, bool>)_groups.GetOrAdd(NameOf(consumer), name => new GroupCommit<Delivery<TRow>, bool>(
            GroupsAtOnce,
            LargestGroup,
            async (owner, group) =>
            {
                await HandleAsync(name, owner, group, effect, CancellationToken.None);
                return new bool[group.Count];
            },
            weight: delivery => delivery.Rows.Count));
        return groups.StoreAsync(tenant, new Delivery<TRow>(Guid.Parse(eventId), rows), cancellationToken);
    }

    async Task HandleAsync<TRow>(
        string consumer,
        string tenant,
        IReadOnlyList<Delivery<TRow>> deliveries,
        Func<NpgsqlTransaction, string, IReadOnlyList<TRow>, Task<bool>> effect,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var claimed = await ClaimAsync(transaction, consumer, tenant, [.. deliveries.Select(delivery => delivery.EventId)], cancellationToken);
        // Each once, also where it was delivered twice meanwhile.
        var unhandled = deliveries.Where(delivery => claimed.Remove(delivery.EventId)).ToList();
        if (unhandled.Count == 0)
        {
            return; // all were handled before
        }
        var tells = await effect(transaction, tenant, unhandled is [var alone] ? alone.Rows : [.. unhandled.SelectMany(delivery => delivery.Rows)]);
        await transaction.CommitAsync(cancellationToken);
        if (tells)
        {
            signal.Ring();
        }
    }

    /// <returns>Those that nobody handled before.</returns>
    static async Task<HashSet<Guid>> ClaimAsync(
        NpgsqlTransaction transaction, string consumer, string tenant, Guid[] messageIds, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.SetTenant(tenant);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ClaimSql)
        {
            Parameters = { new NpgsqlParameter<Guid[]>("message_ids", messageIds), new NpgsqlParameter<string>("consumer", consumer) },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var claimed = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add(reader.GetGuid(0));
        }
        return claimed;
    }

    static string NameOf(IConsumer consumer) => consumer.GetType().Name;

    sealed record Delivery<TRow>(Guid EventId, IReadOnlyList<TRow> Rows);
}
