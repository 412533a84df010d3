using System.Text.Json;
using L2R.Metrics.Domain.Columns;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>The journeys of large tenants as this service had them in memory. What it cannot read or write it does without.</summary>
/// <param name="leastJourneys">Of tenants with fewer none is kept: their ledgers are read in a second or two.</param>
sealed partial class SnapshotStore(NpgsqlDataSource dataSource, long leastJourneys, ILogger logger)
{
    const int Lock = 0x1ED6E3; // tells this kind of lock from others in the database

    const string ReadSql = """
        SELECT content, parts, known_at
        FROM ledger_snapshots
        WHERE tenant_id = @tenant AND build = @build AND known_at <= @known_at
        ORDER BY part
        """;

    // One replica at a time, and only what is newer.
    const string BeginSql = """
        SELECT pg_try_advisory_xact_lock(@lock, hashtext(@tenant))
            AND NOT EXISTS (SELECT FROM ledger_snapshots WHERE tenant_id = @tenant AND build = @build AND known_at >= @known_at)
        """;

    const string DeleteSql = "DELETE FROM ledger_snapshots WHERE tenant_id = @tenant";

    const string WriteSql = """
        INSERT INTO ledger_snapshots (tenant_id, part, parts, build, known_at, content)
        VALUES (@tenant, @part, @parts, @build, @known_at, @content)
        """;

    public bool Keeps(long journeys) => journeys >= leastJourneys;

    /// <summary>The snapshot of a tenant, not later than an instant.</summary>
    /// <returns>Null: there is none that this build can read.</returns>
    public async Task<(LedgerColumns Columns, DateTimeOffset KnownAt)?> ReadAsync(string tenant, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
        await using var command = Command(transaction, ReadSql, tenant, knownAt);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<byte[]> content = [];
        var (parts, taken) = (-1, DateTimeOffset.MinValue);
        while (await reader.ReadAsync(cancellationToken))
        {
            content.Add(reader.GetFieldValue<byte[]>(0));
            (parts, taken) = (reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2));
        }
        if (content.Count != parts)
        {
            return null;
        }
        try
        {
            return (SnapshotFormat.Read(content), taken);
        }
        catch (Exception error) when (error is ArgumentException or JsonException or IndexOutOfRangeException)
        {
            LogUnreadable(error, tenant);
            return null;
        }
    }

    /// <summary>Takes the place of the tenant's snapshot, unless there is a later one or another replica writes it just now.</summary>
    public async Task WriteAsync(string tenant, ColumnsContent content, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTenantAsync(tenant, cancellationToken);
            await using var begin = Command(transaction, BeginSql, tenant, knownAt);
            begin.Parameters.Add(new NpgsqlParameter<int>("lock", Lock));
            if (await begin.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return;
            }
            await using var delete = Command(transaction, DeleteSql, tenant, knownAt);
            await delete.ExecuteNonQueryAsync(cancellationToken);
            foreach (var (part, bytes) in SnapshotFormat.Write(content).Index())
            {
                await using var write = Command(transaction, WriteSql, tenant, knownAt);
                write.Parameters.Add(new NpgsqlParameter<int>("part", part));
                write.Parameters.Add(new NpgsqlParameter<int>("parts", 1 + content.Chunks.Count));
                write.Parameters.Add(new NpgsqlParameter<byte[]>("content", bytes));
                await write.ExecuteNonQueryAsync(cancellationToken);
            }
            await transaction.CommitAsync(cancellationToken);
            LogWritten(tenant, knownAt);
        }
        catch (NpgsqlException error)
        {
            LogUnwritten(error, tenant);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped(tenant);
        }
    }

    static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, string tenant, DateTimeOffset knownAt) =>
        new(sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("tenant", tenant),
                new NpgsqlParameter<string>("build", SnapshotFormat.Build),
                new NpgsqlParameter<DateTimeOffset>("known_at", knownAt),
            },
        };

    [LoggerMessage(LogLevel.Information, "Keeps a snapshot of the journeys of {Tenant} as known at {KnownAt}.")]
    partial void LogWritten(string tenant, DateTimeOffset knownAt);

    [LoggerMessage(LogLevel.Information, "Stops before the snapshot of the journeys of {Tenant} is written: the next start reads an earlier one, or the ledger.")]
    partial void LogStopped(string tenant);

    [LoggerMessage(LogLevel.Warning, "Could not write the snapshot of the journeys of {Tenant}: the next start reads an earlier one, or the ledger.")]
    partial void LogUnwritten(Exception error, string tenant);

    [LoggerMessage(LogLevel.Warning, "Cannot read the snapshot of the journeys of {Tenant}: reads the ledger.")]
    partial void LogUnreadable(Exception error, string tenant);
}
