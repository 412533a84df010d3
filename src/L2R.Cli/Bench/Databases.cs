using L2R.Ledger.V1;
using Npgsql;
using Owner = L2R.Ledger.Domain.Owner;

namespace L2R.Cli.Bench;

/// <summary>Looks from beside at what has arrived where: cheaper than asking the services, so that the question does not slow the answer.</summary>
sealed class Databases(string postgres, TimeProvider clock) : IAsyncDisposable
{
    const string Ledger = "metricsdb";

    const string PublishSql = """
        INSERT INTO outbox (event_id, event_type, routing_key, payload)
        SELECT event_id, $1, $2, payload FROM unnest($3, $4) AS told (event_id, payload)
        """;

    static readonly string[] Names = ["intakedb", "scoringdb", "handoffdb", "opportunitydb", Ledger];
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly Dictionary<string, NpgsqlDataSource> _dataSources = Names.ToDictionary(
        name => name, name => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres) { Database = name }));

    public async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _dataSources[Ledger].OpenConnectionAsync(cancellationToken);
        return connection.PostgreSqlVersion.ToString();
    }

    /// <summary>Puts events of history into the outboxes of the services that would tell them.</summary>
    public Task PublishAsync(
        string tenant, IReadOnlyDictionary<Owner, List<(Guid Id, byte[] Payload)>> events, CancellationToken cancellationToken) =>
        Task.WhenAll(events.Select(async owner =>
        {
            var word = owner.Key.ToString().ToLowerInvariant();
            await using var command = _dataSources[$"{word}db"].CreateCommand(PublishSql);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StagesChanged.Descriptor.FullName });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"import.{tenant}.{word}" });
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. owner.Value.Select(told => told.Id)] });
            command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. owner.Value.Select(told => told.Payload)] });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }));

    /// <summary>Waits until the ledger has so many rows of a tenant.</summary>
    /// <exception cref="CommandFailedException">It lacks some after 5 minutes.</exception>
    public Task WaitForLedgerAsync(string tenant, long rows, CancellationToken cancellationToken) => WaitAsync(
        // Counting reads every row of the tenant, so it waits until nothing is left to send.
        async () => await SumAsync("SELECT count(*) FROM (SELECT FROM outbox LIMIT 1) AS waiting", cancellationToken) == 0
            && await ReadAsync(Ledger, "SELECT count(*) FROM transitions WHERE tenant_id = $1", cancellationToken, tenant) >= rows,
        $"The ledger lacks some of {rows} rows of {tenant}", Pause, cancellationToken);

    /// <summary>How many rows the ledger of a tenant learnt since an instant.</summary>
    public async Task<long> CountLedgerAsync(string tenant, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = _dataSources[Ledger].CreateCommand("SELECT count(*) FROM transitions WHERE tenant_id = $1 AND recorded_at > $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = since });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Waits until nothing is left to send, and no service has handled a message for a second.</summary>
    /// <exception cref="CommandFailedException">They still work after 5 minutes.</exception>
    public async Task WaitUntilQuietAsync(CancellationToken cancellationToken)
    {
        const string Work = "SELECT (SELECT count(*) FROM inbox) + (SELECT coalesce(max(sequence), 0) FROM outbox)";
        var (before, since) = (-1L, clock.GetTimestamp());
        await WaitAsync(
            async () =>
            {
                var now = await SumAsync(Work, cancellationToken);
                (before, since) = now == before ? (before, since) : (now, clock.GetTimestamp());
                return clock.GetElapsedTime(since) > Calm && await SumAsync("SELECT count(*) FROM outbox", cancellationToken) == 0;
            },
            "The services do not come to rest", LongPause, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var dataSource in _dataSources.Values)
        {
            await dataSource.DisposeAsync();
        }
    }

    async Task WaitAsync(Func<Task<bool>> condition, string failure, TimeSpan pause, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (!await condition())
        {
            if (clock.GetElapsedTime(start) > Patience)
            {
                throw new CommandFailedException($"{failure} after {Patience.TotalMinutes:0} minutes.");
            }
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    async Task<long> SumAsync(string sql, CancellationToken cancellationToken)
    {
        var sum = 0L;
        foreach (var name in Names)
        {
            sum += await ReadAsync(name, sql, cancellationToken);
        }
        return sum;
    }

    async Task<long> ReadAsync(string database, string sql, CancellationToken cancellationToken, params string[] parameters)
    {
        await using var command = _dataSources[database].CreateCommand(sql);
        command.Parameters.AddRange(parameters.Select(value => new NpgsqlParameter<string> { TypedValue = value }).ToArray());
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
