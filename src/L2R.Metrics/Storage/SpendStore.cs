using L2R.Metrics.Domain.Costs;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Metrics.Storage;

/// <summary>What became of a spend that a caller sent.</summary>
abstract record SpendOutcome
{
    SpendOutcome() { }

    /// <summary>The spend as it is now: stored, or as an earlier try of the same request left it. Null: it is deleted.</summary>
    public sealed record Done(Spend? Spend) : SpendOutcome;

    public sealed record NotFound : SpendOutcome;

    public sealed record EtagStale : SpendOutcome;

    public sealed record RequestIdReused : SpendOutcome;
}

/// <summary>All SQL on spends. A write adds a version; nothing is changed or deleted, so that an earlier K still finds what it found.</summary>
sealed class SpendStore(NpgsqlDataSource dataSource)
{
    // Changes of a tenant's spends queue up: each is of the version before it.
    const string LockSql = "SELECT pg_advisory_xact_lock(@lock, hashtext(@tenant))";
    const int Lock = 0x59E2D5; // tells this kind of lock from others in the database

    const string ReadSql = """
        SELECT *
        FROM (
            SELECT DISTINCT ON (spend_id) spend_id, version, deleted, channel, campaign, first_date, last_date, cost, currency, create_time, update_time
            FROM spends
            WHERE tenant_id = @tenant AND recorded_at <= @known_at
            ORDER BY spend_id, version DESC) newest
        WHERE NOT deleted
        ORDER BY create_time, spend_id
        """;

    const string WriteSql = $"""
        INSERT INTO spends (tenant_id, spend_id, version, recorded_at, deleted, channel, campaign, first_date, last_date, cost, currency, create_time, update_time)
        VALUES (@tenant, @spend_id, @version, {LedgerStore.StampSql}, @deleted, @channel, @campaign, @first_date, @last_date, @cost, @currency, @create_time, @update_time)
        """;

    /// <summary>Every spend of the tenant as known at K, in the order in which they were added.</summary>
    public async Task<IReadOnlyList<Spend>> ListAsync(string tenant, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await ReadAsync(transaction, tenant, knownAt, cancellationToken);
    }

    public async Task<SpendOutcome> CreateAsync(
        string tenant, Guid? requestId, byte[] fingerprint, SpendDetails details, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var spend = new Spend { Id = Guid.CreateVersion7(now), Details = details, CreateTime = now, UpdateTime = now, Version = 1 };
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, spend.Id, cancellationToken))
        {
            case RequestClaim.Reused:
                return new SpendOutcome.RequestIdReused();
            case RequestClaim.Replayed(var earlier, _):
                return await FindAsync(transaction, tenant, earlier, cancellationToken) is { } stored ? new SpendOutcome.Done(stored) : new SpendOutcome.NotFound();
        }
        return await StoreAsync(transaction, tenant, spend, deleted: false, cancellationToken);
    }

    /// <summary>Changes a spend; nobody else changes any meanwhile. Where it is so already, nothing is written.</summary>
    /// <param name="version">The version that the caller saw; null when it does not care.</param>
    /// <param name="change">Null deletes.</param>
    public async Task<SpendOutcome> ChangeAsync(
        string tenant, Guid spendId, long? version, Guid? requestId, byte[] fingerprint, Func<SpendDetails, SpendDetails>? change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, spendId, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new SpendOutcome.RequestIdReused();
        }
        if (claim is RequestClaim.Replayed && change is null)
        {
            return new SpendOutcome.Done(null);
        }
        await LockAsync(transaction, tenant, cancellationToken);
        if (await FindAsync(transaction, tenant, spendId, cancellationToken) is not { } before)
        {
            return new SpendOutcome.NotFound();
        }
        if (claim is RequestClaim.Replayed)
        {
            return new SpendOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new SpendOutcome.EtagStale();
        }
        var after = before with { UpdateTime = now, Version = before.Version + 1 };
        if (change is null)
        {
            await StoreAsync(transaction, tenant, after, deleted: true, cancellationToken);
            return new SpendOutcome.Done(null);
        }
        var details = change(before.Details);
        if (details == before.Details)
        {
            await transaction.CommitAsync(cancellationToken); // of the request id alone
            return new SpendOutcome.Done(before);
        }
        return await StoreAsync(transaction, tenant, after with { Details = details }, deleted: false, cancellationToken);
    }

    static async Task LockAsync(NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<int>("lock", Lock), new NpgsqlParameter<string>("tenant", tenant) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task<Spend?> FindAsync(NpgsqlTransaction transaction, string tenant, Guid spendId, CancellationToken cancellationToken) =>
        (await ReadAsync(transaction, tenant, DateTimeOffset.MaxValue, cancellationToken)).FirstOrDefault(spend => spend.Id == spendId);

    static async Task<IReadOnlyList<Spend>> ReadAsync(
        NpgsqlTransaction transaction, string tenant, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<DateTimeOffset>("known_at", knownAt) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var spends = new List<Spend>();
        while (await reader.ReadAsync(cancellationToken))
        {
            spends.Add(new Spend
            {
                Id = reader.GetGuid(0),
                Version = reader.GetInt64(1),
                Details = new(
                    LedgerRows.Text(reader, 3), LedgerRows.Text(reader, 4), reader.GetFieldValue<DateOnly>(5), reader.GetFieldValue<DateOnly>(6),
                    reader.GetDecimal(7), reader.GetString(8)),
                CreateTime = reader.GetFieldValue<DateTimeOffset>(9),
                UpdateTime = reader.GetFieldValue<DateTimeOffset>(10),
            });
        }
        return spends;
    }

    static async Task<SpendOutcome> StoreAsync(
        NpgsqlTransaction transaction, string tenant, Spend spend, bool deleted, CancellationToken cancellationToken)
    {
        var details = spend.Details;
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(LedgerStore.Share(tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WriteSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("spend_id", spend.Id),
                new NpgsqlParameter<long>("version", spend.Version),
                new NpgsqlParameter<bool>("deleted", deleted),
                TargetRows.Nullable("channel", NpgsqlDbType.Text, details.Channel),
                TargetRows.Nullable("campaign", NpgsqlDbType.Text, details.Campaign),
                new NpgsqlParameter<DateOnly>("first_date", details.FirstDay),
                new NpgsqlParameter<DateOnly>("last_date", details.LastDay),
                new NpgsqlParameter<decimal>("cost", details.Amount),
                new NpgsqlParameter<string>("currency", details.Currency),
                new NpgsqlParameter<DateTimeOffset>("create_time", spend.CreateTime),
                new NpgsqlParameter<DateTimeOffset>("update_time", spend.UpdateTime),
            },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SpendOutcome.Done(spend);
    }
}
