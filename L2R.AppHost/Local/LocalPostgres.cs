using System.Globalization;
using L2R.AppHost.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace L2R.AppHost.Local;

static class LocalPostgres
{
    // Runs under a lock that the server and its children hold, so nothing else uses the folder here: what a killed server left
    // (postmaster.pid, half an initdb) is stale for sure. SIGTERM means "wait until every client has left" to PostgreSQL, and SIGINT
    // "stop now": the helper makes one of the other.
    const string Script = """
        set -eu
        bin=$1 data=$2; shift 2
        if [ ! -f "$data/PG_VERSION" ]; then
          rm -rf "$data.new" "$data.password"
          (umask 077; printf '%s\n' "$L2R_POSTGRES_PASSWORD" > "$data.password")
          "$bin/initdb" --pgdata="$data.new" --username=postgres --pwfile="$data.password" --auth=scram-sha-256 --encoding=UTF8 --locale=C
          rm "$data.password"
          mv "$data.new" "$data"
        fi
        unset L2R_POSTGRES_PASSWORD
        rm -f "$data/postmaster.pid"
        main=$$
        (trap 'kill -INT $main; exit 0' TERM; while kill -0 $main 2>/dev/null; do sleep 1 & wait $!; done) >/dev/null 2>&1 &
        exec "$bin/postgres" -D "$data" "$@"
        """;

    // Rows come under random ids, so every index of a large table is written all over: what does not fit is written to disk and read again and
    // again. Pages that are never used take no memory.
    static long SharedMegabytes => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 / (1 << 20), 128, 1_024);

    /// <param name="durable">False where a crash of the machine may cost the data, as in tests.</param>
    public static IResourceBuilder<LocalServer> AddLocalPostgres(
        this IDistributedApplicationBuilder builder, LocalSoftware software, DataFolder folder, LocalSecrets secrets, StackPorts ports, bool durable)
    {
        var port = ports.Of("postgres/tcp");
        var connectionString = $"Host=127.0.0.1;Port={port};Username=postgres;Password={secrets.PostgresPassword}";
        string[] asUser = software.User is { } user ? ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups"] : [];
        string[] command =
        [
            .. asUser,
            "flock", "--no-fork", "--wait", "60", Path.Combine(folder.Postgres, "lock"),
            "sh", "-c", Script, "postgres", software.PostgresBin, Path.Combine(folder.Postgres, "cluster"),
        ];
        Dictionary<string, string> settings = new()
        {
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["listen_addresses"] = "127.0.0.1",
            ["unix_socket_directories"] = "",
            ["max_connections"] = "300",
            ["shared_buffers"] = $"{SharedMegabytes}MB",
            ["max_wal_size"] = "4GB",
            ["fsync"] = durable ? "on" : "off",
            // A new database fills fast; the plans made for empty tables read a tenant's every row until the first statistics.
            ["autovacuum_naptime"] = "5s",
            // So often, each look must be cheap: 3,000 rows tell how many rows a key has as well as 30,000 do.
            ["default_statistics_target"] = "10",
            // The detail of a broken unique index would show the e-mail address.
            ["log_error_verbosity"] = "terse",
            ["log_timezone"] = "UTC",
            ["timezone"] = "UTC",
        };

        builder.Services.AddHealthChecks().Add(new("postgres_check", new PostgresCheck($"{connectionString};Pooling=false;Timeout=5"), null, null));
        return builder.AddResource(new LocalServer("postgres", command[0], folder.Postgres, connectionString))
            .WithArgs([.. command[1..], .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })])
            .WithEnvironment("L2R_POSTGRES_PASSWORD", secrets.PostgresPassword)
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: "tcp", isProxied: false)
            .WithHealthCheck("postgres_check");
    }

    sealed class PostgresCheck(string connectionString) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var connection = new NpgsqlConnection($"{connectionString};Database=postgres");
                await connection.OpenAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException exception)
            {
                return new(context.Registration.FailureStatus, exception.Message);
            }
        }
    }
}
