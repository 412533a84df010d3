using System.Runtime.CompilerServices;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>What the ledger knew of a lead at an instant.</summary>
/// <param name="Rows">Those of leads that are merged into it too. None where it is merged into another one.</param>
/// <param name="Version">What Intake had last said of it, and when the ledger learnt of that; null where it never changed.</param>
/// <param name="Family">Null where it was never merged.</param>
sealed record LeadRows(Guid LeadId, List<Transition> Rows, (LeadVersion Lead, DateTimeOffset RecordedAt)? Version, FamilyKnown? Family = null)
{
    /// <summary>Whether it was counted under another name at an earlier instant.</summary>
    public bool IsMergedSince(DateTimeOffset knownAt) => MergedSince(knownAt).Contains(LeadId);

    /// <summary>The leads of its family that were counted under another name at an earlier instant.</summary>
    public IReadOnlyCollection<Guid> MergedSince(DateTimeOffset knownAt) => Family is null ? [] : [.. Family.Family.MergedBetween(knownAt, DateTimeOffset.MaxValue)];
}

/// <param name="First">When the ledger first learnt of any of them. An earlier state of each depends on what it knew of all.</param>
/// <param name="Last">When it last did.</param>
sealed record FamilyKnown(LeadFamily Family, DateTimeOffset First, DateTimeOffset Last);

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
        UNION
        SELECT unnest(ARRAY[loser_id, survivor_id]) FROM lead_merges WHERE tenant_id = @tenant AND recorded_at > @since AND recorded_at <= @known_at
        """;

    static readonly LeadFamilies NoFamilies = new([], default);

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

    /// <summary>Reads leads, one after the other, and whoever belongs to a family of one of them.</summary>
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
        var hasMerges = await LeadMerges.AnyAsync(transaction, tenant, cancellationToken);
        HashSet<Guid> told = []; // of families: they reach over batches
        Guid[]?[] batches = leads is null ? [null] : [.. leads.Chunk(LeadsOfBatch)];
        foreach (var batch in batches)
        {
            var families = hasMerges ? await LeadMerges.ReadAsync(transaction, tenant, batch, knownAt, cancellationToken) : NoFamilies;
            List<LeadFamily> untold = [.. families.All().Where(family => !told.Contains(family.Leads[0]))];
            told.UnionWith(untold.SelectMany(family => family.Leads));
            var asked = told.Count == 0 ? batch : batch?.Except(told).Concat(untold.SelectMany(family => family.Leads)).ToArray();
            Dictionary<Guid, List<Transition>> ofFamilies = untold.SelectMany(family => family.Leads).ToDictionary(lead => lead, _ => new List<Transition>());

            var versions = await LeadVersions.ReadAsync(transaction, tenant, asked, knownAt, cancellationToken);
            await using var command = Command(transaction, asked is null ? AllSql : SomeSql, tenant, knownAt);
            if (asked is not null)
            {
                command.Parameters.Add(new NpgsqlParameter<Guid[]>("leads", asked));
            }
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            List<Transition> rows = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                var row = LedgerRows.Read(reader);
                if (rows.Count > 0 && rows[0].LeadId != row.LeadId)
                {
                    if (!ofFamilies.ContainsKey(rows[0].LeadId))
                    {
                        yield return Lead(rows, versions);
                    }
                    rows = [];
                }
                if (rows.Count == 0 && ofFamilies.TryGetValue(row.LeadId, out var ofFamily))
                {
                    rows = ofFamily;
                }
                rows.Add(row);
            }
            if (rows.Count > 0 && !ofFamilies.ContainsKey(rows[0].LeadId))
            {
                yield return Lead(rows, versions);
            }
            foreach (var lead in untold.SelectMany(family => Leads(family, families, ofFamilies, versions)))
            {
                yield return lead;
            }
        }
    }

    static LeadRows Lead(List<Transition> rows, IReadOnlyDictionary<Guid, (LeadVersion Lead, DateTimeOffset RecordedAt)> versions) =>
        new(rows[0].LeadId, rows, versions.TryGetValue(rows[0].LeadId, out var version) ? version : null);

    static IEnumerable<LeadRows> Leads(
        LeadFamily family,
        LeadFamilies families,
        Dictionary<Guid, List<Transition>> rowsOfLead,
        IReadOnlyDictionary<Guid, (LeadVersion Lead, DateTimeOffset RecordedAt)> versions)
    {
        var rows = family.Leads.SelectMany(lead => rowsOfLead[lead]).ToLookup(row => families.SurvivorOf(row.LeadId));
        List<DateTimeOffset> known =
        [
            .. family.Merges.Select(merge => merge.RecordedAt),
            .. rows.SelectMany(ofLead => ofLead).Select(row => row.RecordedAt),
            .. family.Leads.Where(versions.ContainsKey).Select(lead => versions[lead].RecordedAt),
        ];
        var of = new FamilyKnown(family, known.Min(), known.Max());
        return family.Leads.Select(lead => new LeadRows(lead, [.. rows[lead]], versions.TryGetValue(lead, out var version) ? version : null, of));
    }

    static FoldedLead Fold(LeadRows lead, DateTimeOffset knownAt)
    {
        if (lead.Family is { } family)
        {
            return new(
                lead.LeadId,
                Domain.Fold.Lead(lead.Rows, DateTimeOffset.MaxValue, knownAt, lead.Version?.Lead, survivor: lead.LeadId),
                family.First,
                family.Last);
        }
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
