using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>What became of a wish to close a review.</summary>
abstract record ReviewOutcome
{
    ReviewOutcome() { }

    /// <summary>The review as it is now: closed, or as an earlier try of the same request left it.</summary>
    public sealed record Done(Review Review) : ReviewOutcome;

    public sealed record NotFound : ReviewOutcome;

    public sealed record EtagStale : ReviewOutcome;

    public sealed record AlreadyClosed : ReviewOutcome;

    public sealed record RequestIdReused : ReviewOutcome;
}

/// <summary>The reviews of tenants. They are opened by <see cref="TriggerWork"/>.</summary>
sealed class ReviewStore(NpgsqlDataSource dataSource)
{
    const string ListSql = $"""
        {ReviewRows.SelectSql} AND (due_time, review_id) > (@after_time, @after_id)
            AND (@state = 0 OR @state = CASE WHEN close_time IS NOT NULL THEN 3 WHEN due_time <= @now THEN 2 ELSE 1 END)
        ORDER BY due_time, review_id
        LIMIT @limit
        """;

    public async Task<Review?> FindAsync(string tenant, Guid reviewId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await ReviewRows.FindAsync(transaction, ReviewRows.FindSql, tenant, reviewId, cancellationToken);
    }

    /// <summary>One page, by when they are due.</summary>
    /// <param name="after">Where the page before ended.</param>
    /// <param name="state">Null: any.</param>
    public async Task<IReadOnlyList<Review>> ListAsync(
        string tenant, (DateTimeOffset Time, Guid Id)? after, ReviewState? state, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await ReviewRows.ReadAsync(transaction, ListSql, cancellationToken,
            new NpgsqlParameter<string>("tenant", tenant),
            new NpgsqlParameter<DateTimeOffset>("after_time", after?.Time ?? DateTimeOffset.MinValue),
            new NpgsqlParameter<Guid>("after_id", after?.Id ?? Guid.Empty),
            new NpgsqlParameter<int>("state", state is { } wanted ? (int)wanted + 1 : 0),
            new NpgsqlParameter<DateTimeOffset>("now", now),
            new NpgsqlParameter<int>("limit", limit));
    }

    /// <summary>Closes a review, and opens the one that looks at its decision again.</summary>
    /// <param name="version">The version that the caller saw; null when it does not care.</param>
    /// <param name="nextDueTime">The first instant after the day of the decision's next review.</param>
    public async Task<ReviewOutcome> CloseAsync(
        string tenant, Guid reviewId, long? version, Guid? requestId, byte[] fingerprint, Decision decision, DateTimeOffset nextDueTime, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, reviewId, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new ReviewOutcome.RequestIdReused();
        }
        if (await ReviewRows.FindAsync(transaction, ReviewRows.FindSql, tenant, reviewId, cancellationToken) is not { } known)
        {
            return new ReviewOutcome.NotFound();
        }
        // The trigger first, as a firing does: so that the two wait for each other instead of deadlocking.
        await TriggerWork.LockAsync(transaction, tenant, known.TriggerId, cancellationToken);
        var before = (await ReviewRows.FindAsync(transaction, ReviewRows.LockSql, tenant, reviewId, cancellationToken))!;
        if (claim is RequestClaim.Replayed)
        {
            return new ReviewOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new ReviewOutcome.EtagStale();
        }
        if (before.Decision is not null)
        {
            return new ReviewOutcome.AlreadyClosed();
        }
        var closed = before with { Decision = decision, Version = before.Version + 1 };
        // In this order: a trigger has one open review at most.
        await ReviewRows.WriteAsync(transaction, tenant, closed, cancellationToken);
        await ReviewRows.WriteAsync(transaction, tenant, closed.FollowUp(Guid.CreateVersion7(decision.Time), decision, nextDueTime), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ReviewOutcome.Done(closed);
    }
}
