using System.Runtime.CompilerServices;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>What the ledger knew of a lead at an instant.</summary>
/// <param name="Rows">At least one.</param>
/// <param name="Version">What Intake had last said of it, and when the ledger learnt of that; null where it never changed.</param>
sealed record LeadRows(Guid LeadId, List<Transition> Rows, (LeadVersion Lead, DateTimeOffset RecordedAt)? Version);

/// <summary>Reads leads out of the ledger and folds them.</summary>
static class LedgerReader
{
    const int LeadsOfBatch = 5_000;
    const int LeadsOfFold = JourneyChunk.Capacity;

    // Sorting a whole ledger in the usual four megabytes means to write it to disk and read it again.
    const string SortSql = "SELECT set_config('work_mem', '256MB', true)";

    static readonly string AllSql = $"""
        SELECT {LedgerRows.FoldColumns}
        FROM transitions
        WHERE tenant_id = @tenant AND recorded_at <= @known_at
        ORDER BY lead_id
        """;

    // Lead by lead, by the index: as one condition on an array a planner may look for each row of the ledger in the whole array.
    static readonly string SomeSql = $"""
        SELECT of_lead.*
        FROM unnest(@leads) AS asked (lead_id)
        CROSS JOIN LATERAL (
            SELECT {LedgerRows.FoldColumns}
            FROM transitions
            WHERE tenant_id = @tenant AND recorded_at <= @known_at AND transitions.lead_id = asked.lead_id
            OFFSET 0) AS of_lead
        """;

    const string ChangedSql = """
        SELECT lead_id FROM transitions WHERE tenant_id = @tenant AND recorded_at > @since AND recorded_at <= @known_at
        UNION
        SELECT lead_id FROM lead_versions WHERE tenant_id = @tenant AND recorded_at > @since AND recorded_at <= @known_at
        """;

    /// <summary>The leads of which the ledger learnt something after one instant and up to another.</summary>
    public static async Task<IReadOnlyList<Guid>> FindChangedAsync(
        NpgsqlDataSource dataSource, string tenant, DateTimeOffset since, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = Command(transaction, ChangedSql, tenant, knownAt);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("since", since));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Guid> leads = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            leads.Add(reader.GetGuid(0));
        }
        return leads;
    }

    /// <summary>Folds leads as of the end of time and as known at an instant.</summary>
    /// <param name="leads">Null: all of them.</param>
    /// <param name="take">Called with some leads at a time, one call after the other.</param>
    public static async Task FoldAsync(
        NpgsqlDataSource dataSource,
        string tenant,
        IReadOnlyList<Guid>? leads,
        DateTimeOffset knownAt,
        Action<IReadOnlyList<FoldedLead>> take,
        CancellationToken cancellationToken)
    {
        List<LeadRows> read = [];
        var folding = Task.CompletedTask; // beside the reading of the next ones
        await foreach (var lead in ReadAsync(dataSource, tenant, leads, knownAt, cancellationToken))
        {
            read.Add(lead);
            if (read.Count == LeadsOfFold)
            {
                await FoldBesideAsync();
            }
        }
        await FoldBesideAsync();
        await folding;

        async Task FoldBesideAsync()
        {
            await folding;
            var some = read;
            folding = Task.Run(() => take([.. some.Select(lead => Fold(lead, knownAt))]), cancellationToken);
            read = new(some.Count);
        }
    }

    /// <summary>Reads leads, one after the other.</summary>
    /// <param name="leads">Null: all of them.</param>
    public static async IAsyncEnumerable<LeadRows> ReadAsync(
        NpgsqlDataSource dataSource,
        string tenant,
        IReadOnlyList<Guid>? leads,
        DateTimeOffset knownAt,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        if (leads is null)
        {
            await using var sort = new NpgsqlCommand(SortSql, connection, transaction);
            await sort.ExecuteNonQueryAsync(cancellationToken);
        }
        Guid[]?[] batches = leads is null ? [null] : [.. leads.Chunk(LeadsOfBatch)];
        foreach (var batch in batches)
        {
            var versions = await LeadVersions.ReadAsync(transaction, tenant, batch, knownAt, cancellationToken);
            await using var command = Command(transaction, batch is null ? AllSql : SomeSql, tenant, knownAt);
            if (batch is not null)
            {
                command.Parameters.Add(new NpgsqlParameter<Guid[]>("leads", batch));
            }
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            List<Transition> rows = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                var row = LedgerRows.Read(reader);
                if (rows.Count > 0 && rows[0].LeadId != row.LeadId)
                {
                    yield return Lead(rows, versions);
                    rows = [];
                }
                rows.Add(row);
            }
            if (rows.Count > 0)
            {
                yield return Lead(rows, versions);
            }
        }
    }

    static LeadRows Lead(List<Transition> rows, IReadOnlyDictionary<Guid, (LeadVersion Lead, DateTimeOffset RecordedAt)> versions) =>
        new(rows[0].LeadId, rows, versions.TryGetValue(rows[0].LeadId, out var version) ? version : null);

    static FoldedLead Fold(LeadRows lead, DateTimeOffset knownAt)
    {
        var (first, last) = (lead.Rows[0].RecordedAt, lead.Rows[0].RecordedAt);
        foreach (var row in lead.Rows)
        {
            first = row.RecordedAt < first ? row.RecordedAt : first;
            last = row.RecordedAt > last ? row.RecordedAt : last;
        }
        return new(
            lead.LeadId,
            Domain.Fold.Lead(lead.Rows, DateTimeOffset.MaxValue, knownAt, lead.Version?.Lead),
            first,
            lead.Version?.RecordedAt > last ? lead.Version.Value.RecordedAt : last);
    }

    static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, string tenant, DateTimeOffset knownAt) =>
        new(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<DateTimeOffset>("known_at", knownAt) },
        };
}
