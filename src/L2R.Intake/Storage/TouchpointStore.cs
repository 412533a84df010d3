using L2R.Intake.Domain;
using L2R.Intake.Messaging;
using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Intake.Storage;

/// <summary>What became of a touchpoint that a caller sent.</summary>
abstract record TouchOutcome
{
    TouchOutcome() { }

    public sealed record Recorded(Touchpoint Touchpoint) : TouchOutcome;

    public sealed record LeadNotFound : TouchOutcome;

    public sealed record LeadMerged(Guid Survivor) : TouchOutcome;

    public sealed record RequestIdReused : TouchOutcome;
}

/// <summary>All SQL on touchpoints.</summary>
sealed class TouchpointStore(NpgsqlDataSource dataSource, OutboxSignal signal)
{
    const string InsertSql = """
        INSERT INTO touchpoints (tenant_id, touchpoint_id, lead_id, kind, occur_time, channel, campaign, engagement, cost, currency)
        VALUES (@tenant, @touchpoint_id, @lead_id, @kind, @occur_time, @channel, @campaign, @engagement, @cost, @currency)
        """;

    const string Columns = "touchpoint_id, lead_id, kind, occur_time, channel, campaign, engagement, cost, currency";

    const string FindSql = $"""
        SELECT {Columns}
        FROM touchpoints
        WHERE tenant_id = @tenant AND touchpoint_id = @touchpoint_id
        """;

    const string EngagementSinceSql = $"""
        SELECT {Columns}
        FROM unnest(@lead_ids, @since) AS recycled (lead_id, since)
        JOIN touchpoints USING (lead_id)
        WHERE tenant_id = @tenant AND engagement AND occur_time > since
        ORDER BY occur_time, touchpoint_id
        """;

    const string Actor = "service:intake";

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
        if (lead.Merge is { } merge)
        {
            return new TouchOutcome.LeadMerged(merge.Survivor);
        }

        await InsertAsync(transaction, tenant, touchpoint, cancellationToken);
        List<OutboxEvent> events = [];
        lead = await TouchAsync(transaction, tenant, lead, touchpoint, actor, events, now, cancellationToken) ?? lead;
        events.Add(IntakeEvents.Touched(tenant, touchpoint, lead.State == LeadState.Active ? lead.Journey.JourneyId : null, now));
        await OutboxWriter.AddAsync(transaction, events, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        return new TouchOutcome.Recorded(touchpoint);
    }

    /// <summary>Opens the next journey of leads that were recycled before they engaged, where Intake hears of the exit after it.</summary>
    /// <remarks>Those touches are told again, with that journey: what they count for was not known when they came.</remarks>
    /// <param name="news">Where journeys stand from now on.</param>
    /// <returns>Whether there is anything to send.</returns>
    public static async Task<bool> ReviveAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardMove> news, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var recycled = news.Where(heard => heard.Position.Stage == Stage.Recycled).ToList();
        if (recycled.Count == 0)
        {
            return false;
        }
        List<OutboxEvent> events = [];
        foreach (var touches in (await ListEngagementAsync(transaction, tenant, recycled, cancellationToken)).GroupBy(touchpoint => touchpoint.LeadId))
        {
            if (await LeadStore.LockAsync(transaction, tenant, touches.Key, cancellationToken) is { } lead
                && await TouchAsync(transaction, tenant, lead, touches.First(), Actor, events, now, cancellationToken) is { } revived)
            {
                events.AddRange(touches.Select(touchpoint => IntakeEvents.Touched(tenant, touchpoint, revived.Journey.JourneyId, now)));
            }
        }
        await OutboxWriter.AddAsync(transaction, events, cancellationToken);
        return events.Count > 0;
    }

    /// <returns>The lead with its next journey; null when the touch opens none.</returns>
    static async Task<Lead?> TouchAsync(
        NpgsqlTransaction transaction,
        string tenant,
        Lead lead,
        Touchpoint touchpoint,
        string actor,
        List<OutboxEvent> events,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (Journeys.Touch(lead, touchpoint, Guid.CreateVersion7(now)) is not { } move)
        {
            return null;
        }
        lead = lead with { Journey = move.Position, Version = lead.Version + 1, UpdateTime = now };
        await LeadStore.WriteAsync(transaction, tenant, lead, cancellationToken);
        events.AddRange(IntakeEvents.Moved(tenant, [new(lead, move, actor)], now));
        return lead;
    }

    /// <returns>By time.</returns>
    static async Task<IReadOnlyList<Touchpoint>> ListEngagementAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<HeardMove> recycled, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(EngagementSinceSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. recycled.Select(heard => heard.LeadId)]),
                new NpgsqlParameter<DateTimeOffset[]>("since", [.. recycled.Select(heard => heard.Position.OccurTime)]),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var touches = new List<Touchpoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            touches.Add(Read(reader));
        }
        return touches;
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
                new NpgsqlParameter("cost", NpgsqlDbType.Numeric) { Value = (object?)touchpoint.Cost ?? DBNull.Value },
                new NpgsqlParameter<string?>("currency", NpgsqlDbType.Text) { TypedValue = touchpoint.Currency },
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
        return Read(reader);
    }

    static Touchpoint Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetString(4), reader.GetString(5), reader.GetBoolean(6))
    {
        Cost = reader.IsDBNull(7) ? null : reader.GetDecimal(7),
        Currency = reader.IsDBNull(8) ? null : reader.GetString(8),
    };
}
