using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>The append-only ledger of every journey's moves.</summary>
sealed class LedgerStore(NpgsqlDataSource dataSource)
{
    const string TickSql = """
        INSERT INTO ledger_clocks (tenant_id, recorded_at)
        VALUES (@tenant, clock_timestamp())
        ON CONFLICT (tenant_id) DO UPDATE
        SET recorded_at = greatest(clock_timestamp(), ledger_clocks.recorded_at + interval '1 microsecond')
        """;

    // A row that is known already is the same row: delivered twice, or published twice.
    const string AppendSql = """
        INSERT INTO transitions (tenant_id, recorded_at, transition_id, lead_id, journey_id, opportunity_id, from_stage, to_stage, occurred_at,
            source_seq, origin, actor, reason, policy_version, score, amount, currency, supersedes, channel, source, campaign, segment, region,
            owner, team, product, motion)
        SELECT @tenant, (SELECT recorded_at FROM ledger_clocks WHERE tenant_id = @tenant), batch.*
        FROM unnest(@transition_ids, @lead_ids, @journey_ids, @opportunity_ids, @from_stages, @to_stages, @occurred_ats, @source_seqs, @origins,
            @actors, @reasons, @policy_versions, @scores, @amounts, @currencies, @supersedes, @channels, @sources, @campaigns, @segments,
            @regions, @owners, @teams, @products, @motions) AS batch
        ON CONFLICT DO NOTHING
        """;

    const string WaitSql = "SELECT recorded_at FROM ledger_clocks WHERE tenant_id = $1 FOR SHARE";

    const string ReadAllSql = $"SELECT {LedgerRows.Columns} FROM transitions WHERE tenant_id = @tenant AND recorded_at <= @known_at ORDER BY lead_id";

    const string ReadLeadOfJourneySql = $"""
        SELECT {LedgerRows.Columns}
        FROM transitions
        WHERE tenant_id = @tenant AND recorded_at <= @known_at
            AND lead_id IN (SELECT lead_id FROM transitions WHERE tenant_id = @tenant AND journey_id = @journey_id)
        """;

    /// <summary>Appends rows, in the transaction of the message that brought them, and stamps them with when the ledger learnt of them.</summary>
    /// <remarks>
    /// The stamp is of the database's clock, never falls for a tenant, and is taken under a lock that lasts until the commit: so
    /// whatever a reader sees up to an instant is all that there will ever be up to it.
    /// </remarks>
    /// <returns>How many were new.</returns>
    public static async Task<int> AppendAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<Transition> rows, CancellationToken cancellationToken)
    {
        // One round trip: the shorter the lock, the more appends a tenant gets.
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(Tick(tenant));
        var append = new NpgsqlBatchCommand(AppendSql) { Parameters = { new NpgsqlParameter<string>("tenant", tenant) } };
        append.Parameters.AddTransitions(rows);
        batch.BatchCommands.Add(append);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return append.RecordsAffected;
    }

    /// <summary>The first statement of an append: takes the tenant's lock and the stamp.</summary>
    public static NpgsqlBatchCommand Tick(string tenant) => new(TickSql) { Parameters = { new NpgsqlParameter<string>("tenant", tenant) } };

    /// <summary>Now, by the database's clock: every append with an earlier stamp is committed, and no later one will get an earlier stamp.</summary>
    public async Task<DateTimeOffset> GetNowAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.SetTenant(tenant);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WaitSql) { Parameters = { new NpgsqlParameter<string> { TypedValue = tenant } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT clock_timestamp()"));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetFieldValue<DateTimeOffset>(0);
    }

    /// <summary>Folds every journey of the tenant, lead after lead, and keeps none of them.</summary>
    /// <param name="visit">Called with each journey that has a row in force.</param>
    public async Task FoldAsync(
        string tenant, DateTimeOffset asOf, DateTimeOffset knownAt, Action<JourneyFacts> visit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var versions = await LeadVersions.ReadAsync(transaction, tenant, knownAt, cancellationToken);
        await using var command = new NpgsqlCommand(ReadAllSql, connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<DateTimeOffset>("known_at", knownAt) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lead = new List<Transition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = LedgerRows.Read(reader);
            if (lead.Count > 0 && lead[0].LeadId != row.LeadId)
            {
                Visit();
            }
            lead.Add(row);
        }
        if (lead.Count > 0)
        {
            Visit();
        }

        void Visit()
        {
            foreach (var journey in Fold.Lead(lead, asOf, knownAt, versions.GetValueOrDefault(lead[0].LeadId)))
            {
                visit(journey);
            }
            lead.Clear();
        }
    }

    /// <summary>Every row of the lead that has the journey; none where there is no such journey.</summary>
    public async Task<IReadOnlyList<Transition>> ReadLeadOfJourneyAsync(
        string tenant, Guid journeyId, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = new NpgsqlCommand(ReadLeadOfJourneySql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("known_at", knownAt),
                new NpgsqlParameter<Guid>("journey_id", journeyId),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<Transition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(LedgerRows.Read(reader));
        }
        return rows;
    }
}
