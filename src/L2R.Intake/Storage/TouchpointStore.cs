using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Intake.Storage;

/// <summary>What became of a touchpoint that a caller sent.</summary>
abstract record TouchOutcome
{
    TouchOutcome() { }

    public sealed record Recorded(Touchpoint Touchpoint) : TouchOutcome;

    public sealed record LeadNotFound : TouchOutcome;

    public sealed record RequestIdReused : TouchOutcome;
}

/// <summary>All SQL on touchpoints.</summary>
sealed class TouchpointStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string InsertSql = """
        INSERT INTO touchpoints (tenant_id, touchpoint_id, lead_id, kind, occur_time, channel, campaign, engagement)
        VALUES (@tenant, @touchpoint_id, @lead_id, @kind, @occur_time, @channel, @campaign, @engagement)
        """;

    const string FindSql = """
        SELECT touchpoint_id, lead_id, kind, occur_time, channel, campaign, engagement
        FROM touchpoints
        WHERE tenant_id = @tenant AND touchpoint_id = @touchpoint_id
        """;

    /// <summary>Stores the touchpoint, and opens the next journey where it ends the lead's nurture.</summary>
    public async Task<TouchOutcome> RecordAsync(
        string tenant, string actor, Guid? requestId, byte[] fingerprint, Touchpoint touchpoint, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        switch (await transaction.ClaimRequestAsync(tenant, requestId, fingerprint, touchpoint.Id, cancellationToken))
        {
            case RequestClaim.Reused:
                return new TouchOutcome.RequestIdReused();
            case RequestClaim.Replayed(var touchpointId, _):
                return new TouchOutcome.Recorded(await FindAsync(transaction, tenant, touchpointId, cancellationToken));
        }
        if (await LeadStore.LockAsync(transaction, tenant, touchpoint.LeadId, cancellationToken) is not { } lead)
        {
            return new TouchOutcome.LeadNotFound();
        }

        await InsertAsync(transaction, tenant, touchpoint, cancellationToken);
        List<OutboxEvent> events = [];
        if (Journeys.Touch(lead, touchpoint, Guid.CreateVersion7(now)) is { } move)
        {
            lead = lead with { Journey = move.Position, Version = lead.Version + 1, UpdateTime = now };
            await LeadStore.WriteAsync(transaction, tenant, lead, cancellationToken);
            events.AddRange(LeadStore.Events(tenant, lead, move, actor, now));
        }
        events.Add(IntakeEvents.Touched(tenant, touchpoint, lead.State == LeadState.Active ? lead.Journey.JourneyId : null, now));
        await OutboxWriter.AddAsync(transaction, events, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new TouchOutcome.Recorded(touchpoint);
    }

    static async Task InsertAsync(NpgsqlTransaction transaction, string tenant, Touchpoint touchpoint, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid>("touchpoint_id", touchpoint.Id),
                new NpgsqlParameter<Guid>("lead_id", touchpoint.LeadId),
                new NpgsqlParameter<string>("kind", touchpoint.Kind),
                new NpgsqlParameter<DateTimeOffset>("occur_time", touchpoint.OccurTime),
                new NpgsqlParameter<string>("channel", touchpoint.Channel),
                new NpgsqlParameter<string>("campaign", touchpoint.Campaign),
                new NpgsqlParameter<bool>("engagement", touchpoint.Engagement),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static async Task<Touchpoint> FindAsync(NpgsqlTransaction transaction, string tenant, Guid touchpointId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSql, transaction.Connection, transaction)
        {
            Parameters = { new NpgsqlParameter<string>("tenant", tenant), new NpgsqlParameter<Guid>("touchpoint_id", touchpointId) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Touchpoint(
            reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetString(4), reader.GetString(5), reader.GetBoolean(6));
    }
}
