using L2R.Ledger.V1;
using L2R.Owners;
using L2R.ServiceDefaults;
using Npgsql;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Scoring.Storage;

/// <summary>Remembers which journeys are history, so that nothing live scores them.</summary>
sealed class JourneyImport(TimeProvider clock)
{
    const string UpsertSql = """
        INSERT INTO journeys (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq, motion, imported, create_time)
        SELECT @tenant, journey_id, lead_id, stage, stage_time, stage_seq, motion, true, @now
        FROM unnest(@journey_ids, @lead_ids, @stages, @stage_times, @stage_seqs, @motions)
            AS batch (journey_id, lead_id, stage, stage_time, stage_seq, motion)
        ORDER BY journey_id
        ON CONFLICT (tenant_id, journey_id) DO UPDATE
        SET stage = EXCLUDED.stage, stage_time = EXCLUDED.stage_time, stage_seq = EXCLUDED.stage_seq, motion = EXCLUDED.motion
        WHERE journeys.stage_seq = EXCLUDED.stage_seq -- a correction
            OR (journeys.stage_time, journeys.stage_seq) < (EXCLUDED.stage_time, EXCLUDED.stage_seq)
        """;

    /// <summary>Implements <see cref="ApplyImport"/>. A row that is withdrawn leaves its journey history; the ledger withdraws the move.</summary>
    public async Task<IReadOnlyList<StageChanged>> ApplyAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedRow> rows, CancellationToken cancellationToken)
    {
        // The last row of a journey says where it stands; one statement may not touch a journey twice.
        var last = rows
            .Where(row => row.To is not null)
            .GroupBy(row => row.JourneyId)
            .Select(journey => journey.OrderBy(row => row.OccurTime).ThenBy(row => row.SourceSeq).Last())
            .ToList();
        await using var command = new NpgsqlCommand(UpsertSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("now", clock.GetStorableNow()),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. last.Select(row => row.JourneyId)]),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. last.Select(row => row.LeadId)]),
                new NpgsqlParameter<short[]>("stages", [.. last.Select(row => (short)(row.To ?? Stage.Mql))]),
                new NpgsqlParameter<DateTimeOffset[]>("stage_times", [.. last.Select(row => row.OccurTime)]),
                new NpgsqlParameter<long[]>("stage_seqs", [.. last.Select(row => row.SourceSeq)]),
                new NpgsqlParameter<string[]>("motions", [.. last.Select(row => row.Dimensions.Motion)]),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return [.. rows.Select(row => row.ToStageChanged())];
    }
}
