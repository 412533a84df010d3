using L2R.Messaging;
using L2R.Opportunity.Domain;
using L2R.Opportunity.Messaging;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Opportunity.Storage;

/// <summary>All SQL on deals, but for imports.</summary>
/// <remarks>Locks go from the deal to its journey, never back.</remarks>
sealed class DealStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string InsertSql = $"INSERT INTO opportunities (tenant_id, {DealRows.Columns}) VALUES (@tenant, {DealRows.Values})";

    const string UpdateSql = """
        UPDATE opportunities
        SET display_name = @display_name, stage = @stage, amount = @amount, currency_code = @currency_code,
            expected_close_date = @expected_close_date, owner = @owner, product = @product, state = @state,
            open_time = @open_time, close_time = @close_time, close_reason = @close_reason,
            update_time = @update_time, version = @version
        WHERE tenant_id = @tenant AND opportunity_id = @opportunity_id
        """;

    const string FindSql = $"SELECT {DealRows.Columns} FROM opportunities WHERE tenant_id = @tenant AND opportunity_id = @opportunity_id";

    const string LockSql = $"{FindSql} FOR UPDATE";

    const string OthersOpenSql = """
        SELECT EXISTS (
            SELECT FROM opportunities
            WHERE tenant_id = @tenant AND journey_id = @journey_id AND opportunity_id <> @opportunity_id AND state = 'Open')
        """;

    const string IsImportedSql = "SELECT EXISTS (SELECT FROM imported_journeys WHERE tenant_id = @tenant AND journey_id = @journey_id)";

    const string ListSql = $"""
        SELECT {DealRows.Columns}
        FROM opportunities
        WHERE tenant_id = @tenant AND (create_time, opportunity_id) < (@create_time, @opportunity_id)
            AND (@journey_id IS NULL OR journey_id = @journey_id)
            AND (@state IS NULL OR state = @state)
            AND (@owner IS NULL OR owner = @owner)
        ORDER BY create_time DESC, opportunity_id DESC
        LIMIT @limit
        """;

    public async Task<Deal?> FindAsync(string tenant, Guid dealId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await ReadOneAsync(transaction, FindSql, tenant, dealId, cancellationToken);
    }

    /// <param name="before">The last deal of the page before; null for the first page.</param>
    /// <param name="limit">At least 1.</param>
    /// <returns>Newest first.</returns>
    public async Task<IReadOnlyList<Deal>> ListAsync(
        string tenant,
        (DateTimeOffset CreateTime, Guid DealId)? before,
        Guid? journeyId,
        DealState? state,
        string? owner,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = new NpgsqlCommand(ListSql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("create_time", before?.CreateTime ?? DateTimeOffset.MaxValue),
                new NpgsqlParameter<Guid>("opportunity_id", before?.DealId ?? Guid.AllBitsSet),
                new NpgsqlParameter<int>("limit", limit),
            },
        };
        command.Parameters.AddNullable("journey_id", NpgsqlDbType.Uuid, journeyId);
        command.Parameters.AddNullable("state", NpgsqlDbType.Text, state?.ToString());
        command.Parameters.AddNullable("owner", NpgsqlDbType.Text, owner);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var deals = new List<Deal>();
        while (await reader.ReadAsync(cancellationToken))
        {
            deals.Add(DealRows.Read(reader));
        }
        return deals;
    }

    /// <summary>Opens a deal of the journey.</summary>
    /// <param name="actor">Who asks for it, for the ledger.</param>
    public async Task<DealOutcome> CreateAsync(
        string tenant, string actor, Guid journeyId, Guid? requestId, byte[] fingerprint, DealDetails details, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var dealId = Guid.CreateVersion7(now);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, dealId, cancellationToken))
        {
            case RequestClaim.Reused:
                return new DealOutcome.RequestIdReused();
            case RequestClaim.Replayed(var existing, _):
                return new DealOutcome.Done(
                    await ReadOneAsync(transaction, FindSql, tenant, existing, cancellationToken)
                    ?? throw new InvalidOperationException($"Opportunity {existing} of a remembered request is gone."));
        }
        if (await JourneyRows.LockAsync(transaction, tenant, journeyId, cancellationToken) is not { } journey)
        {
            return await AskAsync(transaction, IsImportedSql, tenant, journeyId, dealId, cancellationToken)
                ? new DealOutcome.Refused(new DealDecision.IsHistory())
                : new DealOutcome.JourneyUnknown();
        }
        return await StoreAsync(transaction, InsertSql, tenant, actor, Deals.Open(journey, dealId, details, now), now, cancellationToken);
    }

    /// <summary>Changes what is said of an open deal; nobody else changes it meanwhile.</summary>
    /// <param name="version">The version that the caller saw; null when it does not care.</param>
    public Task<DealOutcome> UpdateAsync(
        string tenant, Guid dealId, long? version, Guid? requestId, byte[] fingerprint, Func<DealDetails, DealDetails> change, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(
            tenant, actor: "", dealId, version, requestId, fingerprint,
            (_, deal) => Task.FromResult(Deals.Change(deal, change(deal.Details))), now, cancellationToken);

    /// <summary>Wins an open deal.</summary>
    public Task<DealOutcome> WinAsync(
        string tenant, string actor, Guid dealId, long? version, Guid? requestId, byte[] fingerprint, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        MoveAsync(
            tenant, actor, dealId, version, requestId, fingerprint,
            (journey, deal, _) => Deals.Win(journey, deal, reason, now), now, cancellationToken);

    /// <summary>Loses an open deal.</summary>
    public Task<DealOutcome> LoseAsync(
        string tenant, string actor, Guid dealId, long? version, Guid? requestId, byte[] fingerprint, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        MoveAsync(
            tenant, actor, dealId, version, requestId, fingerprint,
            (journey, deal, othersOpen) => Deals.Lose(journey, deal, othersOpen, reason, now), now, cancellationToken);

    /// <summary>Opens a lost deal again.</summary>
    public Task<DealOutcome> ReopenAsync(
        string tenant, string actor, Guid dealId, long? version, Guid? requestId, byte[] fingerprint, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        MoveAsync(
            tenant, actor, dealId, version, requestId, fingerprint,
            (journey, deal, _) => Deals.Reopen(journey, deal, reason, now), now, cancellationToken);

    Task<DealOutcome> MoveAsync(
        string tenant,
        string actor,
        Guid dealId,
        long? version,
        Guid? requestId,
        byte[] fingerprint,
        Func<JourneyPosition, Deal, bool, DealDecision> decide,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        ChangeAsync(tenant, actor, dealId, version, requestId, fingerprint, async (transaction, deal) =>
        {
            if (await JourneyRows.LockAsync(transaction, tenant, deal.JourneyId, cancellationToken) is not { } journey)
            {
                return new DealDecision.IsHistory(); // imported deals alone have no journey here
            }
            // Asked under the journey's lock: of two last deals that are lost at once, one is the last.
            var othersOpen = await AskAsync(transaction, OthersOpenSql, tenant, deal.JourneyId, deal.Id, cancellationToken);
            return decide(journey, deal, othersOpen);
        }, now, cancellationToken);

    async Task<DealOutcome> ChangeAsync(
        string tenant,
        string actor,
        Guid dealId,
        long? version,
        Guid? requestId,
        byte[] fingerprint,
        Func<NpgsqlTransaction, Deal, Task<DealDecision>> decide,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, dealId, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new DealOutcome.RequestIdReused();
        }
        if (await ReadOneAsync(transaction, LockSql, tenant, dealId, cancellationToken) is not { } before)
        {
            return new DealOutcome.NotFound();
        }
        if (claim is RequestClaim.Replayed)
        {
            return new DealOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new DealOutcome.EtagStale();
        }
        return await StoreAsync(transaction, UpdateSql, tenant, actor, Next(await decide(transaction, before), now), now, cancellationToken);
    }

    static DealDecision Next(DealDecision decision, DateTimeOffset now) => decision switch
    {
        DealDecision.Changed(var deal) => new DealDecision.Changed(Next(deal, now)),
        DealDecision.Moved(var deal, var journey, var move) => new DealDecision.Moved(Next(deal, now), journey, move),
        _ => decision,
    };

    static Deal Next(Deal deal, DateTimeOffset now) => deal with { Version = deal.Version + 1, UpdateTime = now };

    /// <summary>Stores what was decided, with its events, and commits; or nothing, where it was refused.</summary>
    async Task<DealOutcome> StoreAsync(
        NpgsqlTransaction transaction, string sql, string tenant, string actor, DealDecision decision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<OutboxEvent> events = [];
        Deal deal;
        switch (decision)
        {
            case DealDecision.Unchanged(var unchanged):
                await transaction.CommitAsync(cancellationToken); // of the request id alone
                return new DealOutcome.Done(unchanged);
            case DealDecision.Changed(var changed):
                deal = changed;
                break;
            case DealDecision.Moved(var moved, var journey, var move):
                deal = moved;
                await JourneyRows.WriteAsync(transaction, tenant, journey, cancellationToken);
                events.Add(OpportunityEvents.Moved(tenant, deal, move, actor, now));
                break;
            default:
                return new DealOutcome.Refused(decision);
        }
        events.Add(OpportunityEvents.Changed(tenant, deal));
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddDeal(tenant, deal);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await OutboxWriter.AddAsync(transaction, events, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new DealOutcome.Done(deal);
    }

    static async Task<Deal?> ReadOneAsync(NpgsqlTransaction transaction, string sql, string tenant, Guid dealId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("opportunity_id", dealId) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? DealRows.Read(reader) : null;
    }

    static async Task<bool> AskAsync(NpgsqlTransaction transaction, string sql, string tenant, Guid journeyId, Guid dealId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("journey_id", journeyId),
                new NpgsqlParameter<Guid>("opportunity_id", dealId),
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
