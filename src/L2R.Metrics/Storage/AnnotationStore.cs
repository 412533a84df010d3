using L2R.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Metrics.Storage;

/// <summary>Something that people did.</summary>
/// <param name="ReviewId">Of a decision. Null: a policy was activated.</param>
/// <param name="Policy">The policy's resource name; empty for a decision.</param>
/// <param name="Text">The decision, or the reason for the policy's version.</param>
sealed record Annotation(DateTimeOffset Time, Guid Id, Guid? ReviewId, string Policy, string DisplayName, string Text, string TradeOff, string Actor);

/// <summary>What people did, on the time axis.</summary>
sealed class AnnotationStore(NpgsqlDataSource dataSource)
{
    // Each half is in order and cut by itself, so that a page costs what it shows.
    const string ListSql = """
        (SELECT close_time AS at, review_id AS id, review_id, '', display_name, decision, trade_off, closer
         FROM reviews
         WHERE tenant_id = @tenant AND close_time IS NOT NULL AND (close_time, review_id) > (@after_time, @after_id)
             AND (@start IS NULL OR close_time >= @start) AND (@end IS NULL OR close_time < @end)
         ORDER BY close_time, review_id
         LIMIT @limit)
        UNION ALL
        (SELECT event_time, event_id, NULL, policy, display_name, reason, '', actor
         FROM policy_activations
         WHERE tenant_id = @tenant AND (event_time, event_id) > (@after_time, @after_id)
             AND (@start IS NULL OR event_time >= @start) AND (@end IS NULL OR event_time < @end)
         ORDER BY event_time, event_id
         LIMIT @limit)
        ORDER BY at, id
        LIMIT @limit
        """;

    // As above, from the other end.
    const string LatestSql = """
        (SELECT close_time AS at, review_id AS id, review_id, '', display_name, decision, trade_off, closer
         FROM reviews
         WHERE tenant_id = @tenant AND close_time <= @last
             AND (@start IS NULL OR close_time >= @start) AND (@end IS NULL OR close_time < @end)
         ORDER BY close_time DESC, review_id DESC
         LIMIT @limit)
        UNION ALL
        (SELECT event_time, event_id, NULL, policy, display_name, reason, '', actor
         FROM policy_activations
         WHERE tenant_id = @tenant AND event_time <= @last
             AND (@start IS NULL OR event_time >= @start) AND (@end IS NULL OR event_time < @end)
         ORDER BY event_time DESC, event_id DESC
         LIMIT @limit)
        ORDER BY at DESC, id DESC
        LIMIT @limit
        """;

    /// <summary>One page, oldest first.</summary>
    /// <param name="after">Where the page before ended.</param>
    /// <param name="start">The first instant; null: since ever.</param>
    /// <param name="end">The first instant after it; null: for ever.</param>
    public Task<IReadOnlyList<Annotation>> ListAsync(
        string tenant, (DateTimeOffset Time, Guid Id)? after, DateTimeOffset? start, DateTimeOffset? end, int limit, CancellationToken cancellationToken) => ReadAsync(
        tenant,
        new(ListSql)
        {
            Parameters =
            {
                new NpgsqlParameter<DateTimeOffset>("after_time", after?.Time ?? DateTimeOffset.MinValue),
                new NpgsqlParameter<Guid>("after_id", after?.Id ?? Guid.Empty),
            },
        },
        start, end, limit, cancellationToken);

    /// <summary>The latest ones, newest first.</summary>
    /// <param name="start">The first instant; null: since ever.</param>
    /// <param name="end">The first instant after it; null: <paramref name="last"/> alone ends it.</param>
    /// <param name="last">The last instant.</param>
    public Task<IReadOnlyList<Annotation>> ListLatestAsync(
        string tenant, DateTimeOffset? start, DateTimeOffset? end, DateTimeOffset last, int limit, CancellationToken cancellationToken) => ReadAsync(
        tenant, new(LatestSql) { Parameters = { new NpgsqlParameter<DateTimeOffset>("last", last) } }, start, end, limit, cancellationToken);

    async Task<IReadOnlyList<Annotation>> ReadAsync(
        string tenant, NpgsqlCommand command, DateTimeOffset? start, DateTimeOffset? end, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var disposed = command;
        (command.Connection, command.Transaction) = (connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string>("tenant", tenant));
        command.Parameters.Add(TargetRows.Nullable("start", NpgsqlDbType.TimestampTz, start));
        command.Parameters.Add(TargetRows.Nullable("end", NpgsqlDbType.TimestampTz, end));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var annotations = new List<Annotation>();
        while (await reader.ReadAsync(cancellationToken))
        {
            annotations.Add(new(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetGuid(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), reader.GetString(3), reader.GetString(4),
                reader.GetString(5), reader.GetString(6), reader.GetString(7)));
        }
        return annotations;
    }
}
