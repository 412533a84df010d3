using L2R.Ledger.Domain;
using L2R.Opportunity.Domain;
using Npgsql;

namespace L2R.Opportunity.Storage;

/// <summary>All SQL on live journeys, in the caller's transaction.</summary>
static class JourneyRows
{
    const string Given = """
        SELECT *
        FROM unnest(@journey_ids, @lead_ids, @stages, @stage_times, @stage_seqs, @exit_froms)
            AS given (journey_id, lead_id, stage, stage_time, stage_seq, exit_from)
        """;

    // Insert first: of two that hear of a new journey at once, the second waits here, and then finds it.
    const string InsertSql = $"""
        INSERT INTO journeys (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq, exit_from)
        SELECT @tenant, given.* FROM ({Given}) AS given
        ORDER BY journey_id
        ON CONFLICT DO NOTHING
        """;

    const string LockSql = """
        SELECT journey_id, lead_id, stage, stage_time, stage_seq, exit_from
        FROM journeys
        WHERE tenant_id = @tenant AND journey_id = ANY(@journey_ids)
        ORDER BY journey_id
        FOR UPDATE
        """;

    const string UpdateSql = $"""
        UPDATE journeys
        SET lead_id = given.lead_id, stage = given.stage, stage_time = given.stage_time, stage_seq = given.stage_seq,
            exit_from = given.exit_from
        FROM ({Given}) AS given
        WHERE journeys.tenant_id = @tenant AND journeys.journey_id = given.journey_id
        """;

    /// <summary>Reads a journey that nobody else moves until the transaction ends.</summary>
    /// <returns>Null when nothing was heard of it yet.</returns>
    public static async Task<JourneyPosition?> LockAsync(NpgsqlTransaction transaction, string tenant, Guid journeyId, CancellationToken cancellationToken) =>
        (await LockAsync(transaction, tenant, [journeyId], cancellationToken)).GetValueOrDefault(journeyId);

    /// <summary>Writes a journey that was read with <see cref="LockAsync(NpgsqlTransaction, string, Guid, CancellationToken)"/>.</summary>
    public static Task WriteAsync(NpgsqlTransaction transaction, string tenant, JourneyPosition journey, CancellationToken cancellationToken) =>
        ExecuteAsync(UpdateSql, transaction, tenant, [journey], cancellationToken);

    /// <summary>Takes in where other services moved journeys. Old news changes nothing.</summary>
    public static async Task HearAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyList<JourneyPosition> heard, CancellationToken cancellationToken)
    {
        // ON CONFLICT takes the first row of a journey that comes twice; the loop below takes in the others.
        if (await ExecuteAsync(InsertSql, transaction, tenant, heard, cancellationToken) == heard.Count)
        {
            return; // all are new
        }
        var known = await LockAsync(transaction, tenant, [.. heard.Select(position => position.JourneyId)], cancellationToken);
        var news = new Dictionary<Guid, JourneyPosition>();
        foreach (var position in heard)
        {
            if (Deals.Hear(news.GetValueOrDefault(position.JourneyId) ?? known[position.JourneyId], position) is { } later)
            {
                news[position.JourneyId] = later;
            }
        }
        if (news.Count > 0)
        {
            await ExecuteAsync(UpdateSql, transaction, tenant, [.. news.Values], cancellationToken);
        }
    }

    static async Task<Dictionary<Guid, JourneyPosition>> LockAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] journeyIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("journey_ids", journeyIds) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var journeys = new Dictionary<Guid, JourneyPosition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            journeys.Add(reader.GetGuid(0), new JourneyPosition(
                reader.GetGuid(0), reader.GetGuid(1), (Stage)reader.GetInt16(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(4))
            {
                ExitFrom = reader.IsDBNull(5) ? null : (Stage)reader.GetInt16(5),
            });
        }
        return journeys;
    }

    static async Task<int> ExecuteAsync(
        string sql, NpgsqlTransaction transaction, string tenant, IReadOnlyList<JourneyPosition> journeys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. journeys.Select(journey => journey.JourneyId)]),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. journeys.Select(journey => journey.LeadId)]),
                new NpgsqlParameter<short[]>("stages", [.. journeys.Select(journey => (short)journey.Stage)]),
                new NpgsqlParameter<DateTimeOffset[]>("stage_times", [.. journeys.Select(journey => journey.OccurTime)]),
                new NpgsqlParameter<long[]>("stage_seqs", [.. journeys.Select(journey => journey.SourceSeq)]),
                new NpgsqlParameter<short?[]>("exit_froms", [.. journeys.Select(journey => (short?)journey.ExitFrom)]),
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
