using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Messaging;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Scoring.Storage;

/// <summary>The journeys of leads that the transaction has locked: read, moved and scored in memory, written once.</summary>
sealed class LeadJourneys
{
    const string LeadsSql = """
        SELECT lead_id, channel, source, campaign, segment, region_code, industry, employee_count, job_level, product
        FROM leads
        WHERE tenant_id = @tenant AND lead_id = ANY(@lead_ids) AND version > 0
        """;

    const string JourneysSql = """
        SELECT journey_id, stage, stage_time, stage_seq, imported, motion, qualify_time, lead_id
        FROM journeys
        WHERE tenant_id = @tenant AND lead_id = ANY(@lead_ids)
        """;

    // Touches may come before the journey itself. An array, not IN or a join: either would make PostgreSQL read all touches.
    const string TouchesSql = """
        SELECT journey_id, kind, count(*)::int
        FROM touches
        WHERE tenant_id = @tenant AND journey_id = ANY(@heard_journey_ids || ARRAY(
            SELECT journey_id
            FROM journeys
            WHERE tenant_id = @tenant AND lead_id = ANY(@lead_ids) AND qualify_time IS NULL))
        GROUP BY journey_id, kind
        """;

    const string ForgetSql = "DELETE FROM contributions WHERE tenant_id = @tenant AND policy_version = @policy_version AND journey_id = ANY(@scored_before_ids)";

    // Null is what this writing says nothing of. Contributions are new: most journeys had none, and an upsert costs twice as much.
    const string WriteSql = """
        WITH given AS (
            INSERT INTO contributions (tenant_id, journey_id, policy_version, rule, position, points, matched)
            SELECT @tenant, journey_id, @policy_version, rule, position, points, matched
            FROM unnest(@contribution_journey_ids, @rules, @positions, @rule_points, @matched) AS given (journey_id, rule, position, points, matched)
        )
        INSERT INTO journeys (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq, motion, points, qualify_time,
            imported, create_time, policy_version, threshold, score_time)
        SELECT @tenant, written.*, false, @now,
            CASE WHEN points IS NOT NULL THEN @policy_version END, CASE WHEN points IS NOT NULL THEN @threshold END, CASE WHEN points IS NOT NULL THEN @now END
        FROM unnest(@journey_ids, @lead_ids, @stages, @stage_times, @stage_seqs, @motions, @points, @qualify_times)
            AS written (journey_id, lead_id, stage, stage_time, stage_seq, motion, points, qualify_time)
        ON CONFLICT (tenant_id, journey_id) DO UPDATE
        SET stage = EXCLUDED.stage, stage_time = EXCLUDED.stage_time, stage_seq = EXCLUDED.stage_seq, motion = EXCLUDED.motion,
            points = coalesce(EXCLUDED.points, journeys.points),
            policy_version = coalesce(EXCLUDED.policy_version, journeys.policy_version),
            threshold = coalesce(EXCLUDED.threshold, journeys.threshold),
            score_time = coalesce(EXCLUDED.score_time, journeys.score_time),
            qualify_time = coalesce(EXCLUDED.qualify_time, journeys.qualify_time)
        """;

    readonly Dictionary<Guid, LeadAttributes> _leads = [];
    readonly Dictionary<Guid, (Guid LeadId, Journey Journey)> _journeys = [];
    readonly Dictionary<Guid, Dictionary<string, int>> _touches = [];
    readonly HashSet<Guid> _stored = [];
    readonly HashSet<Guid> _moved = [];

    LeadJourneys() { }

