using L2R.Ledger.Domain;
using L2R.Scoring.Domain;
using Npgsql;

namespace L2R.Scoring.Storage;

/// <summary>What is known of a lead.</summary>
/// <param name="Version">1 or more; 0 when nothing is known yet.</param>
sealed record LeadKnowledge(Guid LeadId, long Version, LeadAttributes Attributes);

/// <summary>A touch of engagement.</summary>
sealed record HeardTouch(Guid LeadId, Guid JourneyId, Guid TouchpointId, string Kind, DateTimeOffset OccurTime);

/// <summary>Where a service moved a journey.</summary>
/// <param name="Motion">Empty when the row does not say.</param>
sealed record HeardMove(Guid LeadId, JourneyPosition Position, string Motion);

/// <summary>Takes in what others say of leads, and has their journeys scored by it.</summary>
/// <remarks>
/// Each of these locks the leads first, in the order of their ids. So whichever of a lead's attributes, its LEAD row and its
/// touches comes last finds the others, on whichever replica they were handled; and a journey qualifies once.
/// </remarks>
static class JourneyStore
{
    // A row that is no newer is locked all the same.
    const string LockSql = """
        INSERT INTO leads (tenant_id, lead_id, version, channel, source, campaign, segment, region_code, industry, employee_count, job_level, product)
        SELECT @tenant, given.*
        FROM unnest(@lead_ids, @versions, @channels, @sources, @campaigns, @segments, @region_codes, @industries, @employee_counts, @job_levels, @products)
            AS given (lead_id, version, channel, source, campaign, segment, region_code, industry, employee_count, job_level, product)
        ORDER BY lead_id
        ON CONFLICT (tenant_id, lead_id) DO UPDATE
        SET version = EXCLUDED.version, channel = EXCLUDED.channel, source = EXCLUDED.source, campaign = EXCLUDED.campaign,
            segment = EXCLUDED.segment, region_code = EXCLUDED.region_code, industry = EXCLUDED.industry,
            employee_count = EXCLUDED.employee_count, job_level = EXCLUDED.job_level, product = EXCLUDED.product
        WHERE leads.version < EXCLUDED.version
        """;

    const string TouchSql = """
        INSERT INTO touches (tenant_id, journey_id, touchpoint_id, kind, occur_time)
        VALUES (@tenant, @journey_id, @touchpoint_id, @kind, @occur_time)
        ON CONFLICT DO NOTHING
        """;

    const string FindJourneysSql = """
        SELECT journey_id, stage, stage_time, stage_seq, imported
        FROM journeys
        WHERE tenant_id = @tenant AND journey_id = ANY(@journey_ids)
        """;

    const string HearSql = """
        INSERT INTO journeys (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq, motion, imported, create_time)
        SELECT @tenant, heard.*, false, @now
        FROM unnest(@journey_ids, @lead_ids, @stages, @stage_times, @stage_seqs, @motions)
            AS heard (journey_id, lead_id, stage, stage_time, stage_seq, motion)
        ON CONFLICT (tenant_id, journey_id) DO UPDATE
        SET stage = EXCLUDED.stage, stage_time = EXCLUDED.stage_time, stage_seq = EXCLUDED.stage_seq,
            motion = coalesce(nullif(EXCLUDED.motion, ''), journeys.motion)
        """;

