using L2R.Ledger.V1;
using L2R.Opportunity.Api;
using L2R.Opportunity.Domain;
using L2R.Owners;
using L2R.ServiceDefaults;
using Npgsql;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Opportunity.Storage;

/// <summary>Stores the deals of imported history.</summary>
/// <remarks>The rows are kept, and the deals of each journey that a batch touches are made from all of its rows again.</remarks>
sealed class DealImport(TimeProvider clock)
{
    // A corrected row may have been of another journey, whose deals then change too.
    const string JourneysBeforeSql = """
        SELECT DISTINCT journey_id
        FROM imported_deal_rows
        WHERE tenant_id = @tenant AND key_id = ANY(@keys)
        """;

    // In key order: batches of the same journeys then wait for each other instead of deadlocking.
    const string LockJourneysSql = """
        INSERT INTO imported_journeys (tenant_id, journey_id, batch_count)
        SELECT @tenant, journey_id, 1
        FROM unnest(@journeys) AS batch (journey_id)
        ORDER BY journey_id
        ON CONFLICT (tenant_id, journey_id) DO UPDATE SET batch_count = imported_journeys.batch_count + 1
        """;

    const string WithdrawSql = "DELETE FROM imported_deal_rows WHERE tenant_id = @tenant AND key_id = ANY(@keys)";

    const string WriteRowsSql = """
        INSERT INTO imported_deal_rows (tenant_id, key_id, journey_id, lead_id, opportunity_id, stage, occur_time, source_seq,
            amount, currency_code, reason, owner, product)
        SELECT @tenant, *
        FROM unnest(@keys, @journeys, @leads, @opportunities, @stages, @occur_times, @source_seqs,
            @amounts, @currencies, @reasons, @owners, @products)
        ON CONFLICT (tenant_id, key_id) DO UPDATE
        SET journey_id = EXCLUDED.journey_id, lead_id = EXCLUDED.lead_id, opportunity_id = EXCLUDED.opportunity_id,
            stage = EXCLUDED.stage, occur_time = EXCLUDED.occur_time, source_seq = EXCLUDED.source_seq, amount = EXCLUDED.amount,
            currency_code = EXCLUDED.currency_code, reason = EXCLUDED.reason, owner = EXCLUDED.owner, product = EXCLUDED.product
        """;

    const string ReadRowsSql = """
        SELECT key_id, journey_id, lead_id, opportunity_id, stage, occur_time, source_seq, amount, currency_code, reason, owner, product
        FROM imported_deal_rows
        WHERE tenant_id = @tenant AND journey_id = ANY(@journeys)
        """;

    const string WriteDealsSql = """
        INSERT INTO opportunities (tenant_id, opportunity_id, journey_id, lead_id, display_name, stage, amount, currency_code,
            owner, product, state, open_time, close_time, close_reason, imported, create_time, update_time, version)
        SELECT @tenant, opportunity_id, journey_id, lead_id, '', '', amount, currency_code,
            owner, product, state, open_time, close_time, close_reason, true, @now, @now, 1
        FROM unnest(@opportunities, @journeys, @leads, @amounts, @currencies, @owners, @products, @states, @open_times, @close_times, @close_reasons)
            AS batch (opportunity_id, journey_id, lead_id, amount, currency_code, owner, product, state, open_time, close_time, close_reason)
        ORDER BY opportunity_id
        ON CONFLICT (tenant_id, opportunity_id) DO UPDATE
        SET journey_id = EXCLUDED.journey_id, lead_id = EXCLUDED.lead_id, amount = EXCLUDED.amount, currency_code = EXCLUDED.currency_code,
            owner = EXCLUDED.owner, product = EXCLUDED.product, state = EXCLUDED.state, open_time = EXCLUDED.open_time,
            close_time = EXCLUDED.close_time, close_reason = EXCLUDED.close_reason,
            update_time = EXCLUDED.update_time, version = opportunities.version + 1
        WHERE (opportunities.journey_id, opportunities.lead_id, opportunities.amount, opportunities.currency_code, opportunities.owner,
                opportunities.product, opportunities.state, opportunities.open_time, opportunities.close_time, opportunities.close_reason)
            IS DISTINCT FROM (EXCLUDED.journey_id, EXCLUDED.lead_id, EXCLUDED.amount, EXCLUDED.currency_code, EXCLUDED.owner,
                EXCLUDED.product, EXCLUDED.state, EXCLUDED.open_time, EXCLUDED.close_time, EXCLUDED.close_reason)
        """;

