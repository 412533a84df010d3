using L2R.Handoff.Domain;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Handoff.Storage;

/// <summary>What became of a rep that a caller sent.</summary>
abstract record RepOutcome
{
    RepOutcome() { }

    /// <summary>The rep as it is now: stored, or as an earlier try of the same request left it.</summary>
    public sealed record Done(Rep Rep) : RepOutcome;

    public sealed record NotFound : RepOutcome;

    public sealed record EtagStale : RepOutcome;

    /// <param name="Other">The rep who has this subject.</param>
    public sealed record SubjectTaken(Guid Other) : RepOutcome;

    public sealed record RequestIdReused : RepOutcome;
}

/// <summary>All SQL on reps.</summary>
sealed class RepStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string SelectSql = """
        SELECT r.rep_id, coalesce(n.display_name, ''), r.subject, r.team, r.active, r.create_time, r.update_time, r.version
        FROM reps r LEFT JOIN rep_names n USING (tenant_id, rep_id)
        WHERE r.tenant_id = @tenant
        """;

    const string FindSql = $"{SelectSql} AND r.rep_id = @rep_id";

    const string LockSql = $"{FindSql} FOR UPDATE OF r";

    const string FindBySubjectSql = $"{SelectSql} AND r.subject = @subject";

    const string ListSql = $"""
        {SelectSql} AND (r.create_time, r.rep_id) > (@create_time, @rep_id)
        ORDER BY r.create_time, r.rep_id
        LIMIT @limit
        """;

    const string WriteSql = """
        WITH rep AS (
            INSERT INTO reps (tenant_id, rep_id, subject, team, active, create_time, update_time, version)
            VALUES (@tenant, @rep_id, @subject, @team, @active, @create_time, @update_time, @version)
            ON CONFLICT (tenant_id, rep_id) DO UPDATE
            SET subject = EXCLUDED.subject, team = EXCLUDED.team, active = EXCLUDED.active, update_time = EXCLUDED.update_time,
                version = EXCLUDED.version
        )
        INSERT INTO rep_names (tenant_id, rep_id, display_name)
        VALUES (@tenant, @rep_id, @display_name)
        ON CONFLICT (tenant_id, rep_id) DO UPDATE SET display_name = EXCLUDED.display_name
        """;

    public async Task<Rep?> FindAsync(string tenant, Guid repId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await FindAsync(transaction, tenant, repId, cancellationToken);
    }

    /// <summary>One page, in the order in which they were added.</summary>
    /// <param name="after">Where the page before ended.</param>
    public async Task<IReadOnlyList<Rep>> ListAsync(string tenant, (DateTimeOffset Time, Guid Id)? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await ReadAsync(transaction, ListSql, cancellationToken,
            new NpgsqlParameter<string>("tenant", tenant),
            new NpgsqlParameter<DateTimeOffset>("create_time", after?.Time ?? DateTimeOffset.MinValue),
            new NpgsqlParameter<Guid>("rep_id", after?.Id ?? Guid.Empty),
            new NpgsqlParameter<int>("limit", limit));
    }

    public async Task<RepOutcome> CreateAsync(
        string tenant, Guid? requestId, byte[] fingerprint, RepDetails details, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rep = new Rep { Id = Guid.CreateVersion7(now), Details = details, CreateTime = now, UpdateTime = now, Version = 1 };
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, rep.Id, cancellationToken) switch
        {
            RequestClaim.Reused => new RepOutcome.RequestIdReused(),
            RequestClaim.Replayed(var repId, _) => new RepOutcome.Done((await FindAsync(transaction, tenant, repId, cancellationToken))!),
            _ => await StoreAsync(transaction, tenant, rep, joins: details.Active, now, cancellationToken),
        };
    }

    /// <summary>Changes what is said of a rep; nobody else changes it meanwhile. Where it is so already, nothing is written.</summary>
    /// <param name="version">The version that the caller saw; null when it does not care.</param>
    public async Task<RepOutcome> UpdateAsync(
        string tenant, Guid repId, long? version, Guid? requestId, byte[] fingerprint, Func<RepDetails, RepDetails> change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var claim = await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, repId, cancellationToken);
        if (claim is RequestClaim.Reused)
        {
            return new RepOutcome.RequestIdReused();
        }
        if ((await ReadAsync(transaction, LockSql, cancellationToken, Key(tenant, repId))).SingleOrDefault() is not { } before)
        {
            return new RepOutcome.NotFound();
        }
        if (claim is RequestClaim.Replayed)
        {
            return new RepOutcome.Done(before);
        }
        if (version is { } seen && seen != before.Version)
        {
            return new RepOutcome.EtagStale();
        }
        var details = change(before.Details);
        if (details == before.Details)
        {
            await transaction.CommitAsync(cancellationToken); // of the request id alone
            return new RepOutcome.Done(before);
        }
        var after = before with { Details = details, UpdateTime = now, Version = before.Version + 1 };
        return await StoreAsync(transaction, tenant, after, joins: after.Details.Active && !before.Details.Active, now, cancellationToken);
    }

    /// <summary>Reads a rep within a transaction.</summary>
    public static async Task<Rep?> FindAsync(NpgsqlTransaction transaction, string tenant, Guid repId, CancellationToken cancellationToken) =>
        (await ReadAsync(transaction, FindSql, cancellationToken, Key(tenant, repId))).SingleOrDefault();

    /// <summary>The rep whose token bears that subject; null when there is none.</summary>
    public static async Task<Rep?> FindBySubjectAsync(NpgsqlTransaction transaction, string tenant, string subject, CancellationToken cancellationToken) =>
        (await ReadAsync(transaction, FindBySubjectSql, cancellationToken,
            new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<string>("subject", subject))).SingleOrDefault();

    /// <param name="joins">The rep takes part in the turns from now on.</param>
    async Task<RepOutcome> StoreAsync(NpgsqlTransaction transaction, string tenant, Rep rep, bool joins, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        try
        {
            await WriteAsync(transaction, tenant, rep, cancellationToken);
        }
        catch (PostgresException exception) when (exception is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "reps_subject" })
        {
            await transaction.RollbackAsync(cancellationToken);
            await using var again = await connection.BeginTenantAsync(tenant, cancellationToken);
            return new RepOutcome.SubjectTaken((await FindBySubjectAsync(again, tenant, rep.Details.Subject!, cancellationToken))?.Id ?? default);
        }
        if (joins)
        {
            var last = await Routing.LockAsync(transaction, tenant, cancellationToken);
            await OutboxWriter.AddAsync(transaction, await Routing.AssignWaitingAsync(transaction, tenant, last, now, cancellationToken), cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new RepOutcome.Done(rep);
    }

    static async Task WriteAsync(NpgsqlTransaction transaction, string tenant, Rep rep, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("rep_id", rep.Id),
                HandoffRows.Nullable("subject", NpgsqlDbType.Text, rep.Details.Subject),
                new NpgsqlParameter<string>("team", rep.Details.Team),
                new NpgsqlParameter<bool>("active", rep.Details.Active),
                new NpgsqlParameter<DateTimeOffset>("create_time", rep.CreateTime),
                new NpgsqlParameter<DateTimeOffset>("update_time", rep.UpdateTime),
                new NpgsqlParameter<long>("version", rep.Version),
                new NpgsqlParameter<string>("display_name", rep.Details.DisplayName),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static NpgsqlParameter[] Key(string tenant, Guid repId) =>
        [new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("rep_id", repId)];

    static async Task<IReadOnlyList<Rep>> ReadAsync(
        NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var reps = new List<Rep>();
        while (await reader.ReadAsync(cancellationToken))
        {
            reps.Add(new Rep
            {
                Id = reader.GetGuid(0),
                Details = new RepDetails(
                    reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3), reader.GetBoolean(4)),
                CreateTime = reader.GetFieldValue<DateTimeOffset>(5),
                UpdateTime = reader.GetFieldValue<DateTimeOffset>(6),
                Version = reader.GetInt64(7),
            });
        }
        return reps;
    }
}
