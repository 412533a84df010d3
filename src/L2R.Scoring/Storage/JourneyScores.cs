using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Messaging;
using Npgsql;

namespace L2R.Scoring.Storage;

/// <summary>Scores the open journeys of leads that the transaction has locked.</summary>
static class JourneyScores
{
    const string FindScorableSql = """
        SELECT j.journey_id, j.stage, j.stage_time, j.stage_seq, j.imported, j.motion, j.qualify_time, t.kinds, t.counts,
            l.channel, l.source, l.campaign, l.segment, l.region_code, l.industry, l.employee_count, l.job_level, l.product, l.lead_id
        FROM leads l
        JOIN journeys j USING (tenant_id, lead_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(kind), '{}') AS kinds, coalesce(array_agg(touch_count), '{}') AS counts
            FROM (SELECT kind, count(*)::int AS touch_count
                  FROM touches
                  WHERE tenant_id = j.tenant_id AND journey_id = j.journey_id
                  GROUP BY kind) AS by_kind
        ) AS t
        WHERE l.tenant_id = @tenant AND l.lead_id = ANY(@lead_ids) AND l.version > 0
        ORDER BY l.lead_id, j.journey_id
        """;

    const string WriteSql = """
        WITH given AS (
            SELECT *
            FROM unnest(@contribution_journey_ids, @rules, @positions, @rule_points, @matched) AS given (journey_id, rule, position, points, matched)
        ), gone AS (
            DELETE FROM contributions
            WHERE tenant_id = @tenant AND policy_version = @policy_version AND journey_id = ANY(@journey_ids)
                AND (journey_id, rule) NOT IN (SELECT journey_id, rule FROM given)
        ), kept AS (
            INSERT INTO contributions (tenant_id, journey_id, policy_version, rule, position, points, matched)
            SELECT @tenant, journey_id, @policy_version, rule, position, points, matched
            FROM given
            ON CONFLICT (tenant_id, journey_id, policy_version, rule) DO UPDATE
            SET position = EXCLUDED.position, points = EXCLUDED.points, matched = EXCLUDED.matched
        )
        UPDATE journeys
        SET policy_version = @policy_version, threshold = @threshold, points = scored.points, score_time = @now,
            stage = scored.stage, stage_time = scored.stage_time, stage_seq = scored.stage_seq, qualify_time = scored.qualify_time
        FROM unnest(@journey_ids, @points, @stages, @stage_times, @stage_seqs, @qualify_times)
            AS scored (journey_id, points, stage, stage_time, stage_seq, qualify_time)
        WHERE journeys.tenant_id = @tenant AND journeys.journey_id = scored.journey_id
        """;

    /// <summary>Scores the journeys that are open, once the attributes of their lead are known, and tells of those that became an MQL.</summary>
    /// <returns>Whether there is anything to send.</returns>
    public static async Task<bool> ScoreAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] leadIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var scorable = await FindScorableAsync(transaction, tenant, leadIds, cancellationToken);
        if (scorable.Count == 0)
        {
            return false;
        }
        var policy = await PolicyStore.ActiveAsync(transaction, tenant, now, cancellationToken);
        var scored = scorable.Select(each =>
        {
            var card = ScoreCard.Of(policy.Rules, each.Lead, each.Touches);
            return new Scored(each, card, Journeys.Qualify(each.Journey, card.Points, policy.Rules.Threshold, now));
        }).ToList();
        await WriteAsync(transaction, tenant, policy, scored, now, cancellationToken);
        var qualified = scored.Where(each => each.Move is not null).ToList();
        if (qualified.Count == 0)
        {
            return false;
        }
        await OutboxWriter.AddAsync(transaction, [ScoringEvents.Qualified(tenant, qualified, policy.Version, now)], cancellationToken);
        return true;
    }

    static async Task<IReadOnlyList<Scorable>> FindScorableAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] leadIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindScorableSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("lead_ids", leadIds) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Scorable> scorable = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var journey = new Journey(JourneyStore.ReadPosition(reader), reader.GetString(5), reader.GetFieldValue<DateTimeOffset?>(6));
            if (!journey.IsOpen)
            {
                continue;
            }
            var touches = reader.GetFieldValue<string[]>(7).Zip(reader.GetFieldValue<int[]>(8)).ToDictionary(touch => touch.First, touch => touch.Second);
            scorable.Add(new(reader.GetGuid(18), journey, ReadLead(reader), touches));
        }
        return scorable;
    }

    static async Task WriteAsync(
        NpgsqlTransaction transaction, string tenant, ScoringPolicy policy, IReadOnlyList<Scored> scored, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var given = scored
            .SelectMany(each => each.Card.Contributions.Select((contribution, index) => (each.Position.JourneyId, Position: (short)(index + 1), contribution)))
            .ToList();
        await using var command = new NpgsqlCommand(WriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<int>("policy_version", policy.Version),
                new NpgsqlParameter<int>("threshold", policy.Rules.Threshold),
                new NpgsqlParameter<DateTimeOffset>("now", now),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. scored.Select(each => each.Position.JourneyId)]),
                new NpgsqlParameter<int[]>("points", [.. scored.Select(each => each.Card.Points)]),
                new NpgsqlParameter<short[]>("stages", [.. scored.Select(each => (short)(each.Move?.To ?? each.Position.Stage))]),
                new NpgsqlParameter<DateTimeOffset[]>("stage_times", [.. scored.Select(each => each.Move?.OccurTime ?? each.Position.OccurTime)]),
                new NpgsqlParameter<long[]>("stage_seqs", [.. scored.Select(each => each.Move?.SourceSeq ?? each.Position.SourceSeq)]),
                new NpgsqlParameter<DateTimeOffset?[]>("qualify_times", [.. scored.Select(each => each.Move?.OccurTime)]),
                new NpgsqlParameter<Guid[]>("contribution_journey_ids", [.. given.Select(each => each.JourneyId)]),
                new NpgsqlParameter<string[]>("rules", [.. given.Select(each => each.contribution.Rule)]),
                new NpgsqlParameter<short[]>("positions", [.. given.Select(each => each.Position)]),
                new NpgsqlParameter<int[]>("rule_points", [.. given.Select(each => each.contribution.Points)]),
                new NpgsqlParameter<string[]>("matched", [.. given.Select(each => each.contribution.Matched)]),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static LeadAttributes ReadLead(NpgsqlDataReader reader) => new()
    {
        Channel = reader.GetString(9),
        Source = reader.GetString(10),
        Campaign = reader.GetString(11),
        Segment = reader.GetString(12),
        RegionCode = reader.GetString(13),
        Industry = reader.GetString(14),
        EmployeeCount = reader.GetInt32(15),
        JobLevel = reader.GetString(16),
        Product = reader.GetString(17),
    };
}

/// <summary>An open journey with all that its score is made of.</summary>
/// <param name="Touches">By kind, how many.</param>
sealed record Scorable(Guid LeadId, Journey Journey, LeadAttributes Lead, IReadOnlyDictionary<string, int> Touches);

/// <param name="Move">Null while the journey stays where it is.</param>
sealed record Scored(Scorable Of, ScoreCard Card, StageMove? Move)
{
    public JourneyPosition Position => Of.Journey.Position;
}