    /// <summary>Takes in what is known of leads; an older version than the known one changes nothing.</summary>
    /// <returns>Whether there is anything to send; so of the others here.</returns>
    public static async Task<bool> HearLeadsAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<LeadKnowledge> leads, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var locked = await LockAsync(transaction, tenant, leads, cancellationToken);
        return await JourneyScores.ScoreAsync(transaction, tenant, locked, now, cancellationToken);
    }

    /// <summary>Takes in a touch of engagement.</summary>
    public static async Task<bool> HearTouchAsync(
        NpgsqlTransaction transaction, string tenant, HeardTouch touch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var locked = await LockAsync(transaction, tenant, [Unknown(touch.LeadId)], cancellationToken);
        await using (var command = new NpgsqlCommand(TouchSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("journey_id", touch.JourneyId),
                new NpgsqlParameter<Guid>("touchpoint_id", touch.TouchpointId),
                new NpgsqlParameter<string>("kind", touch.Kind),
                new NpgsqlParameter<DateTimeOffset>("occur_time", touch.OccurTime),
            },
        })
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        return await JourneyScores.ScoreAsync(transaction, tenant, locked, now, cancellationToken);
    }

    /// <summary>Takes in where services moved journeys. Old news changes nothing.</summary>
    public static async Task<bool> HearMovesAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardMove> moves, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await LockAsync(transaction, tenant, [.. moves.Select(move => Unknown(move.LeadId))], cancellationToken);
        var known = await FindAsync(transaction, tenant, moves, cancellationToken);
        var news = new Dictionary<Guid, HeardMove>();
        foreach (var heard in moves)
        {
            var journeyId = heard.Position.JourneyId;
            var before = news.GetValueOrDefault(journeyId);
            if (Journeys.Hear(before?.Position ?? known.GetValueOrDefault(journeyId), heard.Position) is { } position)
            {
                news[journeyId] = heard with { Position = position, Motion = heard.Motion.Length > 0 ? heard.Motion : before?.Motion ?? "" };
            }
        }
        if (news.Count == 0)
        {
            return false;
        }
        await WriteAsync(transaction, tenant, [.. news.Values], now, cancellationToken);
        return await JourneyScores.ScoreAsync(transaction, tenant, [.. news.Values.Select(move => move.LeadId).Distinct()], now, cancellationToken);
    }

    static LeadKnowledge Unknown(Guid leadId) => new(leadId, Version: 0, new());

    /// <returns>The leads, each once.</returns>
    static async Task<Guid[]> LockAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<LeadKnowledge> leads, CancellationToken cancellationToken)
    {
        // One statement may not touch a lead twice.
        var newest = leads.GroupBy(lead => lead.LeadId).Select(same => same.MaxBy(lead => lead.Version)!).ToList();
        Guid[] leadIds = [.. newest.Select(lead => lead.LeadId)];
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("lead_ids", leadIds),
                new NpgsqlParameter<long[]>("versions", [.. newest.Select(lead => lead.Version)]),
                Column("channels", lead => lead.Channel),
                Column("sources", lead => lead.Source),
                Column("campaigns", lead => lead.Campaign),
                Column("segments", lead => lead.Segment),
                Column("region_codes", lead => lead.RegionCode),
                Column("industries", lead => lead.Industry),
                Column("employee_counts", lead => lead.EmployeeCount),
                Column("job_levels", lead => lead.JobLevel),
                Column("products", lead => lead.Product),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return leadIds;

        NpgsqlParameter<T[]> Column<T>(string name, Func<LeadAttributes, T> value) => new(name, [.. newest.Select(lead => value(lead.Attributes))]);
    }

    static async Task<Dictionary<Guid, JourneyPosition>> FindAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardMove> moves, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindJourneysSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. moves.Select(move => move.Position.JourneyId)]),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new Dictionary<Guid, JourneyPosition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetGuid(0), ReadPosition(reader));
        }
        return known;
    }

    static async Task WriteAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardMove> moves, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HearSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("now", now),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. moves.Select(move => move.Position.JourneyId)]),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. moves.Select(move => move.LeadId)]),
                new NpgsqlParameter<short[]>("stages", [.. moves.Select(move => (short)move.Position.Stage)]),
                new NpgsqlParameter<DateTimeOffset[]>("stage_times", [.. moves.Select(move => move.Position.OccurTime)]),
                new NpgsqlParameter<long[]>("stage_seqs", [.. moves.Select(move => move.Position.SourceSeq)]),
                new NpgsqlParameter<string[]>("motions", [.. moves.Select(move => move.Motion)]),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Reads the columns journey_id, stage, stage_time, stage_seq, imported, from the first on.</summary>
    public static JourneyPosition ReadPosition(NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), (Stage)reader.GetInt16(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3), reader.GetBoolean(4));
}
