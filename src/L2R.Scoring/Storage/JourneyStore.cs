using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Messaging;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Scoring.Storage;

/// <summary>All SQL that takes in what others say of a lead, and scores its journeys by it.</summary>
/// <remarks>
/// Each of these locks the lead first. So whichever of the lead's attributes, its LEAD row and its touches comes last finds the
/// others, on whichever replica they were handled; and a journey qualifies once.
/// </remarks>
static class JourneyStore
{
    // A row that is no newer is locked all the same.
    const string LockSql = """
        INSERT INTO leads (tenant_id, lead_id, version, channel, source, campaign, segment, region_code, industry, employee_count, job_level, product)
        VALUES (@tenant, @lead_id, @version, @channel, @source, @campaign, @segment, @region_code, @industry, @employee_count, @job_level, @product)
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

    const string FindJourneySql = """
        SELECT journey_id, stage, stage_time, stage_seq, imported
        FROM journeys
        WHERE tenant_id = @tenant AND journey_id = @journey_id
        """;

    const string HearSql = """
        INSERT INTO journeys (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq, motion, imported, create_time)
        VALUES (@tenant, @journey_id, @lead_id, @stage, @stage_time, @stage_seq, @motion, false, @now)
        ON CONFLICT (tenant_id, journey_id) DO UPDATE
        SET stage = EXCLUDED.stage, stage_time = EXCLUDED.stage_time, stage_seq = EXCLUDED.stage_seq,
            motion = coalesce(nullif(EXCLUDED.motion, ''), journeys.motion)
        """;

    const string FindScorableSql = """
        SELECT j.journey_id, j.stage, j.stage_time, j.stage_seq, j.imported, j.motion, j.qualify_time, t.kinds, t.counts,
            l.channel, l.source, l.campaign, l.segment, l.region_code, l.industry, l.employee_count, l.job_level, l.product
        FROM leads l
        JOIN journeys j USING (tenant_id, lead_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(kind), '{}') AS kinds, coalesce(array_agg(touch_count), '{}') AS counts
            FROM (SELECT kind, count(*)::int AS touch_count
                  FROM touches
                  WHERE tenant_id = j.tenant_id AND journey_id = j.journey_id
                  GROUP BY kind) AS by_kind
        ) AS t
        WHERE l.tenant_id = @tenant AND l.lead_id = @lead_id AND l.version > 0
        ORDER BY j.journey_id
        """;

    const string WriteSql = """
        WITH gone AS (
            DELETE FROM contributions
            WHERE tenant_id = @tenant AND journey_id = @journey_id AND policy_version = @policy_version AND rule <> ALL(@rules)
        ), given AS (
            INSERT INTO contributions (tenant_id, journey_id, policy_version, rule, position, points, matched)
            SELECT @tenant, @journey_id, @policy_version, rule, ordinality, rule_points, matched
            FROM unnest(@rules, @rule_points, @matched) WITH ORDINALITY AS given (rule, rule_points, matched, ordinality)
            ON CONFLICT (tenant_id, journey_id, policy_version, rule) DO UPDATE
            SET position = EXCLUDED.position, points = EXCLUDED.points, matched = EXCLUDED.matched
        )
        UPDATE journeys
        SET policy_version = @policy_version, threshold = @threshold, points = @points, score_time = @now,
            stage = @stage, stage_time = @stage_time, stage_seq = @stage_seq, qualify_time = @qualify_time
        WHERE tenant_id = @tenant AND journey_id = @journey_id
        """;

    /// <summary>Takes in what is known of a lead; an older version than the known one changes nothing.</summary>
    /// <param name="version">1 or more.</param>
    public static async Task HearLeadAsync(
        NpgsqlTransaction transaction, string tenant, Guid leadId, long version, LeadAttributes lead, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await LockAsync(transaction, tenant, leadId, version, lead, cancellationToken);
        await ScoreAsync(transaction, tenant, leadId, now, cancellationToken);
    }

    /// <summary>Takes in a touch of engagement.</summary>
    public static async Task HearTouchAsync(
        NpgsqlTransaction transaction, string tenant, Guid leadId, Guid journeyId, Guid touchpointId, string kind, DateTimeOffset occurTime, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await LockAsync(transaction, tenant, leadId, version: 0, new(), cancellationToken);
        await using (var command = new NpgsqlCommand(TouchSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("journey_id", journeyId),
                new NpgsqlParameter<Guid>("touchpoint_id", touchpointId),
                new NpgsqlParameter<string>("kind", kind),
                new NpgsqlParameter<DateTimeOffset>("occur_time", occurTime),
            },
        })
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        await ScoreAsync(transaction, tenant, leadId, now, cancellationToken);
    }

    /// <summary>Takes in where a service moved a journey. Old news changes nothing.</summary>
    /// <param name="motion">Empty when the row does not say.</param>
    public static async Task HearMoveAsync(
        NpgsqlTransaction transaction, string tenant, Guid leadId, JourneyPosition heard, string motion, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await LockAsync(transaction, tenant, leadId, version: 0, new(), cancellationToken);
        if (Journeys.Hear(await FindAsync(transaction, tenant, heard.JourneyId, cancellationToken), heard) is not { } news)
        {
            return;
        }
        await using (var command = new NpgsqlCommand(HearSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("journey_id", news.JourneyId),
                new NpgsqlParameter<Guid>("lead_id", leadId),
                new NpgsqlParameter<short>("stage", (short)news.Stage),
                new NpgsqlParameter<DateTimeOffset>("stage_time", news.OccurTime),
                new NpgsqlParameter<long>("stage_seq", news.SourceSeq),
                new NpgsqlParameter<string>("motion", motion),
                new NpgsqlParameter<DateTimeOffset>("now", now),
            },
        })
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        await ScoreAsync(transaction, tenant, leadId, now, cancellationToken);
    }

    static async Task LockAsync(
        NpgsqlTransaction transaction, string tenant, Guid leadId, long version, LeadAttributes lead, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("lead_id", leadId),
                new NpgsqlParameter<long>("version", version),
                new NpgsqlParameter<string>("channel", lead.Channel),
                new NpgsqlParameter<string>("source", lead.Source),
                new NpgsqlParameter<string>("campaign", lead.Campaign),
                new NpgsqlParameter<string>("segment", lead.Segment),
                new NpgsqlParameter<string>("region_code", lead.RegionCode),
                new NpgsqlParameter<string>("industry", lead.Industry),
                new NpgsqlParameter<int>("employee_count", lead.EmployeeCount),
                new NpgsqlParameter<string>("job_level", lead.JobLevel),
                new NpgsqlParameter<string>("product", lead.Product),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task<JourneyPosition?> FindAsync(NpgsqlTransaction transaction, string tenant, Guid journeyId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindJourneySql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("journey_id", journeyId) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ReadPosition(reader) : null;
    }

    /// <summary>Scores the journeys of a locked lead that are open, once its attributes are known.</summary>
    static async Task ScoreAsync(NpgsqlTransaction transaction, string tenant, Guid leadId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var scorable = await FindScorableAsync(transaction, tenant, leadId, cancellationToken);
        if (scorable.Count == 0)
        {
            return;
        }
        var policy = await PolicyStore.ActiveAsync(transaction, tenant, now, cancellationToken);
        foreach (var (journey, lead, touches) in scorable)
        {
            var card = ScoreCard.Of(policy.Rules, lead, touches);
            var move = Journeys.Qualify(journey, card.Points, policy.Rules.Threshold, now);
            await WriteAsync(transaction, tenant, journey, policy, card, move, now, cancellationToken);
            if (move is not null)
            {
                await OutboxWriter.AddAsync(
                    transaction,
                    [ScoringEvents.Qualified(tenant, leadId, lead, journey, move, card.Points, policy.Version, now)],
                    cancellationToken);
            }
        }
    }

    static async Task<IReadOnlyList<(Journey Journey, LeadAttributes Lead, IReadOnlyDictionary<string, int> Touches)>> FindScorableAsync(
        NpgsqlTransaction transaction, string tenant, Guid leadId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindScorableSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("lead_id", leadId) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(Journey, LeadAttributes, IReadOnlyDictionary<string, int>)> scorable = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var journey = new Journey(ReadPosition(reader), reader.GetString(5), reader.GetFieldValue<DateTimeOffset?>(6));
            if (!journey.IsOpen)
            {
                continue;
            }
            var touches = reader.GetFieldValue<string[]>(7).Zip(reader.GetFieldValue<int[]>(8)).ToDictionary(touch => touch.First, touch => touch.Second);
            scorable.Add((journey, ReadLead(reader), touches));
        }
        return scorable;
    }

    static async Task WriteAsync(
        NpgsqlTransaction transaction, string tenant, Journey journey, ScoringPolicy policy, ScoreCard card, StageMove? move, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var position = journey.Position;
        await using var command = new NpgsqlCommand(WriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("journey_id", position.JourneyId),
                new NpgsqlParameter<int>("policy_version", policy.Version),
                new NpgsqlParameter<int>("threshold", policy.Rules.Threshold),
                new NpgsqlParameter<int>("points", card.Points),
                new NpgsqlParameter<DateTimeOffset>("now", now),
                new NpgsqlParameter<short>("stage", (short)(move?.To ?? position.Stage)),
                new NpgsqlParameter<DateTimeOffset>("stage_time", move?.OccurTime ?? position.OccurTime),
                new NpgsqlParameter<long>("stage_seq", move?.SourceSeq ?? position.SourceSeq),
                new NpgsqlParameter("qualify_time", NpgsqlDbType.TimestampTz) { Value = (object?)move?.OccurTime ?? DBNull.Value },
                new NpgsqlParameter<string[]>("rules", [.. card.Contributions.Select(given => given.Rule)]),
                new NpgsqlParameter<int[]>("rule_points", [.. card.Contributions.Select(given => given.Points)]),
                new NpgsqlParameter<string[]>("matched", [.. card.Contributions.Select(given => given.Matched)]),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static JourneyPosition ReadPosition(NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), (Stage)reader.GetInt16(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3), reader.GetBoolean(4));

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
