using Google.Protobuf;
using L2R.Metrics.Api;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;
using Trigger = L2R.Metrics.Domain.Trigger;

namespace L2R.Metrics.Storage;

/// <summary>What became of a trigger that a caller sent.</summary>
abstract record TriggerOutcome
{
    TriggerOutcome() { }

    /// <summary>The trigger as it is now. Null: it is deleted.</summary>
    public sealed record Done(Trigger? Trigger) : TriggerOutcome;

    public sealed record NotFound : TriggerOutcome;

    public sealed record RequestIdReused : TriggerOutcome;
}

/// <summary>The triggers that tenants keep. Work on what is due is in <see cref="TriggerWork"/>.</summary>
sealed class TriggerStore(NpgsqlDataSource dataSource)
{
    const string SelectSql = """
        SELECT t.trigger_id, t.definition::text, t.armed, t.due_time, t.period_start, t.create_time, e.key, e.evaluate_time, e.verdict, e.reading::text
        FROM triggers t
        LEFT JOIN LATERAL (
            SELECT key, evaluate_time, verdict, reading
            FROM trigger_evaluations
            WHERE tenant_id = t.tenant_id AND trigger_id = t.trigger_id
            ORDER BY evaluate_time DESC, key DESC
            LIMIT 1
        ) e ON true
        WHERE t.tenant_id = @tenant
        """;

    const string FindSql = $"{SelectSql} AND t.trigger_id = @trigger_id";

    const string ListSql = $"""
        {SelectSql} AND (t.create_time, t.trigger_id) > (@create_time, @trigger_id)
        ORDER BY t.create_time, t.trigger_id
        LIMIT @limit
        """;

    const string InsertSql = """
        INSERT INTO triggers (tenant_id, trigger_id, definition, on_activation, armed, due_time, period_start, create_time)
        VALUES (@tenant, @trigger_id, @definition, @on_activation, @armed, @due_time, @period_start, @create_time)
        """;

    const string DeleteSql = "DELETE FROM triggers WHERE tenant_id = @tenant AND trigger_id = @trigger_id";

    public async Task<Trigger?> FindAsync(string tenant, Guid triggerId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await FindAsync(transaction, tenant, triggerId, cancellationToken);
    }

    /// <summary>One page, in the order in which they were added.</summary>
    /// <param name="after">Where the page before ended.</param>
    public async Task<IReadOnlyList<Trigger>> ListAsync(string tenant, (DateTimeOffset Time, Guid Id)? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await ReadAsync(transaction, ListSql, cancellationToken,
            new NpgsqlParameter<string>("tenant", tenant),
            new NpgsqlParameter<DateTimeOffset>("create_time", after?.Time ?? DateTimeOffset.MinValue),
            new NpgsqlParameter<Guid>("trigger_id", after?.Id ?? Guid.Empty),
            new NpgsqlParameter<int>("limit", limit));
    }

    /// <param name="due">What is looked at first.</param>
    public async Task<TriggerOutcome> CreateAsync(
        string tenant, Guid? requestId, byte[] fingerprint, TriggerDetails details, Due? due, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var trigger = new Trigger { Id = Guid.CreateVersion7(now), Details = details, Armed = true, Due = due, CreateTime = now };
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, trigger.Id, cancellationToken))
        {
            case RequestClaim.Reused:
                return new TriggerOutcome.RequestIdReused();
            case RequestClaim.Replayed(var earlier, _):
                return await FindAsync(transaction, tenant, earlier, cancellationToken) is { } stored ? new TriggerOutcome.Done(stored) : new TriggerOutcome.NotFound();
        }
        await using var command = new NpgsqlCommand(InsertSql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("trigger_id", trigger.Id),
                new NpgsqlParameter("definition", NpgsqlDbType.Jsonb) { Value = JsonFormatter.Default.Format(TriggerMapping.ToProto(details)) },
                new NpgsqlParameter<bool>("on_activation", details.Condition is Condition.PolicyActivated),
                new NpgsqlParameter<bool>("armed", trigger.Armed),
                TargetRows.Nullable("due_time", NpgsqlDbType.TimestampTz, due?.Time),
                TargetRows.Nullable("period_start", NpgsqlDbType.TimestampTz, due?.PeriodStart),
                new NpgsqlParameter<DateTimeOffset>("create_time", now),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new TriggerOutcome.Done(trigger);
    }

    public async Task<TriggerOutcome> DeleteAsync(string tenant, Guid triggerId, Guid? requestId, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, triggerId, cancellationToken))
        {
            case RequestClaim.Reused:
                return new TriggerOutcome.RequestIdReused();
            case RequestClaim.Replayed:
                return new TriggerOutcome.Done(null);
        }
        await using var command = new NpgsqlCommand(DeleteSql, connection, transaction);
        command.Parameters.AddRange(Key(tenant, triggerId));
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return new TriggerOutcome.NotFound();
        }
        await transaction.CommitAsync(cancellationToken);
        return new TriggerOutcome.Done(null);
    }

    public static async Task<Trigger?> FindAsync(NpgsqlTransaction transaction, string tenant, Guid triggerId, CancellationToken cancellationToken) =>
        (await ReadAsync(transaction, FindSql, cancellationToken, Key(tenant, triggerId))).SingleOrDefault();

    static NpgsqlParameter[] Key(string tenant, Guid triggerId) =>
        [new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("trigger_id", triggerId)];

    static async Task<IReadOnlyList<Trigger>> ReadAsync(
        NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var triggers = new List<Trigger>();
        while (await reader.ReadAsync(cancellationToken))
        {
            triggers.Add(new Trigger
            {
                Id = reader.GetGuid(0),
                Details = TriggerMapping.ToDetails(V1.Trigger.Parser.ParseJson(reader.GetString(1)), CustomDimensions.None, []),
                Armed = reader.GetBoolean(2),
                Due = reader.IsDBNull(3) ? null : new Due(reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4)),
                CreateTime = reader.GetFieldValue<DateTimeOffset>(5),
                Latest = reader.IsDBNull(6) ? null : new Evaluation(
                    reader.GetString(6),
                    reader.GetFieldValue<DateTimeOffset>(7),
                    (Verdict)reader.GetInt16(8),
                    reader.IsDBNull(9) ? null : ReadingMapping.ToReading(MetricReading.Parser.ParseJson(reader.GetString(9)))),
            });
        }
        return triggers;
    }
}