    // A withdrawn entry, or a close whose entry came late.
    const string DeleteDealsSql = """
        DELETE FROM opportunities
        WHERE tenant_id = @tenant AND journey_id = ANY(@journeys) AND opportunity_id <> ALL(@opportunities)
        """;

    /// <summary>Implements <see cref="ApplyImport"/>.</summary>
    /// <returns>
    /// The rows as they came, and the id of the deal on each entry that its source did not name. A close without a name keeps none: so
    /// the ledger knows that it replaces the other open ones too (metrics.md, section 1).
    /// </returns>
    public async Task<IReadOnlyList<StageChanged>> ApplyAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedRow> rows, CancellationToken cancellationToken)
    {
        var journeys = await LockJourneysAsync(transaction, tenant, rows, cancellationToken);
        var before = await ReadRowsAsync(transaction, tenant, journeys, cancellationToken);
        var said = rows.Where(row => row.To is not null).Select(ToDealRow).ToList();
        await WriteRowsAsync(transaction, tenant, said, cancellationToken);

        var replaced = rows.Select(row => row.KeyId).ToHashSet();
        var now = clock.GetStorableNow();
        var deals = before.Where(row => !replaced.Contains(row.KeyId)).Concat(said)
            .GroupBy(row => row.JourneyId)
            .SelectMany(journey => DealHistory.Fold(journey, now))
            .DistinctBy(deal => deal.Id)
            .ToList();
        if (before.Count > 0)
        {
            await RemoveAsync(transaction, tenant, journeys, rows, deals, cancellationToken);
        }
        await WriteDealsAsync(transaction, tenant, deals, now, cancellationToken);
        return [.. rows.Select(row => (row with { OpportunityId = DealHistory.OpportunityOf(row.To, row.OpportunityId, row.KeyId) }).ToStageChanged())];
    }

    static async Task<Guid[]> LockJourneysAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<ImportedRow> rows, CancellationToken cancellationToken)
    {
        HashSet<Guid> journeys = [.. rows.Select(row => row.JourneyId)];
        Guid[] corrected = [.. rows.Where(row => row.Supersedes is not null).Select(row => row.KeyId)];
        if (corrected.Length > 0)
        {
            await using var command = new NpgsqlCommand(JourneysBeforeSql, transaction.Connection, transaction)
            {
                Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("keys", corrected) },
            };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                journeys.Add(reader.GetGuid(0));
            }
        }
        await ExecuteAsync(transaction, LockJourneysSql, tenant, cancellationToken, new NpgsqlParameter<Guid[]>("journeys", [.. journeys]));
        return [.. journeys];
    }

    /// <summary>Removes the rows that were withdrawn, and the deals that no row makes any more.</summary>
    static async Task RemoveAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] journeys, IReadOnlyList<ImportedRow> rows, IReadOnlyList<Deal> deals, CancellationToken cancellationToken)
    {
        await ExecuteAsync(transaction, WithdrawSql, tenant, cancellationToken,
            new NpgsqlParameter<Guid[]>("keys", [.. rows.Where(row => row.To is null).Select(row => row.KeyId)]));
        await ExecuteAsync(transaction, DeleteDealsSql, tenant, cancellationToken,
            new NpgsqlParameter<Guid[]>("journeys", journeys),
            new NpgsqlParameter<Guid[]>("opportunities", [.. deals.Select(deal => deal.Id)]));
    }

    static DealRow ToDealRow(ImportedRow row) => new()
    {
        KeyId = row.KeyId,
        JourneyId = row.JourneyId,
        LeadId = row.LeadId,
        OpportunityId = row.OpportunityId,
        To = row.To!.Value,
        OccurTime = row.OccurTime,
        SourceSeq = row.SourceSeq,
        Amount = row.Amount is { } amount ? MoneyMapping.ToDecimal(amount) : null,
        Currency = row.Amount?.CurrencyCode,
        Reason = row.Reason,
        Owner = row.Dimensions.Owner,
        Product = row.Dimensions.Product,
    };

    static Task WriteRowsAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyList<DealRow> rows, CancellationToken cancellationToken) =>
        ExecuteAsync(transaction, WriteRowsSql, tenant, cancellationToken,
            new NpgsqlParameter<Guid[]>("keys", [.. rows.Select(row => row.KeyId)]),
            new NpgsqlParameter<Guid[]>("journeys", [.. rows.Select(row => row.JourneyId)]),
            new NpgsqlParameter<Guid[]>("leads", [.. rows.Select(row => row.LeadId)]),
            new NpgsqlParameter<Guid?[]>("opportunities", [.. rows.Select(row => row.OpportunityId)]),
            new NpgsqlParameter<short[]>("stages", [.. rows.Select(row => (short)row.To)]),
            new NpgsqlParameter<DateTimeOffset[]>("occur_times", [.. rows.Select(row => row.OccurTime)]),
            new NpgsqlParameter<long[]>("source_seqs", [.. rows.Select(row => row.SourceSeq)]),
            new NpgsqlParameter<decimal?[]>("amounts", [.. rows.Select(row => row.Amount)]),
            new NpgsqlParameter<string?[]>("currencies", [.. rows.Select(row => row.Currency)]),
            new NpgsqlParameter<string[]>("reasons", [.. rows.Select(row => row.Reason)]),
            new NpgsqlParameter<string[]>("owners", [.. rows.Select(row => row.Owner)]),
            new NpgsqlParameter<string[]>("products", [.. rows.Select(row => row.Product)]));

    static async Task<IReadOnlyList<DealRow>> ReadRowsAsync(
        NpgsqlTransaction transaction, string tenant, Guid[] journeys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadRowsSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("journeys", journeys) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<DealRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new DealRow
            {
                KeyId = reader.GetGuid(0),
                JourneyId = reader.GetGuid(1),
                LeadId = reader.GetGuid(2),
                OpportunityId = reader.IsDBNull(3) ? null : reader.GetGuid(3),
                To = (Stage)reader.GetInt16(4),
                OccurTime = reader.GetFieldValue<DateTimeOffset>(5),
                SourceSeq = reader.GetInt64(6),
                Amount = reader.IsDBNull(7) ? null : reader.GetDecimal(7),
                Currency = reader.IsDBNull(8) ? null : reader.GetString(8),
                Reason = reader.GetString(9),
                Owner = reader.GetString(10),
                Product = reader.GetString(11),
            });
        }
        return rows;
    }

    static Task WriteDealsAsync(NpgsqlTransaction transaction, string tenant, IReadOnlyList<Deal> deals, DateTimeOffset now, CancellationToken cancellationToken) =>
        ExecuteAsync(transaction, WriteDealsSql, tenant, cancellationToken,
            new NpgsqlParameter<DateTimeOffset>("now", now),
            new NpgsqlParameter<Guid[]>("opportunities", [.. deals.Select(deal => deal.Id)]),
            new NpgsqlParameter<Guid[]>("journeys", [.. deals.Select(deal => deal.JourneyId)]),
            new NpgsqlParameter<Guid[]>("leads", [.. deals.Select(deal => deal.LeadId)]),
            new NpgsqlParameter<decimal?[]>("amounts", [.. deals.Select(deal => deal.Details.Amount)]),
            new NpgsqlParameter<string?[]>("currencies", [.. deals.Select(deal => deal.Details.Currency)]),
            new NpgsqlParameter<string[]>("owners", [.. deals.Select(deal => deal.Details.Owner)]),
            new NpgsqlParameter<string[]>("products", [.. deals.Select(deal => deal.Details.Product)]),
            new NpgsqlParameter<string[]>("states", [.. deals.Select(deal => deal.State.ToString())]),
            new NpgsqlParameter<DateTimeOffset[]>("open_times", [.. deals.Select(deal => deal.OpenTime)]),
            new NpgsqlParameter<DateTimeOffset?[]>("close_times", [.. deals.Select(deal => deal.CloseTime)]),
            new NpgsqlParameter<string[]>("close_reasons", [.. deals.Select(deal => deal.CloseReason)]));

    static async Task ExecuteAsync(
        NpgsqlTransaction transaction, string sql, string tenant, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant) },
        };
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
