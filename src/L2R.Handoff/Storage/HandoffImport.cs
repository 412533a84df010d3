using L2R.Ledger.V1;
using L2R.Owners;
using Npgsql;

namespace L2R.Handoff.Storage;

/// <summary>Stores imported history: which of its rows are in force, and where they leave each journey.</summary>
sealed class HandoffImport
{
    // Locks each journey, in key order, so that what is derived below sees every row of it.
    const string LockSql = """
        INSERT INTO handoffs (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq, channel, source, campaign, segment, region, product,
            motion, imported, version)
        SELECT @tenant, journey_id, lead_id, stage, stage_time, 0, channel, source, campaign, segment, region, product, motion, true, 0
        FROM unnest(@journey_ids, @lead_ids, @stages, @times, @channels, @sources, @campaigns, @segments, @regions, @products, @motions)
            AS batch (journey_id, lead_id, stage, stage_time, channel, source, campaign, segment, region, product, motion)
        ORDER BY journey_id
        ON CONFLICT (tenant_id, journey_id) DO UPDATE SET version = handoffs.version
        """;

    const string StoreSql = """
        INSERT INTO imported_stages (tenant_id, journey_id, key_id, stage, occur_time, source_seq)
        SELECT @tenant, journey_id, key_id, stage, occur_time, source_seq
        FROM unnest(@journey_ids, @key_ids, @stages, @times, @seqs) AS batch (journey_id, key_id, stage, occur_time, source_seq)
        ON CONFLICT (tenant_id, journey_id, key_id) DO UPDATE
        SET stage = EXCLUDED.stage, occur_time = EXCLUDED.occur_time, source_seq = EXCLUDED.source_seq
        """;

    const string WithdrawSql = """
        DELETE FROM imported_stages
        WHERE tenant_id = @tenant AND journey_id = ANY(@journey_ids) AND key_id = ANY(@key_ids)
        """;

    // LATERAL: one look at the key per journey, whatever the planner believes of a table that grows while it is imported.
    const string DeriveSql = """
        UPDATE handoffs h
        SET stage = d.stage, stage_time = d.stage_time, stage_seq = d.stage_seq, queue_time = d.queue_time, accept_time = d.accept_time,
            qualify_time = d.qualify_time, version = h.version + 1
        FROM unnest(@journey_ids) AS batch (journey_id)
        CROSS JOIN LATERAL (
            SELECT
                (array_agg(i.stage ORDER BY i.occur_time DESC, i.source_seq DESC, i.stage DESC))[1] AS stage,
                max(i.occur_time) AS stage_time,
                max(i.source_seq) AS stage_seq,
                min(i.occur_time) AS queue_time,
                min(i.occur_time) FILTER (WHERE i.stage = 2) AS accept_time,
                min(i.occur_time) FILTER (WHERE i.stage = 3) AS qualify_time
            FROM imported_stages i
            WHERE i.tenant_id = @tenant AND i.journey_id = batch.journey_id
        ) AS d
        WHERE h.tenant_id = @tenant AND h.journey_id = batch.journey_id AND h.imported AND d.stage IS NOT NULL
        """;

    const string DropEmptySql = """
        DELETE FROM handoffs h
        WHERE h.tenant_id = @tenant AND h.journey_id = ANY(@journey_ids) AND h.imported
            AND NOT EXISTS (SELECT FROM imported_stages i WHERE i.tenant_id = @tenant AND i.journey_id = h.journey_id)
        """;

    /// <summary>Implements <see cref="ApplyImport"/>.</summary>
    public static async Task<IReadOnlyList<StageChanged>> ApplyAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedRow> rows, CancellationToken cancellationToken)
    {
        // One statement may not touch a journey twice.
        var journeys = rows.DistinctBy(row => row.JourneyId).ToList();
        var journeyIds = new NpgsqlParameter<Guid[]>("journey_ids", [.. journeys.Select(row => row.JourneyId)]);
        await ExecuteAsync(transaction, LockSql, cancellationToken,
            new NpgsqlParameter<string>("tenant", tenant),
            journeyIds,
            new NpgsqlParameter<Guid[]>("lead_ids", [.. journeys.Select(row => row.LeadId)]),
            new NpgsqlParameter<short[]>("stages", [.. journeys.Select(row => (short)(row.To ?? default))]),
            new NpgsqlParameter<DateTimeOffset[]>("times", [.. journeys.Select(row => row.OccurTime)]),
            new NpgsqlParameter<string[]>("channels", [.. journeys.Select(row => row.Dimensions.Channel)]),
            new NpgsqlParameter<string[]>("sources", [.. journeys.Select(row => row.Dimensions.Source)]),
            new NpgsqlParameter<string[]>("campaigns", [.. journeys.Select(row => row.Dimensions.Campaign)]),
            new NpgsqlParameter<string[]>("segments", [.. journeys.Select(row => row.Dimensions.Segment)]),
            new NpgsqlParameter<string[]>("regions", [.. journeys.Select(row => row.Dimensions.Region)]),
            new NpgsqlParameter<string[]>("products", [.. journeys.Select(row => row.Dimensions.Product)]),
            new NpgsqlParameter<string[]>("motions", [.. journeys.Select(row => row.Dimensions.Motion)]));
        var (stored, withdrawn) = (rows.Where(row => row.To is not null).ToList(), rows.Where(row => row.To is null).ToList());
        await ExecuteAsync(transaction, StoreSql, cancellationToken,
            new NpgsqlParameter<string>("tenant", tenant),
            new NpgsqlParameter<Guid[]>("journey_ids", [.. stored.Select(row => row.JourneyId)]),
            new NpgsqlParameter<Guid[]>("key_ids", [.. stored.Select(row => row.KeyId)]),
            new NpgsqlParameter<short[]>("stages", [.. stored.Select(row => (short)(row.To ?? default))]),
            new NpgsqlParameter<DateTimeOffset[]>("times", [.. stored.Select(row => row.OccurTime)]),
            new NpgsqlParameter<long[]>("seqs", [.. stored.Select(row => row.SourceSeq)]));
        if (withdrawn.Count > 0)
        {
            await ExecuteAsync(transaction, WithdrawSql, cancellationToken,
                new NpgsqlParameter<string>("tenant", tenant),
                journeyIds.Clone(),
                new NpgsqlParameter<Guid[]>("key_ids", [.. withdrawn.Select(row => row.KeyId)]));
            await ExecuteAsync(transaction, DropEmptySql, cancellationToken, new NpgsqlParameter<string>("tenant", tenant), journeyIds.Clone());
        }
        await ExecuteAsync(transaction, DeriveSql, cancellationToken, new NpgsqlParameter<string>("tenant", tenant), journeyIds.Clone());
        return [.. rows.Select(row => row.ToStageChanged())];
    }

    static async Task ExecuteAsync(NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
