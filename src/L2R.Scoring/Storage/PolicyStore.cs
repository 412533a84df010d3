using System.Collections.Concurrent;
using Google.Protobuf;
using L2R.Messaging;
using L2R.Scoring.Api;
using L2R.Scoring.Domain;
using L2R.Scoring.Messaging;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Scoring.Storage;

/// <summary>All SQL on policies.</summary>
sealed class PolicyStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string Columns = "policy_id, version, state, definition::text, create_time, activate_time, retire_time, revision";

    const int MaxParsed = 500; // a few KB each

    static readonly ConcurrentDictionary<string, (PolicyHeader Header, PolicyRules Rules)> Parsed = new(StringComparer.Ordinal);

    const string FindActiveSql = $"SELECT {Columns} FROM scoring_policies WHERE tenant_id = @tenant AND state = 1";

    const string FindSql = $"SELECT {Columns} FROM scoring_policies WHERE tenant_id = @tenant AND version = @version";

    const string FindByIdSql = $"SELECT {Columns} FROM scoring_policies WHERE tenant_id = @tenant AND policy_id = @policy_id";

    const string ListSql = $"""
        SELECT {Columns}
        FROM scoring_policies
        WHERE tenant_id = @tenant
            AND version < coalesce((SELECT version FROM scoring_policies WHERE tenant_id = @tenant AND policy_id = @policy_id), 9223372036854775807)
        ORDER BY version DESC
        LIMIT @limit
        """;

    // Version 1 is always there: locking it makes the changes of a tenant's policies queue up.
    const string LockSql = "SELECT FROM scoring_policies WHERE tenant_id = @tenant AND version = 1 FOR UPDATE";

    const string NextVersionSql = "SELECT max(version) + 1 FROM scoring_policies WHERE tenant_id = @tenant";

    const string InsertSql = """
        INSERT INTO scoring_policies (tenant_id, version, policy_id, state, definition, create_time, activate_time, revision)
        VALUES (@tenant, @version, @policy_id, @state, @definition, @create_time, @activate_time, @revision)
        ON CONFLICT DO NOTHING
        """;

    const string UpdateSql = """
        UPDATE scoring_policies
        SET state = @state, activate_time = @activate_time, retire_time = @retire_time, revision = @revision
        WHERE tenant_id = @tenant AND version = @version
        """;

    /// <summary>The policy that decides; stores the default where the tenant has none yet.</summary>
    public static async Task<ScoringPolicy> ActiveAsync(NpgsqlTransaction transaction, string tenant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await ReadOneAsync(transaction, FindActiveSql, tenant, key: null, cancellationToken) is { } active)
        {
            return active;
        }
        await InsertAsync(transaction, tenant, new ScoringPolicy
        {
            Id = Guid.CreateVersion7(now),
            Version = 1,
            State = PolicyState.Active,
            Header = DefaultPolicy.Header,
            Rules = DefaultPolicy.Rules,
            CreateTime = now,
            ActivateTime = now,
            Revision = 1,
        }, cancellationToken);
        return await ReadOneAsync(transaction, FindActiveSql, tenant, key: null, cancellationToken)
            ?? throw new InvalidOperationException($"Tenant {tenant} has policies, and none is active.");
    }

    /// <param name="version">Null for the one that is active.</param>
    public async Task<ScoringPolicy?> FindAsync(string tenant, int? version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var active = await ActiveAsync(transaction, tenant, now, cancellationToken);
        var found = version is { } wanted ? await ReadOneAsync(transaction, FindSql, tenant, new NpgsqlParameter<int>("version", wanted), cancellationToken) : active;
        await transaction.CommitAsync(cancellationToken);
        return found;
    }

    /// <param name="before">The last policy of the page before; null for the first page.</param>
    public async Task<IReadOnlyList<ScoringPolicy>> ListAsync(
        string tenant, (DateTimeOffset CreateTime, Guid Id)? before, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await ActiveAsync(transaction, tenant, now, cancellationToken);
        List<ScoringPolicy> policies = [];
        await using (var command = new NpgsqlCommand(ListSql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("policy_id", before?.Id ?? Guid.AllBitsSet),
                new NpgsqlParameter<int>("limit", limit),
            },
        })
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                policies.Add(Read(reader));
            }
        }
        await transaction.CommitAsync(cancellationToken);
        return policies;
    }

    /// <summary>Stores a draft under the tenant's next version.</summary>
    public async Task<PolicyOutcome> CreateAsync(
        string tenant, Guid? requestId, byte[] fingerprint, PolicyHeader header, PolicyRules rules, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var policyId = Guid.CreateVersion7(now);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, policyId, cancellationToken))
        {
            case RequestClaim.Reused:
                return new PolicyOutcome.RequestIdReused();
            case RequestClaim.Replayed(var earlier, _):
                return await ReplayAsync(transaction, tenant, earlier, cancellationToken);
        }
        await LockAsync(transaction, tenant, now, cancellationToken);
        var policy = new ScoringPolicy
        {
            Id = policyId,
            Version = await NextVersionAsync(transaction, tenant, cancellationToken),
            State = PolicyState.Draft,
            Header = header,
            Rules = rules,
            CreateTime = now,
            Revision = 1,
        };
        await InsertAsync(transaction, tenant, policy, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new PolicyOutcome.Done(policy);
    }

    /// <summary>Makes a draft the active version, and retires the one before.</summary>
    /// <param name="revision">The one that the caller saw; null when it does not care.</param>
    public async Task<PolicyOutcome> ActivateAsync(
        string tenant, string actor, int version, long? revision, Guid? requestId, byte[] fingerprint, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var known = await ReadOneAsync(transaction, FindSql, tenant, new NpgsqlParameter<int>("version", version), cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, known?.Id ?? default, cancellationToken))
        {
            case RequestClaim.Reused:
                return new PolicyOutcome.RequestIdReused();
            case RequestClaim.Replayed(var earlier, _):
                return await ReplayAsync(transaction, tenant, earlier, cancellationToken);
        }
        var active = await LockAsync(transaction, tenant, now, cancellationToken);
        if (await ReadOneAsync(transaction, FindSql, tenant, new NpgsqlParameter<int>("version", version), cancellationToken) is not { } wanted)
        {
            return new PolicyOutcome.NotFound();
        }
        if (revision is { } seen && seen != wanted.Revision)
        {
            return new PolicyOutcome.EtagStale();
        }
        switch (ActivationDecision.Decide(wanted, active, now))
        {
            case ActivationDecision.Accepted(var activated, var retired):
                // In this order: at no moment are two of them active.
                await UpdateAsync(transaction, tenant, retired, cancellationToken);
                await UpdateAsync(transaction, tenant, activated, cancellationToken);
                await OutboxWriter.AddAsync(transaction, [ScoringEvents.Activated(tenant, activated, retired, actor, now)], cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                signal.Ring();
                return new PolicyOutcome.Done(activated);
            case ActivationDecision.NotDraft(var state):
                return new PolicyOutcome.NotDraft(state);
            case var decision:
                throw new InvalidOperationException($"Unknown decision {decision}.");
        }
    }

    static async Task<PolicyOutcome> ReplayAsync(NpgsqlTransaction transaction, string tenant, Guid policyId, CancellationToken cancellationToken) =>
        new PolicyOutcome.Done(await ReadOneAsync(transaction, FindByIdSql, tenant, new NpgsqlParameter<Guid>("policy_id", policyId), cancellationToken)
            ?? throw new InvalidOperationException($"Policy {policyId} of a remembered request is gone."));

    /// <returns>The active policy, which nobody else changes until the transaction ends.</returns>
    static async Task<ScoringPolicy> LockAsync(NpgsqlTransaction transaction, string tenant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await ActiveAsync(transaction, tenant, now, cancellationToken);
        await using var command = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return await ActiveAsync(transaction, tenant, now, cancellationToken);
    }

    static async Task<int> NextVersionAsync(NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(NextVersionSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant) },
        };
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    static async Task InsertAsync(NpgsqlTransaction transaction, string tenant, ScoringPolicy policy, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<int>("version", policy.Version),
                new NpgsqlParameter<Guid>("policy_id", policy.Id),
                new NpgsqlParameter<short>("state", (short)policy.State),
                new NpgsqlParameter("definition", NpgsqlDbType.Jsonb) { Value = JsonFormatter.Default.Format(PolicyMapping.ToProto(policy.Header, policy.Rules)) },
                new NpgsqlParameter<DateTimeOffset>("create_time", policy.CreateTime),
                Nullable("activate_time", policy.ActivateTime),
                new NpgsqlParameter<long>("revision", policy.Revision),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task UpdateAsync(NpgsqlTransaction transaction, string tenant, ScoringPolicy policy, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(UpdateSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<int>("version", policy.Version),
                new NpgsqlParameter<short>("state", (short)policy.State),
                Nullable("activate_time", policy.ActivateTime),
                Nullable("retire_time", policy.RetireTime),
                new NpgsqlParameter<long>("revision", policy.Revision),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task<ScoringPolicy?> ReadOneAsync(
        NpgsqlTransaction transaction, string sql, string tenant, NpgsqlParameter? key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant) },
        };
        if (key is not null)
        {
            command.Parameters.Add(key);
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    static ScoringPolicy Read(NpgsqlDataReader reader)
    {
        var (header, rules) = Parse(reader.GetString(3));
        return new()
        {
            Id = reader.GetGuid(0),
            Version = reader.GetInt32(1),
            State = (PolicyState)reader.GetInt16(2),
            Header = header,
            Rules = rules,
            CreateTime = reader.GetFieldValue<DateTimeOffset>(4),
            ActivateTime = reader.GetFieldValue<DateTimeOffset?>(5),
            RetireTime = reader.GetFieldValue<DateTimeOffset?>(6),
            Revision = reader.GetInt64(7),
        };
    }

    static NpgsqlParameter Nullable(string name, DateTimeOffset? value) =>
        new(name, NpgsqlDbType.TimestampTz) { Value = (object?)value ?? DBNull.Value };

    /// <summary>Reads a definition, the same text once: each group of leads is scored by one, and reading it took a quarter of all that Scoring did.</summary>
    static (PolicyHeader Header, PolicyRules Rules) Parse(string definition)
    {
        if (Parsed.TryGetValue(definition, out var known))
        {
            return known;
        }
        if (Parsed.Count >= MaxParsed)
        {
            Parsed.Clear();
        }
        var proto = V1.ScoringPolicy.Parser.ParseJson(definition);
        return Parsed.GetOrAdd(definition, (PolicyMapping.ToHeader(proto), PolicyMapping.ToRules(proto)));
    }
}
