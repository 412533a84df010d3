using L2R.Handoff.Domain;
using L2R.Handoff.Messaging;
using L2R.Handoff.V1;
using L2R.Messaging;
using Npgsql;

namespace L2R.Handoff.Storage;

/// <summary>Gives what waits in the queue to the active reps, in turn.</summary>
/// <remarks>
/// Whoever assigns holds the tenant's cursor until the commit: two replicas never give the same turn, and a rep who becomes
/// active while an MQL comes in misses neither. Take it before any journey, or two transactions may wait for each other.
/// </remarks>
static class Routing
{
    const string LockSql = """
        INSERT INTO routing_cursors (tenant_id, turn_count)
        VALUES (@tenant, 0)
        ON CONFLICT (tenant_id) DO UPDATE SET turn_count = routing_cursors.turn_count
        RETURNING last_rep_id
        """;

    const string ActiveSql = "SELECT rep_id, team FROM reps WHERE tenant_id = @tenant AND active ORDER BY rep_id";

    const string WaitingSql = $"""
        SELECT {HandoffRows.Columns}
        {HandoffRows.From}
        WHERE h.tenant_id = @tenant AND h.stage = 1 AND h.rep_id IS NULL AND NOT h.imported
        ORDER BY h.queue_time, h.journey_id
        FOR UPDATE OF h
        """;

    const string AssignSql = """
        WITH cursor AS (
            UPDATE routing_cursors
            SET last_rep_id = @last, turn_count = turn_count + cardinality(@journey_ids)
            WHERE tenant_id = @tenant
        )
        UPDATE handoffs h
        SET rep_id = turn.rep_id, assign_time = @now, version = h.version + 1
        FROM unnest(@journey_ids, @rep_ids) AS turn (journey_id, rep_id)
        WHERE h.tenant_id = @tenant AND h.journey_id = turn.journey_id
        """;

    /// <summary>Holds the tenant's cursor until the transaction ends.</summary>
    /// <returns>Whose turn was last; null before the first.</returns>
    public static async Task<Guid?> LockAsync(NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant) },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    /// <summary>Assigns everything that waits, oldest first. Without active reps it goes on waiting.</summary>
    /// <param name="last">From <see cref="LockAsync"/> in the same transaction.</param>
    /// <returns>What the others are to be told.</returns>
    public static async Task<IReadOnlyCollection<OutboxEvent>> AssignWaitingAsync(
        NpgsqlTransaction transaction, string tenant, Guid? last, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var active = await ReadAsync(transaction, ActiveSql, tenant, reader => new Assignee(reader.GetGuid(0), reader.GetString(1)), cancellationToken);
        if (active.Count == 0)
        {
            return [];
        }
        var waiting = await ReadAsync(transaction, WaitingSql, tenant, HandoffRows.Read, cancellationToken);
        if (waiting.Count == 0)
        {
            return [];
        }
        var turns = RoundRobin.Deal(active, last, waiting.Count);
        await using var command = new NpgsqlCommand(AssignSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("last", turns[^1].RepId),
                new NpgsqlParameter<DateTimeOffset>("now", now),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. waiting.Select(journey => journey.JourneyId)]),
                new NpgsqlParameter<Guid[]>("rep_ids", [.. turns.Select(turn => turn.RepId)]),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return
        [
            .. waiting
                .Zip(turns, (journey, owner) => new Assignment(
                    journey with { Owner = owner, AssignTime = now, Version = journey.Version + 1 }, Before: null, AssignmentCause.RoundRobin))
                .Chunk(500)
                .Select(assignments => HandoffEvents.Assigned(tenant, assignments, now)),
        ];
    }

    static async Task<IReadOnlyList<T>> ReadAsync<T>(
        NpgsqlTransaction transaction, string sql, string tenant, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }
        return rows;
    }
}
