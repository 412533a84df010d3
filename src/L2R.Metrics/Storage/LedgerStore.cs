using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>The append-only ledger of every journey's moves.</summary>
sealed class LedgerStore(NpgsqlDataSource dataSource, LedgerOptions options, ILogger<LedgerStore> logger) : IDisposable
{
    readonly LedgerCopies _copies = new(dataSource, new(dataSource, options.SnapshotFromJourneys, logger), options.MaxJourneysInMemory);

    // Appends of a tenant share this lock until their commit, and a question takes it alone for an instant: so it comes after every append
    // that is under way, and before every later one. A queue in order: who asks waits for one commit at most.
    const string ShareSql = "SELECT pg_advisory_xact_lock_shared(@lock, hashtext(@tenant))";
    const string HoldSql = "SELECT pg_advisory_xact_lock(@lock, hashtext(@tenant))";
    const int Lock = 0x1ED6E2; // tells this kind of lock from others in the database

    /// <summary>When the ledger learns of what this statement appends: later than every answer so far, also where the clock was set back.</summary>
    public const string StampSql =
        "(SELECT greatest(clock_timestamp(), max(recorded_at) + interval '1 microsecond') FROM ledger_clocks WHERE tenant_id = @tenant)";

    // Without a wait for the disk: what is lost in a crash matters only if the clock is set back at the same time.
    const string LazySql = "SELECT set_config('synchronous_commit', 'off', true)";
    const string NowSql = """
        INSERT INTO ledger_clocks (tenant_id, recorded_at)
        VALUES (@tenant, clock_timestamp())
        ON CONFLICT (tenant_id) DO UPDATE
        SET recorded_at = greatest(clock_timestamp(), ledger_clocks.recorded_at)
        RETURNING recorded_at
        """;

    const string AppendSql = $"""
        INSERT INTO transitions (tenant_id, recorded_at, transition_id, lead_id, journey_id, opportunity_id, from_stage, to_stage, occurred_at,
            source_seq, origin, actor, reason, policy_version, score, amount, currency, supersedes, channel, source, campaign, segment, region,
            owner, team, product, motion, custom)
        SELECT @tenant, {StampSql}, batch.*
        FROM unnest(@transition_ids, @lead_ids, @journey_ids, @opportunity_ids, @from_stages, @to_stages, @occurred_ats, @source_seqs, @origins,
            @actors, @reasons, @policy_versions, @scores, @amounts, @currencies, @supersedes, @channels, @sources, @campaigns, @segments,
            @regions, @owners, @teams, @products, @motions, @customs) AS batch
        """;

    // A row that is known already is the same row: delivered twice, or published twice. Looking for it first costs a fifth of an append, and the
    // inbox has dropped all but a few of them: so this is the second attempt.
    const string AppendUnknownSql = $"{AppendSql} ON CONFLICT DO NOTHING";

    const string FindLeadsOfJourneySql =
        "SELECT DISTINCT lead_id FROM transitions WHERE tenant_id = @tenant AND recorded_at <= @known_at AND journey_id = @journey_id";

    const string ReadLeadsSql = $"""
        SELECT {LedgerRows.Columns}
        FROM transitions
        WHERE tenant_id = @tenant AND recorded_at <= @known_at AND lead_id = ANY (@leads)
        """;

