using Google.Protobuf;
using L2R.Metrics.Api;
using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Metrics.Storage;

/// <summary>One look of a trigger, and what it gives a review to talk about.</summary>
/// <param name="Items">Of a firing; else nothing.</param>
sealed record Look(Evaluation Evaluation, IReadOnlyList<AgendaItem> Items);

/// <summary>A policy that began to decide, as its service told.</summary>
/// <param name="Policy">Its resource name.</param>
sealed record PolicyActivation(Guid EventId, string Policy, string DisplayName, string Reason, string Actor, DateTimeOffset Time);

/// <summary>The triggers that are due, whichever replica gets to them.</summary>
/// <remarks>
/// A lease spares the others the same work. What makes each look count once is its row in trigger_evaluations, written in the transaction
/// that opens the review: a replica that was taken for dead and comes back finds it there.
/// </remarks>
sealed class TriggerWork(NpgsqlDataSource dataSource)
{
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    const string TenantsSql = "SELECT l2r_tenants_with_due_triggers(@now)";

    const string LeaseSql = """
        UPDATE triggers
        SET lease_time = @lease_time
        WHERE tenant_id = @tenant AND trigger_id = (
            SELECT trigger_id
            FROM triggers
            WHERE tenant_id = @tenant AND due_time <= @now AND (lease_time IS NULL OR lease_time <= @now)
            ORDER BY due_time
            LIMIT 1
            FOR UPDATE SKIP LOCKED)
        RETURNING trigger_id
        """;

    const string LockSql = "SELECT true FROM triggers WHERE tenant_id = @tenant AND trigger_id = @trigger_id FOR UPDATE";

    const string PendingSql = """
        SELECT event_id, policy, display_name, reason, actor, event_time
        FROM policy_activations a
        WHERE tenant_id = @tenant AND event_time >= @since
            AND NOT EXISTS (SELECT FROM trigger_evaluations WHERE tenant_id = @tenant AND trigger_id = @trigger_id AND key = a.event_id::text)
        ORDER BY event_time, event_id
        """;

    const string ClaimSql = """
        INSERT INTO trigger_evaluations (tenant_id, trigger_id, key, evaluate_time, verdict, reading)
        VALUES (@tenant, @trigger_id, @key, @evaluate_time, @verdict, @reading)
        ON CONFLICT DO NOTHING
        """;

    // Only where nobody else went on from here: who comes late knows less.
    const string AdvanceSql = """
        UPDATE triggers
        SET armed = @armed, due_time = @due_time, period_start = @period_start, lease_time = NULL
        WHERE tenant_id = @tenant AND trigger_id = @trigger_id AND due_time = @seen_due AND period_start = @seen_start
        """;

    const string HearSql = """
        INSERT INTO policy_activations (tenant_id, event_id, policy, display_name, reason, actor, event_time, hear_time)
        VALUES (@tenant, @event_id, @policy, @display_name, @reason, @actor, @event_time, @now)
        ON CONFLICT DO NOTHING
        """;

    // A due time that it has not had, so that whoever works on an earlier activation does not take this one for done.
    const string WakeSql = """
        UPDATE triggers
        SET due_time = CASE WHEN due_time >= @now THEN due_time + interval '1 microsecond' ELSE @now END, period_start = @now, lease_time = NULL
        WHERE tenant_id = @tenant AND on_activation
        """;

