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
/// Each of these locks the leads first, in the order of their ids. So whichever of a lead's attributes, its journey's moves and
/// its touches comes last finds the others, on whichever replica they were handled; and a journey qualifies once.
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
        SELECT @tenant, given.*
        FROM unnest(@journey_ids, @touchpoint_ids, @kinds, @occur_times) AS given (journey_id, touchpoint_id, kind, occur_time)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Takes in what is known of leads, and the moves that came with it; an older version than the known one changes nothing.</summary>
    /// <returns>Whether there is anything to send; so of the others here.</returns>
    public static async Task<bool> HearLeadsAsync(
        NpgsqlTransaction transaction,
        string tenant,
        IReadOnlyList<LeadKnowledge> leads,
        IReadOnlyList<HeardMove> moves,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var leadIds = await LockAsync(transaction, tenant, leads, [], cancellationToken);
        var journeys = await LeadJourneys.LoadAsync(transaction, tenant, leadIds, [.. moves.Select(move => move.Position.JourneyId)], cancellationToken);
        journeys.Hear(moves);
        return await journeys.ScoreAsync(transaction, tenant, now, cancellationToken);
    }

    /// <summary>Takes in touches of engagement.</summary>
    public static async Task<bool> HearTouchesAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardTouch> touches, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var leadIds = await LockAsync(transaction, tenant, [.. touches.Select(touch => Unknown(touch.LeadId))], touches, cancellationToken);
        var journeys = await LeadJourneys.LoadAsync(transaction, tenant, leadIds, [], cancellationToken);
        return await journeys.ScoreAsync(transaction, tenant, now, cancellationToken);
    }

    /// <summary>Takes in where services moved journeys. Old news changes nothing.</summary>
    public static async Task<bool> HearMovesAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardMove> moves, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var leadIds = await LockAsync(transaction, tenant, [.. moves.Select(move => Unknown(move.LeadId))], [], cancellationToken);
        var journeys = await LeadJourneys.LoadAsync(transaction, tenant, leadIds, [.. moves.Select(move => move.Position.JourneyId)], cancellationToken);
        return journeys.Hear(moves) && await journeys.ScoreAsync(transaction, tenant, now, cancellationToken);
    }

    static LeadKnowledge Unknown(Guid leadId) => new(leadId, Version: 0, new());

    /// <returns>The leads, each once.</returns>
    static async Task<Guid[]> LockAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<LeadKnowledge> leads, IReadOnlyList<HeardTouch> touches, CancellationToken cancellationToken)
    {
        // One statement may not touch a lead twice.
        var newest = leads.GroupBy(lead => lead.LeadId).Select(same => same.MaxBy(lead => lead.Version)!).ToList();
        Guid[] leadIds = [.. newest.Select(lead => lead.LeadId)];
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockSql)
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
        });
        if (touches.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(TouchSql)
            {
                Parameters =
                {
                    new NpgsqlParameter<string>("tenant", tenant),
                    new NpgsqlParameter<Guid[]>("journey_ids", [.. touches.Select(touch => touch.JourneyId)]),
                    new NpgsqlParameter<Guid[]>("touchpoint_ids", [.. touches.Select(touch => touch.TouchpointId)]),
                    new NpgsqlParameter<string[]>("kinds", [.. touches.Select(touch => touch.Kind)]),
                    new NpgsqlParameter<DateTimeOffset[]>("occur_times", [.. touches.Select(touch => touch.OccurTime)]),
                },
            });
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return leadIds;

        NpgsqlParameter<T[]> Column<T>(string name, Func<LeadAttributes, T> value) => new(name, [.. newest.Select(lead => value(lead.Attributes))]);
    }
}
