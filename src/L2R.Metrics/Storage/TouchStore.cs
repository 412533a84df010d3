using L2R.Metrics.Domain;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>The append-only touches of every lead.</summary>
sealed class TouchStore(NpgsqlDataSource dataSource, LedgerOptions options)
{
    // A touch that is known already is the same one: Intake tells of it again when it opens a journey afterwards.
    const string AppendSql = $"""
        INSERT INTO touchpoints (tenant_id, recorded_at, touchpoint_id, lead_id, occurred_at, channel, campaign, cost, currency, supersedes)
        SELECT @tenant, {LedgerStore.StampSql}, batch.*
        FROM unnest(@touchpoint_ids, @lead_ids, @occurred_ats, @channels, @campaigns, @costs, @currencies, @supersedes) AS batch
        ON CONFLICT DO NOTHING
        """;

    const string InForceSql = """
        FROM touchpoints t
        WHERE tenant_id = @tenant AND recorded_at <= @known_at AND occurred_at >= @from AND occurred_at <= @as_of
            AND NOT EXISTS (
                SELECT FROM touchpoints later
                WHERE later.tenant_id = @tenant AND later.supersedes = t.touchpoint_id AND later.recorded_at <= @known_at)
        """;

    const string ReadSql = $"SELECT touchpoint_id, lead_id, occurred_at, channel, campaign, cost, currency {InForceSql}";

    const string ReadCostsSql = $"{ReadSql} AND cost IS NOT NULL";

    /// <summary>Appends touches in the transaction of the message that brought them, stamped as rows of the ledger are.</summary>
    public static async Task AppendAsync(
        NpgsqlTransaction transaction, string tenant, IReadOnlyList<Touch> touches, CancellationToken cancellationToken)
    {
        // In order of their ids: two appends of the same touches then wait for each other instead of deadlocking.
        List<Touch> ordered = [.. touches.OrderBy(touch => touch.TouchpointId)];
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.BatchCommands.Add(LedgerStore.Share(tenant));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(AppendSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<Guid[]>("touchpoint_ids", [.. ordered.Select(touch => touch.TouchpointId)]),
                new NpgsqlParameter<Guid[]>("lead_ids", [.. ordered.Select(touch => touch.LeadId)]),
                new NpgsqlParameter<DateTimeOffset[]>("occurred_ats", [.. ordered.Select(touch => touch.At)]),
                new NpgsqlParameter<string?[]>("channels", [.. ordered.Select(touch => touch.Channel)]),
                new NpgsqlParameter<string?[]>("campaigns", [.. ordered.Select(touch => touch.Campaign)]),
                new NpgsqlParameter<decimal?[]>("costs", [.. ordered.Select(touch => touch.Cost)]),
                new NpgsqlParameter<string?[]>("currencies", [.. ordered.Select(touch => touch.Currency)]),
                new NpgsqlParameter<Guid?[]>("supersedes", [.. ordered.Select(touch => touch.Supersedes)]),
            },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The touches that happened from one instant to another, as known at K; those of merged leads under the name that counts.</summary>
    /// <exception cref="TooManyTouchesException">There are more than a question may read.</exception>
    public async Task<ILookup<Guid, Touch>> ReadByLeadAsync(
        string tenant, DateTimeOffset from, DateTimeOffset asOf, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        var touches = new List<Touch>();
        await VisitAsync(ReadSql, tenant, from, asOf, knownAt, Add, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        var families = await LeadMerges.ReadAsync(transaction, tenant, leads: null, knownAt, cancellationToken);
        return touches.ToLookup(touch => families.SurvivorOf(touch.LeadId));

        void Add(Touch touch)
        {
            if (touches.Count == options.MaxTouchesOfQuestion)
            {
                throw new TooManyTouchesException(options.MaxTouchesOfQuestion);
            }
            touches.Add(touch);
        }
    }

    /// <summary>Those of them that say what they cost.</summary>
    public Task VisitCostsAsync(
        string tenant, DateTimeOffset from, DateTimeOffset asOf, DateTimeOffset knownAt, Action<Touch> visit, CancellationToken cancellationToken) =>
        VisitAsync(ReadCostsSql, tenant, from, asOf, knownAt, visit, cancellationToken);

    async Task VisitAsync(
        string sql, string tenant, DateTimeOffset from, DateTimeOffset asOf, DateTimeOffset knownAt, Action<Touch> visit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<DateTimeOffset>("known_at", knownAt),
                new NpgsqlParameter<DateTimeOffset>("from", from),
                new NpgsqlParameter<DateTimeOffset>("as_of", asOf),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var texts = new Dictionary<string, string>(); // one copy of each, of millions of touches
        while (await reader.ReadAsync(cancellationToken))
        {
            visit(new Touch(reader.GetGuid(0), reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2), Text(3), Text(4))
            {
                Cost = reader.IsDBNull(5) ? null : reader.GetDecimal(5),
                Currency = Text(6),
            });
        }

        string? Text(int column) => LedgerRows.Text(reader, column) is not { } text ? null : texts.TryAdd(text, text) ? text : texts[text];
    }
}

/// <summary>A question would read more touches than this process may keep for it.</summary>
/// <param name="limit">How many it may.</param>
sealed class TooManyTouchesException(long limit) : Exception($"The question would read more than {limit} touches.")
{
    public long Limit => limit;
}
