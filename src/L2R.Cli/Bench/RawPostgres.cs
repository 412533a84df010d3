using Npgsql;

namespace L2R.Cli.Bench;

/// <summary>What PostgreSQL itself can do here, on the same server and at the same time: the limit underneath L2R's figures.</summary>
sealed class RawPostgres : IAsyncDisposable
{
    const int BatchRows = 500;

    const string Database = "bench_limit";

    const string Schema = """
        CREATE TABLE leads (
            tenant_id text NOT NULL, lead_id uuid NOT NULL, email text NOT NULL, details text NOT NULL, create_time timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, lead_id));
        CREATE UNIQUE INDEX ON leads (tenant_id, email);
        CREATE TABLE outbox (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, payload bytea NOT NULL);
        CREATE TABLE rows (
            tenant_id text NOT NULL, row_id uuid NOT NULL, lead_id uuid NOT NULL, journey_id uuid NOT NULL, stage smallint NOT NULL,
            occurred_at timestamptz NOT NULL, actor text NOT NULL,
            PRIMARY KEY (tenant_id, row_id));
        CREATE INDEX ON rows (tenant_id, lead_id);
        CREATE INDEX ON rows (tenant_id, journey_id)
        """;

    const string InsertSql = """
        WITH lead AS (INSERT INTO leads VALUES ('bench', $1, $2, $3, $4))
        INSERT INTO outbox (event_id, payload) VALUES ($1, $5)
        """;

    const string AppendSql = """
        INSERT INTO rows
        SELECT 'bench', row_id, lead_id, lead_id, 1, $3, 'source-user:112'
        FROM unnest($1, $2) AS batch (row_id, lead_id)
        """;

    readonly NpgsqlDataSource _dataSource;
    readonly TimeProvider _clock;

    RawPostgres(NpgsqlDataSource dataSource, TimeProvider clock) => (_dataSource, _clock) = (dataSource, clock);

    /// <param name="connectionString">Of a role that may create databases.</param>
    public static async Task<RawPostgres> CreateAsync(string connectionString, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using (var server = NpgsqlDataSource.Create(connectionString))
        {
            await using var create = server.CreateCommand($"CREATE DATABASE {Database}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Database = Database });
        await using var schema = dataSource.CreateCommand(Schema);
        await schema.ExecuteNonQueryAsync(cancellationToken);
        return new RawPostgres(dataSource, clock);
    }

    /// <summary>Inserts a lead and its event, about 1 KB together, in one statement that commits.</summary>
    /// <returns>Statements.</returns>
    public Task<LoadResult> InsertAsync(int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (details, payload) = (new string('x', 300), new byte[700]);
        return RunAsync(connections, duration, InsertSql, Parameters, cancellationToken);

        NpgsqlParameter[] Parameters()
        {
            var id = Guid.NewGuid();
            return
            [
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<string> { TypedValue = $"{id:N}@example.com" },
                new NpgsqlParameter<string> { TypedValue = details },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = _clock.GetUtcNow() },
                new NpgsqlParameter<byte[]> { TypedValue = payload },
            ];
        }
    }

    /// <summary>Inserts 500 rows of a small ledger in one statement that commits.</summary>
    /// <returns>Rows a second.</returns>
    public async Task<double> AppendAsync(int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var result = await RunAsync(connections, duration, AppendSql, Parameters, cancellationToken);
        return result.PerSecond * BatchRows;

        NpgsqlParameter[] Parameters() =>
        [
            new NpgsqlParameter<Guid[]> { TypedValue = Ids() },
            new NpgsqlParameter<Guid[]> { TypedValue = Ids() },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = _clock.GetUtcNow() },
        ];

        static Guid[] Ids() => [.. Enumerable.Range(0, BatchRows).Select(_ => Guid.NewGuid())];
    }

    public ValueTask DisposeAsync() => _dataSource.DisposeAsync();

    async Task<LoadResult> RunAsync(
        int connections, TimeSpan duration, string sql, Func<NpgsqlParameter[]> parameters, CancellationToken cancellationToken)
    {
        var open = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => _dataSource.OpenConnectionAsync(cancellationToken).AsTask()));
        try
        {
            var commands = open.Select(connection => new NpgsqlCommand(sql, connection)).ToArray();
            return await Load.RunAsync(connections, duration, ExecuteAsync, _clock);

            async Task ExecuteAsync(int caller)
            {
                var command = commands[caller];
                command.Parameters.Clear();
                command.Parameters.AddRange(parameters());
                if (!command.IsPrepared)
                {
                    await command.PrepareAsync(cancellationToken);
                }
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(open.Select(connection => connection.DisposeAsync().AsTask()));
        }
    }
}
