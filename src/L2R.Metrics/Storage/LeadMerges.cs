using L2R.Metrics.Domain;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>Which leads are one person, row by row.</summary>
static class LeadMerges
{
    const string AppendSql = $"""
        INSERT INTO lead_merges (tenant_id, merge_id, loser_id, survivor_id, is_undo, recorded_at)
        SELECT @tenant, batch.*, {LedgerStore.StampSql}
        FROM unnest(@merge_ids, @loser_ids, @survivor_ids, @are_undos) AS batch
        ON CONFLICT DO NOTHING
        """;

    const string AnySql = "SELECT EXISTS (SELECT FROM lead_merges WHERE tenant_id = @tenant)";

    const string ReadAllSql = """
        SELECT merge_id, loser_id, survivor_id, is_undo, recorded_at
        FROM lead_merges
        WHERE tenant_id = @tenant AND recorded_at <= @known_at
        """;

    // Lead by lead, by the indexes: a planner that takes the few for many would read all merges of the tenant.
    const string ReadFamiliesSql = """
        WITH RECURSIVE family (lead_id) AS (
            SELECT lead_id FROM unnest(@leads) AS asked (lead_id)
            UNION
            SELECT other.lead_id
            FROM family
            CROSS JOIN LATERAL (
                SELECT survivor_id AS lead_id FROM lead_merges WHERE tenant_id = @tenant AND recorded_at <= @known_at AND loser_id = family.lead_id
                UNION ALL
                SELECT loser_id FROM lead_merges WHERE tenant_id = @tenant AND recorded_at <= @known_at AND survivor_id = family.lead_id
                OFFSET 0) AS other)
        SELECT of_lead.*
        FROM family
        CROSS JOIN LATERAL (
            SELECT merge_id, loser_id, survivor_id, is_undo, recorded_at
            FROM lead_merges
            WHERE tenant_id = @tenant AND recorded_at <= @known_at AND loser_id = family.lead_id
            OFFSET 0) AS of_lead
        """;

    /// <summary>Appends rows in the transaction of the message that brought them, stamped as rows of the ledger are.</summary>
    /// <param name="merges">Their recorded_at is not read.</param>
    public static async Task AppendAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<LeadMerge> merges, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(LedgerStore.Share(tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(AppendSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("merge_ids", [.. merges.Select(merge => merge.MergeId)]),
                new NpgsqlParameter<Guid[]>("loser_ids", [.. merges.Select(merge => merge.Loser)]),
                new NpgsqlParameter<Guid[]>("survivor_ids", [.. merges.Select(merge => merge.Survivor)]),
                new NpgsqlParameter<bool[]>("are_undos", [.. merges.Select(merge => merge.IsUndo)]),
            },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether the tenant ever merged two leads.</summary>
    public static async Task<bool> AnyAsync(NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(AnySql, transaction.Connection, transaction) { Parameters = { new NpgsqlParameter<string>("tenant", tenant) } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <param name="leads">Whose families are asked for. Null: all of them.</param>
    /// <returns>Who is who, as known at K.</returns>
    public static async Task<LeadFamilies> ReadAsync(
        NpgsqlTransaction transaction, string tenant, Guid[]? leads, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(leads is null ? ReadAllSql : ReadFamiliesSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("known_at", knownAt),
            },
        };
        if (leads is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid[]>("leads", leads));
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<LeadMerge> merges = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            merges.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetBoolean(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }
        return new(merges, knownAt);
    }
}
