using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>What became of a target that a caller sent.</summary>
abstract record TargetOutcome
{
    TargetOutcome() { }

    /// <summary>The target as it is now: stored, or as an earlier try of the same request left it. Null: it is deleted.</summary>
    public sealed record Done(Target? Target) : TargetOutcome;

    public sealed record NotFound : TargetOutcome;

    public sealed record EtagStale : TargetOutcome;

    /// <param name="Other">The target that it cannot stand beside.</param>
    public sealed record Overlaps(Target Other) : TargetOutcome;

    public sealed record RequestIdReused : TargetOutcome;
}

/// <summary>All SQL on targets.</summary>
sealed class TargetStore(NpgsqlDataSource dataSource)
{
    // Changes of a tenant's targets queue up: whether two of them overlap is decided on all of them.
    const string LockSql = "SELECT pg_advisory_xact_lock(@lock, hashtext(@tenant))";
    const int Lock = 0x7A26E7; // tells this kind of lock from others in the database

    const string DeleteSql = "DELETE FROM targets WHERE tenant_id = @tenant AND target_id = @target_id";

    /// <summary>Every target of the tenant, in the order in which they were added.</summary>
    public async Task<IReadOnlyList<Target>> ListAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await TargetRows.ReadAsync(transaction, tenant, cancellationToken);
    }

    public async Task<TargetOutcome> CreateAsync(
        string tenant, Guid? requestId, byte[] fingerprint, TargetDetails details, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var target = new Target { Id = Guid.CreateVersion7(now), Details = details, CreateTime = now, UpdateTime = now, Version = 1 };
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, target.Id, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new TargetOutcome.RequestIdReused();
        }
        var all = await LockAsync(transaction, tenant, cancellationToken);
        return claim is RequestClaim.Replayed(var earlier, _)
            ? all.FirstOrDefault(other => other.Id == earlier) is { } stored ? new TargetOutcome.Done(stored) : new TargetOutcome.NotFound()
            : await StoreAsync(transaction, tenant, all, target, cancellationToken);
    }

    /// <summary>Changes a target; nobody else changes any meanwhile. Where it is so already, nothing is written.</summary>
    /// <param name="version">The version that the caller saw; null when it does not care.</param>
    public async Task<TargetOutcome> UpdateAsync(
        string tenant, Guid targetId, long? version, Guid? requestId, byte[] fingerprint, Func<TargetDetails, TargetDetails> change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, targetId, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new TargetOutcome.RequestIdReused();
        }
        var all = await LockAsync(transaction, tenant, cancellationToken);
        if (all.FirstOrDefault(target => target.Id == targetId) is not { } before)
        {
            return new TargetOutcome.NotFound();
        }
        if (claim is RequestClaim.Replayed)
        {
            return new TargetOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new TargetOutcome.EtagStale();
        }
        var details = change(before.Details);
        if (details == before.Details)
        {
            await transaction.CommitAsync(cancellationToken); // of the request id alone
            return new TargetOutcome.Done(before);
        }
        return await StoreAsync(transaction, tenant, all, before with { Details = details, UpdateTime = now, Version = before.Version + 1 }, cancellationToken);
    }

    /// <param name="version">As above.</param>
    public async Task<TargetOutcome> DeleteAsync(
        string tenant, Guid targetId, long? version, Guid? requestId, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, targetId, cancellationToken))
        {
            case RequestClaim.Reused:
                return new TargetOutcome.RequestIdReused();
            case RequestClaim.Replayed:
                return new TargetOutcome.Done(null);
        }
        var all = await LockAsync(transaction, tenant, cancellationToken);
        if (all.FirstOrDefault(target => target.Id == targetId) is not { } before)
        {
            return new TargetOutcome.NotFound();
        }
        if (version is { } seen && seen != before.Version)
        {
            return new TargetOutcome.EtagStale();
        }
        await using var command = new NpgsqlCommand(DeleteSql, connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("target_id", targetId) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new TargetOutcome.Done(null);
    }

    /// <returns>Every target, which nobody else changes until the transaction ends.</returns>
    static async Task<IReadOnlyList<Target>> LockAsync(NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<int>("lock", Lock), new NpgsqlParameter<string>("tenant", tenant) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return await TargetRows.ReadAsync(transaction, tenant, cancellationToken);
    }

    static async Task<TargetOutcome> StoreAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<Target> all, Target target, CancellationToken cancellationToken)
    {
        if (new Targets(all).InTheWayOf(target.Id, target.Details) is { } other)
        {
            return new TargetOutcome.Overlaps(other);
        }
        await TargetRows.WriteAsync(transaction, tenant, target, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new TargetOutcome.Done(target);
    }
}
