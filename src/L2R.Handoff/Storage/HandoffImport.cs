using L2R.Handoff.Domain;
using L2R.Ledger.V1;
using L2R.Owners;
using Npgsql;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Handoff.Storage;

/// <summary>Stores imported history: which of its rows are in force, and where they leave each journey.</summary>
sealed class HandoffImport
{
    // Locks each journey, in key order, so that what is derived below sees every row of it. A new one is written whole at once.
    const string LockSql = """
        INSERT INTO handoffs (tenant_id, journey_id, lead_id, stage, stage_time, stage_seq, channel, source, campaign, segment, region, product,
            motion, queue_time, accept_time, qualify_time, imported, version)
        SELECT @tenant, batch.*, true, 1
        FROM unnest(@journey_ids, @lead_ids, @stages, @times, @seqs, @channels, @sources, @campaigns, @segments, @regions, @products, @motions,
                @queue_times, @accept_times, @qualify_times)
            AS batch (journey_id)
        ORDER BY journey_id
        ON CONFLICT (tenant_id, journey_id) DO UPDATE SET version = handoffs.version
        RETURNING journey_id, xmax = 0 AS is_new
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

    const string ReadSql = """
        SELECT journey_id, stage, occur_time, source_seq
        FROM imported_stages
        WHERE tenant_id = @tenant AND journey_id = ANY(@journey_ids)
        """;

    const string DeriveSql = """
        UPDATE handoffs h
        SET stage = d.stage, stage_time = d.stage_time, stage_seq = d.stage_seq, queue_time = d.queue_time, accept_time = d.accept_time,
            qualify_time = d.qualify_time, version = h.version + 1
        FROM unnest(@journey_ids, @stages, @times, @seqs, @queue_times, @accept_times, @qualify_times)
            AS d (journey_id, stage, stage_time, stage_seq, queue_time, accept_time, qualify_time)
        WHERE h.tenant_id = @tenant AND h.journey_id = d.journey_id AND h.imported
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
        var journeys = rows.GroupBy(row => row.JourneyId).Select(journey => journey.ToList()).ToList();
        var known = await LockAsync(transaction, tenant, journeys, cancellationToken);
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
                JourneyIds(),
                new NpgsqlParameter<Guid[]>("key_ids", [.. withdrawn.Select(row => row.KeyId)]));
            await ExecuteAsync(transaction, DropEmptySql, cancellationToken, new NpgsqlParameter<string>("tenant", tenant), JourneyIds());
        }
        if (known.Length > 0)
        {
            await DeriveAsync(transaction, tenant, known, cancellationToken);
        }
        return [.. rows.Select(row => row.ToStageChanged())];

        NpgsqlParameter JourneyIds() => new NpgsqlParameter<Guid[]>("journey_ids", [.. journeys.Select(journey => journey[0].JourneyId)]);
    }

    /// <returns>The journeys that had been there before.</returns>
    static async Task<Guid[]> LockAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<List<ImportedRow>> journeys, CancellationToken cancellationToken)
    {
        var firsts = journeys.Select(rows => rows[0]).ToList();
        // A journey of which the batch only withdraws rows is there already, or is dropped below.
        var histories = journeys.Select(rows => StageHistory.Fold([.. rows.Where(row => row.To is not null).Select(Position)])
            ?? new StageHistory(Position(rows[0]), rows[0].OccurTime, null, null)).ToList();
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("journey_ids", [.. firsts.Select(row => row.JourneyId)]),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. firsts.Select(row => row.LeadId)]),
                new NpgsqlParameter<string[]>("channels", [.. firsts.Select(row => row.Dimensions.Channel)]),
                new NpgsqlParameter<string[]>("sources", [.. firsts.Select(row => row.Dimensions.Source)]),
                new NpgsqlParameter<string[]>("campaigns", [.. firsts.Select(row => row.Dimensions.Campaign)]),
                new NpgsqlParameter<string[]>("segments", [.. firsts.Select(row => row.Dimensions.Segment)]),
                new NpgsqlParameter<string[]>("regions", [.. firsts.Select(row => row.Dimensions.Region)]),
                new NpgsqlParameter<string[]>("products", [.. firsts.Select(row => row.Dimensions.Product)]),
                new NpgsqlParameter<string[]>("motions", [.. firsts.Select(row => row.Dimensions.Motion)]),
            },
        };
        command.Parameters.AddRange(Histories(histories));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.GetBoolean(1))
            {
                known.Add(reader.GetGuid(0));
            }
        }
        return [.. known];

        static JourneyPosition Position(ImportedRow row) => new(row.To ?? default, row.OccurTime, row.SourceSeq);
    }

    static async Task DeriveAsync(NpgsqlTransaction transaction, string tenant, Guid[] journeyIds, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(transaction, tenant, journeyIds, cancellationToken);
        var derived = rows.Select(journey => (journey.Key, History: StageHistory.Fold(journey.Value)!)).ToList();
        await ExecuteAsync(transaction, DeriveSql, cancellationToken,
        [
            new NpgsqlParameter<string>("tenant", tenant),
            new NpgsqlParameter<Guid[]>("journey_ids", [.. derived.Select(journey => journey.Key)]),
            .. Histories([.. derived.Select(journey => journey.History)]),
        ]);
    }

    static async Task<Dictionary<Guid, List<JourneyPosition>>> ReadAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] journeyIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("journey_ids", journeyIds) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<Guid, List<JourneyPosition>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!rows.TryGetValue(reader.GetGuid(0), out var journey))
            {
                rows.Add(reader.GetGuid(0), journey = []);
            }
            journey.Add(new JourneyPosition((Stage)reader.GetInt16(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3)));
        }
        return rows;
    }

    static NpgsqlParameter[] Histories(IReadOnlyList<StageHistory> histories) =>
    [
        new NpgsqlParameter<short[]>("stages", [.. histories.Select(history => (short)history.Position.Stage)]),
        new NpgsqlParameter<DateTimeOffset[]>("times", [.. histories.Select(history => history.Position.OccurTime)]),
        new NpgsqlParameter<long[]>("seqs", [.. histories.Select(history => history.Position.SourceSeq)]),
        new NpgsqlParameter<DateTimeOffset[]>("queue_times", [.. histories.Select(history => history.QueueTime)]),
        new NpgsqlParameter<DateTimeOffset?[]>("accept_times", [.. histories.Select(history => history.AcceptTime)]),
        new NpgsqlParameter<DateTimeOffset?[]>("qualify_times", [.. histories.Select(history => history.QualifyTime)]),
    ];

    static async Task ExecuteAsync(NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
