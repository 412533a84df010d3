using L2R.Handoff.Domain;
using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Handoff.Storage;

/// <summary>Reads the journeys that came to sales.</summary>
sealed class HandoffQueue(NpgsqlDataSource dataSource)
{
    const string ListSql = $"""
        SELECT {HandoffRows.Columns}
        {HandoffRows.From}
        WHERE h.tenant_id = @tenant
            AND h.queue_time IS NOT NULL
            AND (h.queue_time, h.journey_id) > (@queue_time, @journey_id)
            AND (@stage IS NULL OR h.stage = @stage)
            AND (@rep_id IS NULL OR h.rep_id = @rep_id)
            AND (NOT @unassigned OR h.rep_id IS NULL)
        ORDER BY h.queue_time, h.journey_id
        LIMIT @limit
        """;

    /// <returns>Null when the tenant has no such journey, or it has not come to sales.</returns>
    public async Task<SalesJourney?> FindAsync(string tenant, Guid journeyId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        return await HandoffStore.FindAsync(transaction, tenant, journeyId, cancellationToken) is { QueueTime: not null } journey ? journey : null;
    }

    /// <summary>One page, oldest queue time first.</summary>
    public async Task<IReadOnlyList<SalesJourney>> ListAsync(string tenant, HandoffQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = new NpgsqlCommand(ListSql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("queue_time", query.After?.Time ?? DateTimeOffset.MinValue),
                new NpgsqlParameter<Guid>("journey_id", query.After?.Id ?? Guid.Empty),
                HandoffRows.Nullable("stage", NpgsqlDbType.Smallint, (short?)query.Stage),
                HandoffRows.Nullable("rep_id", NpgsqlDbType.Uuid, query.RepId),
                new NpgsqlParameter<bool>("unassigned", query.Unassigned),
                new NpgsqlParameter<int>("limit", query.Limit),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var journeys = new List<SalesJourney>();
        while (await reader.ReadAsync(cancellationToken))
        {
            journeys.Add(HandoffRows.Read(reader));
        }
        return journeys;
    }
}
