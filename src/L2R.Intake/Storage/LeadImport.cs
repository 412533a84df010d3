using L2R.Ledger.V1;
using L2R.Owners;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Intake.Storage;

/// <summary>Stores the leads of imported history, and where their journeys stand as far as Intake moves them.</summary>
sealed class LeadImport(TimeProvider clock)
{
    // History does not take the place of a journey that was opened live since.
    // A lead that another source or a caller brought keeps its external id; this one then has none.
    const string UpsertSql = """
        INSERT INTO leads (tenant_id, lead_id, external_id, channel, source, campaign, segment, region_code, industry, employee_count,
            job_level, product, journey_id, stage, stage_time, stage_seq, imported, create_time, update_time, version, custom)
        SELECT @tenant, lead_id,
            CASE WHEN NOT EXISTS (SELECT FROM leads o WHERE o.tenant_id = @tenant AND o.external_id = batch.external_id) THEN batch.external_id END,
            channel, source, campaign, segment, region_code, '', 0, '', product, journey_id, stage, stage_time, stage_seq, true, @now, @now, 1, custom
        FROM unnest(@lead_ids, @external_ids, @channels, @sources, @campaigns, @segments, @regions, @products, @journey_ids, @stages, @stage_times, @stage_seqs,
                @customs)
            AS batch (lead_id, external_id, channel, source, campaign, segment, region_code, product, journey_id, stage, stage_time, stage_seq,
                custom)
        ORDER BY lead_id
        ON CONFLICT (tenant_id, lead_id) DO UPDATE
        SET journey_id = EXCLUDED.journey_id, stage = EXCLUDED.stage, stage_time = EXCLUDED.stage_time, stage_seq = EXCLUDED.stage_seq,
            update_time = EXCLUDED.update_time, version = leads.version + 1
        WHERE leads.imported AND (leads.stage_time, leads.stage_seq) < (EXCLUDED.stage_time, EXCLUDED.stage_seq)
        """;

    /// <summary>Implements <see cref="ApplyImport"/>.</summary>
    public async Task<IReadOnlyList<StageChanged>> ApplyAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedRow> rows, CancellationToken cancellationToken)
    {
        // The last row of a lead says where it stands; one statement may not touch a lead twice.
        var last = rows
            .Where(row => row.To is not null)
            .GroupBy(row => row.LeadId)
            .Select(lead => lead.OrderBy(row => row.OccurTime).ThenBy(row => row.SourceSeq).Last())
            .ToList();
        await using var command = new NpgsqlCommand(UpsertSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("now", clock.GetStorableNow()),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. last.Select(row => row.LeadId)]),
                new NpgsqlParameter<string[]>("external_ids", [.. last.Select(row => row.LeadKey)]),
                new NpgsqlParameter<string[]>("channels", [.. last.Select(row => row.Dimensions.Channel)]),
                new NpgsqlParameter<string[]>("sources", [.. last.Select(row => row.Dimensions.Source)]),
                new NpgsqlParameter<string[]>("campaigns", [.. last.Select(row => row.Dimensions.Campaign)]),
                new NpgsqlParameter<string[]>("segments", [.. last.Select(row => row.Dimensions.Segment)]),
                new NpgsqlParameter<string[]>("regions", [.. last.Select(row => row.Dimensions.Region)]),
                new NpgsqlParameter<string[]>("products", [.. last.Select(row => row.Dimensions.Product)]),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. last.Select(row => row.JourneyId)]),
                new NpgsqlParameter<short[]>("stages", [.. last.Select(row => (short)(row.To ?? Stage.Lead))]),
                new NpgsqlParameter<DateTimeOffset[]>("stage_times", [.. last.Select(row => row.OccurTime)]),
                new NpgsqlParameter<long[]>("stage_seqs", [.. last.Select(row => row.SourceSeq)]),
                new NpgsqlParameter("customs", NpgsqlDbType.Array | NpgsqlDbType.Jsonb)
                {
                    Value = last.Select(row => LeadRows.Json(row.Dimensions.Custom)).ToArray(),
                },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return [.. rows.Select(row => row.ToStageChanged())];
    }
}