    /// <summary>Appends rows, in the transaction of the message that brought them, and stamps them with when the ledger learnt of them.</summary>
    /// <remarks>
    /// The stamp is of the database's clock, and taken under a lock that lasts until the commit: so whatever a reader sees up to the
    /// instant of <see cref="GetNowAsync"/> is all that there will ever be up to it.
    /// </remarks>
    /// <returns>How many were new.</returns>
    public static async Task<int> AppendAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<Transition> rows, CancellationToken cancellationToken)
    {
        // In order of the table's key: two appends of the same rows then wait for each other instead of deadlocking.
        List<Transition> ordered = [.. rows.OrderBy(row => row.LeadId).ThenBy(row => row.TransitionId)];
        try
        {
            return await AppendAsync(AppendSql);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync("before_append", cancellationToken); // which gives up the lock too
            return await AppendAsync(AppendUnknownSql);
        }

        async Task<int> AppendAsync(string sql)
        {
            await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { new("SAVEPOINT before_append"), Share(tenant) } };
            var append = new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<string>("tenant", tenant) } };
            append.Parameters.AddTransitions(ordered);
            batch.BatchCommands.Add(append);
            batch.AddNames(tenant, ordered.Select(row => row.Dimensions.Custom));
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return append.RecordsAffected;
        }
    }

    /// <summary>The first statement of an append, before <see cref="StampSql"/>.</summary>
    public static NpgsqlBatchCommand Share(string tenant) => Command(ShareSql, tenant);

    /// <summary>Now, by the database's clock: every append with a stamp up to it is committed, and no later one will get such a stamp.</summary>
    public async Task<DateTimeOffset> GetNowAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.SetTenant(tenant);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LazySql));
        batch.BatchCommands.Add(Command(HoldSql, tenant));
        batch.BatchCommands.Add(Command(NowSql, tenant));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        for (var before = 1; before < batch.BatchCommands.Count; before++)
        {
            await reader.NextResultAsync(cancellationToken);
        }
        await reader.ReadAsync(cancellationToken);
        return reader.GetFieldValue<DateTimeOffset>(0);
    }

    static NpgsqlBatchCommand Command(string sql, string tenant) => new(sql)
    {
        Parameters = { new NpgsqlParameter<int>("lock", Lock), new NpgsqlParameter<string>("tenant", tenant) },
    };

    /// <summary>Every journey of the tenant as the ledger knew it at an instant, in columns.</summary>
    /// <param name="knownAt">At most what <see cref="GetNowAsync"/> gave.</param>
    /// <exception cref="TooManyJourneysException">The tenant's don't fit into this process.</exception>
    public Task<JourneyColumns> ReadAsync(string tenant, DateTimeOffset knownAt, CancellationToken cancellationToken) =>
        _copies.ReadAsync(tenant, knownAt, cancellationToken);

    /// <summary>The journeys as the ledger knew them a moment ago, and when that was. Who asks together waits for one reading.</summary>
    /// <param name="maxAge">How long ago that may be.</param>
    /// <exception cref="TooManyJourneysException">The tenant's don't fit into this process.</exception>
    public Task<(JourneyColumns Journeys, DateTimeOffset KnownAt)> ReadLatestAsync(string tenant, TimeSpan maxAge, CancellationToken cancellationToken) =>
        _copies.ReadLatestAsync(tenant, maxAge, () => GetNowAsync(tenant, cancellationToken), cancellationToken);

    public void Dispose() => _copies.Dispose();

    /// <summary>The leads of which the ledger learnt something after one instant and up to another.</summary>
    public Task<IReadOnlyList<Guid>> FindChangedAsync(string tenant, DateTimeOffset since, DateTimeOffset knownAt, CancellationToken cancellationToken) =>
        LedgerReader.FindChangedAsync(dataSource, tenant, since, knownAt, cancellationToken);

    /// <summary>Every row that was known of some leads at an instant, lead after lead; of rows that entered a stage without actor and reason.</summary>
    /// <param name="leads">Null: all of them.</param>
    public IAsyncEnumerable<LeadRows> ReadLeadsAsync(
        string tenant, IReadOnlyList<Guid>? leads, DateTimeOffset knownAt, CancellationToken cancellationToken) =>
        LedgerReader.ReadAsync(dataSource, tenant, leads, knownAt, cancellationToken);

    /// <summary>What Intake had last said of a lead by an instant. Null: it never changed.</summary>
    public async Task<LeadVersion?> FindVersionAsync(string tenant, Guid lead, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var versions = await LeadVersions.ReadAsync(transaction, tenant, [lead], knownAt, cancellationToken);
        return versions.TryGetValue(lead, out var version) ? version.Lead : null;
    }

    /// <summary>The lead that has a journey, under the name that counts, and every row of it and of those that are merged into it.</summary>
    /// <returns>Null where there is no such journey.</returns>
    public async Task<(Guid Lead, IReadOnlyList<Transition> Rows)?> FindLeadOfJourneyAsync(
        string tenant, Guid journeyId, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var found = await ReadAsync(FindLeadsOfJourneySql, new NpgsqlParameter<Guid>("journey_id", journeyId), reader => reader.GetGuid(0));
        if (found.Count == 0)
        {
            return null;
        }
        var families = await LeadMerges.ReadAsync(transaction, tenant, [.. found], knownAt, cancellationToken);
        var lead = families.SurvivorOf(found[0]);
        var leads = families.All().SelectMany(family => family.Leads).Where(other => families.SurvivorOf(other) == lead).Union(found).ToArray();
        return (lead, await ReadAsync(ReadLeadsSql, new NpgsqlParameter<Guid[]>("leads", leads), LedgerRows.Read));

        async Task<List<T>> ReadAsync<T>(string sql, NpgsqlParameter parameter, Func<NpgsqlDataReader, T> read)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction)
            {
                Parameters =
                {
                    new NpgsqlParameter<string>("tenant", tenant),
                    new NpgsqlParameter<DateTimeOffset>("known_at", knownAt),
                    parameter,
                },
            };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            List<T> all = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                all.Add(read(reader));
            }
            return all;
        }
    }
}