    /// <summary>Whose triggers are due and in nobody's hands.</summary>
    public async Task<IReadOnlyList<string>> FindTenantsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(TenantsSql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tenants = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tenants.Add(reader.GetString(0));
        }
        return tenants;
    }

    /// <summary>Takes the trigger that has been due longest.</summary>
    /// <returns>Null where there is none.</returns>
    public async Task<Trigger?> TakeAsync(string tenant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = Command(transaction, LeaseSql, tenant, null, new NpgsqlParameter<DateTimeOffset>("now", now), new NpgsqlParameter<DateTimeOffset>("lease_time", now + Lease));
        if (await command.ExecuteScalarAsync(cancellationToken) is not Guid triggerId)
        {
            return null;
        }
        var trigger = await TriggerStore.FindAsync(transaction, tenant, triggerId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return trigger;
    }

    /// <summary>The activations that a trigger has not looked at, since it was made.</summary>
    public async Task<IReadOnlyList<PolicyActivation>> ReadPendingAsync(string tenant, Trigger trigger, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = Command(transaction, PendingSql, tenant, trigger.Id, new NpgsqlParameter<DateTimeOffset>("since", trigger.CreateTime));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var activations = new List<PolicyActivation>();
        while (await reader.ReadAsync(cancellationToken))
        {
            activations.Add(new(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5)));
        }
        return activations;
    }

    /// <summary>Stores looks that nobody took before, opens or extends the review of those that fired, and sets when the next look is due.</summary>
    /// <param name="trigger">As it was taken.</param>
    /// <param name="dueDate">Of a review that is opened now, with the first instant after it.</param>
    public async Task FinishAsync(
        string tenant, Trigger trigger, IReadOnlyList<Look> looks, bool armed, Due? next, (DateOnly Date, DateTimeOffset Time) dueDate, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        if (!await LockAsync(transaction, tenant, trigger.Id, cancellationToken))
        {
            return; // deleted
        }
        List<AgendaItem> items = [];
        foreach (var look in looks)
        {
            if (await ClaimAsync(transaction, tenant, trigger.Id, look.Evaluation, cancellationToken))
            {
                items.AddRange(look.Items);
                items.AddRange(await EffectsAsync(transaction, tenant, trigger.Id, look, cancellationToken));
            }
        }
        if (items.Count > 0)
        {
            var open = await ReviewRows.FindAsync(transaction, ReviewRows.LockOpenSql, tenant, trigger.Id, cancellationToken);
            var fired = looks.Any(look => look.Items.Count > 0);
            await ReviewRows.WriteAsync(transaction, tenant, open is null ? Opened() : fired ? open.With(items, dueDate.Date, dueDate.Time) : open.With(items, open.DueDate, open.DueTime), cancellationToken);
        }
        await using var advance = Command(
            transaction, AdvanceSql, tenant, trigger.Id,
            new NpgsqlParameter<bool>("armed", armed),
            TargetRows.Nullable("due_time", NpgsqlDbType.TimestampTz, next?.Time),
            TargetRows.Nullable("period_start", NpgsqlDbType.TimestampTz, next?.PeriodStart),
            new NpgsqlParameter<DateTimeOffset>("seen_due", trigger.Due!.Time),
            new NpgsqlParameter<DateTimeOffset>("seen_start", trigger.Due.PeriodStart));
        await advance.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        Review Opened() => new()
        {
            Id = Guid.CreateVersion7(now),
            TriggerId = trigger.Id,
            DisplayName = trigger.Details.DisplayName,
            Owner = trigger.Details.Owner,
            OpenTime = now,
            DueDate = dueDate.Date,
            DueTime = dueDate.Time,
            Agenda = items,
            Version = 1,
        };
    }

    /// <summary>Remembers an activation, in the transaction of the message that told of it, and makes the triggers due that wait for one.</summary>
    public static async Task HearAsync(NpgsqlTransaction transaction, string tenant, PolicyActivation activation, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var hear = Command(
            transaction, HearSql, tenant, null,
            new NpgsqlParameter<Guid>("event_id", activation.EventId),
            new NpgsqlParameter<string>("policy", activation.Policy),
            new NpgsqlParameter<string>("display_name", activation.DisplayName),
            new NpgsqlParameter<string>("reason", activation.Reason),
            new NpgsqlParameter<string>("actor", activation.Actor),
            new NpgsqlParameter<DateTimeOffset>("event_time", activation.Time),
            new NpgsqlParameter<DateTimeOffset>("now", now));
        await hear.ExecuteNonQueryAsync(cancellationToken);
        await using var wake = Command(transaction, WakeSql, tenant, null, new NpgsqlParameter<DateTimeOffset>("now", now));
        await wake.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Keeps everybody else from the trigger and from opening its reviews until the transaction ends.</summary>
    /// <returns>False where there is no such trigger.</returns>
    public static async Task<bool> LockAsync(NpgsqlTransaction transaction, string tenant, Guid triggerId, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, LockSql, tenant, triggerId);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    static async Task<bool> ClaimAsync(NpgsqlTransaction transaction, string tenant, Guid triggerId, Evaluation evaluation, CancellationToken cancellationToken)
    {
        await using var command = Command(
            transaction, ClaimSql, tenant, triggerId,
            new NpgsqlParameter<string>("key", evaluation.Key),
            new NpgsqlParameter<DateTimeOffset>("evaluate_time", evaluation.Time),
            new NpgsqlParameter<short>("verdict", (short)evaluation.Verdict),
            TargetRows.Nullable("reading", NpgsqlDbType.Jsonb, evaluation.Reading is { } reading ? JsonFormatter.Default.Format(ReadingMapping.ToProto(reading)) : null));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Where a decision waits to be looked at again, each figure of a period that began after it, beside the same one that led to it.</summary>
    static async Task<IReadOnlyList<AgendaItem>> EffectsAsync(
        NpgsqlTransaction transaction, string tenant, Guid triggerId, Look look, CancellationToken cancellationToken)
    {
        List<Reading> readings = look.Evaluation.Reading is { } own ? [own] : [.. look.Items.Select(item => item.Reading).OfType<Reading>()];
        return readings.Count == 0
            || await ReviewRows.FindAsync(transaction, ReviewRows.LockOpenSql, tenant, triggerId, cancellationToken) is not { Previous: { } previous }
            || await ReviewRows.FindAsync(transaction, ReviewRows.FindSql, tenant, previous, cancellationToken) is not { } decided
                ? []
                : decided.EffectsOn(readings, look.Evaluation.Time);
    }

    static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, string tenant, Guid? triggerId, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction) { Parameters = { new NpgsqlParameter<string>("tenant", tenant) } };
        if (triggerId is { } id)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid>("trigger_id", id));
        }
        command.Parameters.AddRange(parameters);
        return command;
    }
}
