using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Intake.Storage;

/// <summary>What became of a merge, or of its undo.</summary>
abstract record MergeOutcome
{
    MergeOutcome() { }

    /// <param name="Loser">As it is now.</param>
    public sealed record Done(Lead Loser) : MergeOutcome;

    public sealed record NotFound(Guid LeadId) : MergeOutcome;

    /// <summary>One of the two is another lead already.</summary>
    public sealed record AlreadyMerged(Guid LeadId, Guid Survivor) : MergeOutcome;

    public sealed record NotMerged : MergeOutcome;

    public sealed record EtagStale : MergeOutcome;

    public sealed record RequestIdReused : MergeOutcome;
}

/// <summary>Makes two leads one, and two again. Neither loses anything: the ledger counts the loser's journeys for the survivor.</summary>
sealed class LeadMerges(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    // In the order of their ids: two merges of the same leads then wait for each other instead of deadlocking.
    const string LockSql = $"""
        SELECT {LeadRows.Columns}
        {LeadRows.From}
        WHERE l.tenant_id = @tenant AND l.lead_id = ANY (@leads)
        ORDER BY l.lead_id
        FOR UPDATE OF l
        """;

    const string WriteSql = """
        UPDATE leads
        SET merged_into = @survivor, merge_id = @merge, version = @version, update_time = @update_time
        WHERE tenant_id = @tenant AND lead_id = @loser
        """;

    /// <param name="version">Of the loser, that the caller saw; null when it does not care.</param>
    /// <param name="survivor">Not the loser. One that is merged itself is refused, so that no circle can be.</param>
    public Task<MergeOutcome> MergeAsync(
        string tenant, Guid loser, Guid survivor, long? version, Guid? requestId, byte[] fingerprint, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(tenant, loser, [loser, survivor], version, requestId, fingerprint, leads =>
            leads.FirstOrDefault(lead => lead.Merge is not null) is { Merge: { } merged } taken
                ? (null, new MergeOutcome.AlreadyMerged(taken.Id, merged.Survivor))
                : (new LeadMerge(Guid.CreateVersion7(now), survivor), null), now, cancellationToken);

    /// <param name="version">As above.</param>
    public Task<MergeOutcome> UnmergeAsync(
        string tenant, Guid loser, long? version, Guid? requestId, byte[] fingerprint, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(tenant, loser, [loser], version, requestId, fingerprint, leads =>
            (null, leads[0].Merge is null ? new MergeOutcome.NotMerged() : null), now, cancellationToken);

    async Task<MergeOutcome> ChangeAsync(
        string tenant,
        Guid loser,
        Guid[] leads,
        long? version,
        Guid? requestId,
        byte[] fingerprint,
        Func<IReadOnlyList<Lead>, (LeadMerge? Merge, MergeOutcome? Refused)> decide,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, loser, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new MergeOutcome.RequestIdReused();
        }
        var found = await LockAsync(transaction, tenant, leads, cancellationToken);
        if (leads.FirstOrDefault(id => !found.Exists(lead => lead.Id == id)) is var missing && missing != default)
        {
            return new MergeOutcome.NotFound(missing);
        }
        var before = found.Single(lead => lead.Id == loser);
        if (claim is RequestClaim.Replayed)
        {
            return new MergeOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new MergeOutcome.EtagStale();
        }
        var (merge, refused) = decide(found);
        if (refused is not null)
        {
            return refused;
        }

        var after = before with { Merge = merge, Version = before.Version + 1, UpdateTime = now };
        await WriteAsync(transaction, tenant, after, cancellationToken);
        await OutboxWriter.AddAsync(
            transaction, [IntakeEvents.Merged(tenant, loser, (merge ?? before.Merge)!, isUndone: merge is null, now)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new MergeOutcome.Done(after);
    }

    static async Task<List<Lead>> LockAsync(NpgsqlTransaction transaction, string tenant, Guid[] leads, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid[]>("leads", leads) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Lead> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(LeadRows.Read(reader));
        }
        return found;
    }

    static async Task WriteAsync(NpgsqlTransaction transaction, string tenant, Lead lead, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("loser", lead.Id),
                new NpgsqlParameter<Guid?>("survivor", lead.Merge?.Survivor),
                new NpgsqlParameter<Guid?>("merge", lead.Merge?.MergeId),
                new NpgsqlParameter<long>("version", lead.Version),
                new NpgsqlParameter<DateTimeOffset>("update_time", lead.UpdateTime),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
