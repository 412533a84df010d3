using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>Reads leads out of the ledger and folds them.</summary>
static class LedgerReader
{
    const int LeadsOfBatch = 5_000;
    const int LeadsOfFold = JourneyChunk.Capacity;

    // Sorting a whole ledger in the usual four megabytes means to write it to disk and read it again.
    const string SortSql = "SELECT set_config('work_mem', '256MB', true)";

    static readonly string AllSql =
        $"SELECT {LedgerRows.FoldColumns} FROM transitions WHERE tenant_id = @tenant AND recorded_at <= @known_at ORDER BY lead_id";

    static readonly string SomeSql = $"""
        SELECT {LedgerRows.FoldColumns}
        FROM transitions
        WHERE tenant_id = @tenant AND recorded_at <= @known_at AND lead_id = ANY(@leads)
        ORDER BY lead_id
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
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        if (leads is null)
        {
            await using var sort = new NpgsqlCommand(SortSql, connection, transaction);
            await sort.ExecuteNonQueryAsync(cancellationToken);
        }
        var folding = Task.CompletedTask; // beside the reading of the next ones
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
            var (leadCount, last) = (0, Guid.Empty);
            while (await reader.ReadAsync(cancellationToken))
            {
                var row = LedgerRows.Read(reader);
                if (row.LeadId != last)
                {
                    if (leadCount == LeadsOfFold)
                    {
                        await FoldBesideAsync();
                        leadCount = 0;
                    }
                    leadCount++;
                    last = row.LeadId;
                }
                rows.Add(row);
            }
            await FoldBesideAsync();

            async Task FoldBesideAsync()
            {
                await folding;
                var read = rows;
                folding = Task.Run(() => take(FoldAll(read, knownAt, versions)), cancellationToken);
                rows = new(read.Count);
            }
        }
        await folding;
    }

    /// <param name="rows">Those of a lead beside each other.</param>
    static List<FoldedLead> FoldAll(
        List<Transition> rows, DateTimeOffset knownAt, IReadOnlyDictionary<Guid, (LeadVersion Lead, DateTimeOffset RecordedAt)> versions)
    {
        List<FoldedLead> folded = [];
        for (var (start, end) = (0, 0); start < rows.Count; start = end)
        {
            while (end < rows.Count && rows[end].LeadId == rows[start].LeadId)
            {
                end++;
            }
            folded.Add(Fold(rows.GetRange(start, end - start), knownAt, versions));
        }
        return folded;
    }

    static FoldedLead Fold(List<Transition> rows, DateTimeOffset knownAt, IReadOnlyDictionary<Guid, (LeadVersion Lead, DateTimeOffset RecordedAt)> versions)
    {
        var (first, last) = (rows[0].RecordedAt, rows[0].RecordedAt);
        foreach (var row in rows)
        {
            first = row.RecordedAt < first ? row.RecordedAt : first;
            last = row.RecordedAt > last ? row.RecordedAt : last;
        }
        var hasVersion = versions.TryGetValue(rows[0].LeadId, out var version);
        return new(
            rows[0].LeadId,
            Domain.Fold.Lead(rows, DateTimeOffset.MaxValue, knownAt, hasVersion ? version.Lead : null),
            first,
            hasVersion && version.RecordedAt > last ? version.RecordedAt : last);
    }

    static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, string tenant, DateTimeOffset knownAt) =>
        new(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<DateTimeOffset>("known_at", knownAt) },
        };
}