    /// <param name="leadIds">Locked, each once.</param>
    /// <param name="heardJourneyIds">Of journeys that may be new here.</param>
    public static async Task<LeadJourneys> LoadAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] leadIds, Guid[] heardJourneyIds, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var sql in (string[])[LeadsSql, JourneysSql, TouchesSql])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql)
            {
                Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("lead_ids", leadIds) },
            });
        }
        batch.BatchCommands[2].Parameters.Add(new NpgsqlParameter<Guid[]>("heard_journey_ids", heardJourneyIds));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var loaded = new LeadJourneys();
        while (await reader.ReadAsync(cancellationToken))
        {
            loaded._leads.Add(reader.GetGuid(0), ReadLead(reader));
        }
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            loaded._stored.Add(reader.GetGuid(0));
            loaded._journeys.Add(reader.GetGuid(0), (reader.GetGuid(7), ReadJourney(reader)));
        }
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!loaded._touches.TryGetValue(reader.GetGuid(0), out var kinds))
            {
                loaded._touches.Add(reader.GetGuid(0), kinds = []);
            }
            kinds.Add(reader.GetString(1), reader.GetInt32(2));
        }
        return loaded;
    }

    /// <summary>Takes in where services moved the journeys.</summary>
    /// <returns>Whether any of it is news.</returns>
    public bool Hear(IReadOnlyList<HeardMove> moves)
    {
        foreach (var (leadId, heard, motion) in moves)
        {
            var known = _journeys.GetValueOrDefault(heard.JourneyId).Journey;
            if (Journeys.Hear(known?.Position, heard) is { } position)
            {
                _journeys[heard.JourneyId] = (leadId, new Journey(position, motion.Length > 0 ? motion : known?.Motion ?? "", known?.QualifyTime));
                _moved.Add(heard.JourneyId);
            }
        }
        return _moved.Count > 0;
    }

    /// <summary>Scores the journeys that are open, once the attributes of their lead are known; writes them and the moved ones; tells of those that became an MQL.</summary>
    /// <returns>Whether there is anything to send.</returns>
    public async Task<bool> ScoreAsync(NpgsqlTransaction transaction, string tenant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var scorable = _journeys
            .Where(each => each.Value.Journey.IsOpen && _leads.ContainsKey(each.Value.LeadId))
            .Select(each => new Scorable(
                each.Value.LeadId, each.Value.Journey, _leads[each.Value.LeadId], _touches.GetValueOrDefault(each.Key) ?? []))
            .OrderBy(each => each.Journey.Position.JourneyId)
            .ToList();
        if (scorable.Count == 0 && _moved.Count == 0)
        {
            return false;
        }
        var policy = scorable.Count == 0 ? null : await PolicyStore.ActiveAsync(transaction, tenant, now, cancellationToken);
        List<Scored> scored = policy is null ? [] : [.. scorable.Select(each => Score(each, policy, now))];
        var qualified = scored.Where(each => each.Move is not null).ToList();
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        if (scored.Select(each => each.JourneyId).Where(_stored.Contains).ToArray() is { Length: > 0 } before)
        {
            batch.BatchCommands.Add(Forget(tenant, policy!, before));
        }
        batch.BatchCommands.Add(Write(tenant, policy, scored, now));
        if (qualified.Count > 0)
        {
            batch.BatchCommands.Add(OutboxWriter.Add([ScoringEvents.Qualified(tenant, qualified, policy!.Version, now)]));
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return qualified.Count > 0;
    }

    static Scored Score(Scorable journey, ScoringPolicy policy, DateTimeOffset now)
    {
        var card = ScoreCard.Of(policy.Rules, journey.Lead, journey.Touches);
        return new Scored(journey, card, Journeys.Qualify(journey.Journey, card.Points, policy.Rules.Threshold, now));
    }

    static NpgsqlBatchCommand Forget(string tenant, ScoringPolicy policy, Guid[] scoredBefore) => new(ForgetSql)
    {
        Parameters =
        {
            new NpgsqlParameter<string>("tenant", tenant),
            new NpgsqlParameter<int>("policy_version", policy.Version),
            new NpgsqlParameter<Guid[]>("scored_before_ids", scoredBefore),
        },
    };

    /// <param name="policy">Null when nothing was scored.</param>
    NpgsqlBatchCommand Write(string tenant, ScoringPolicy? policy, IReadOnlyList<Scored> scored, DateTimeOffset now)
    {
        var scores = scored.ToDictionary(each => each.JourneyId);
        var written = scores.Keys.Union(_moved).Order().Select(id => (Id: id, _journeys[id].LeadId, _journeys[id].Journey, Score: scores.GetValueOrDefault(id))).ToList();
        var given = scored
            .SelectMany(each => each.Card.Contributions.Select((contribution, index) => (each.JourneyId, Position: (short)(index + 1), contribution)))
            .ToList();
        return new NpgsqlBatchCommand(WriteSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<int>("policy_version", policy?.Version ?? 0),
                new NpgsqlParameter<int>("threshold", policy?.Rules.Threshold ?? 0),
                new NpgsqlParameter<DateTimeOffset>("now", now),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. written.Select(each => each.Id)]),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. written.Select(each => each.LeadId)]),
                new NpgsqlParameter<short[]>("stages", [.. written.Select(each => (short)(each.Score?.Move?.To ?? each.Journey.Position.Stage))]),
                new NpgsqlParameter<DateTimeOffset[]>("stage_times", [.. written.Select(each => each.Score?.Move?.OccurTime ?? each.Journey.Position.OccurTime)]),
                new NpgsqlParameter<long[]>("stage_seqs", [.. written.Select(each => each.Score?.Move?.SourceSeq ?? each.Journey.Position.SourceSeq)]),
                new NpgsqlParameter<string[]>("motions", [.. written.Select(each => each.Journey.Motion)]),
                new NpgsqlParameter<int?[]>("points", NpgsqlDbType.Array | NpgsqlDbType.Integer) { TypedValue = [.. written.Select(each => each.Score?.Card.Points)] },
                new NpgsqlParameter<DateTimeOffset?[]>("qualify_times", [.. written.Select(each => each.Score?.Move?.OccurTime)]),
                new NpgsqlParameter<Guid[]>("contribution_journey_ids", [.. given.Select(each => each.JourneyId)]),
                new NpgsqlParameter<string[]>("rules", [.. given.Select(each => each.contribution.Rule)]),
                new NpgsqlParameter<short[]>("positions", [.. given.Select(each => each.Position)]),
                new NpgsqlParameter<int[]>("rule_points", [.. given.Select(each => each.contribution.Points)]),
                new NpgsqlParameter<string[]>("matched", [.. given.Select(each => each.contribution.Matched)]),
            },
        };
    }

    static Journey ReadJourney(NpgsqlDataReader reader) => new(
        new JourneyPosition(reader.GetGuid(0), (Stage)reader.GetInt16(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3), reader.GetBoolean(4)),
        reader.GetString(5),
        reader.GetFieldValue<DateTimeOffset?>(6));

    static LeadAttributes ReadLead(NpgsqlDataReader reader) => new()
    {
        Channel = reader.GetString(1),
        Source = reader.GetString(2),
        Campaign = reader.GetString(3),
        Segment = reader.GetString(4),
        RegionCode = reader.GetString(5),
        Industry = reader.GetString(6),
        EmployeeCount = reader.GetInt32(7),
        JobLevel = reader.GetString(8),
        Product = reader.GetString(9),
    };
}

/// <summary>An open journey with all that its score is made of.</summary>
/// <param name="Touches">By kind, how many.</param>
sealed record Scorable(Guid LeadId, Journey Journey, LeadAttributes Lead, IReadOnlyDictionary<string, int> Touches);

/// <param name="Move">Null while the journey stays where it is.</param>
sealed record Scored(Scorable Of, ScoreCard Card, StageMove? Move)
{
    public Guid JourneyId => Of.Journey.Position.JourneyId;
}
