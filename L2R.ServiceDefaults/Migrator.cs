using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace L2R.ServiceDefaults;

/// <summary>Brings a service's own database up to the SQL files that it ships, in order, each once.</summary>
/// <remarks>
/// Makes the database and the role <c>{database}_app</c> where they are missing. The role logs in, owns nothing, and
/// cannot pass row-level security: every request and consumer uses it, and the injected connection serves migrations only.
/// Forward only: a mistake is undone by the next file. A file that was applied and then edited stops the
/// start, because the databases that have it would silently differ from the ones that get it later.
/// </remarks>
public static class Migrator
{
    const long LockId = 0x4C32_524D; // "L2RM": replicas that start together go one at a time

    /// <summary>Applies the embedded <c>*.sql</c> files of the assemblies: by assembly, then by name.</summary>
    /// <param name="adminConnectionString">Of a role that may create databases and roles.</param>
    /// <returns>How many files were applied. 0 when the database was up to date.</returns>
    public static async Task<int> MigrateAsync(
        string adminConnectionString, IReadOnlyList<Assembly> assemblies, CancellationToken cancellationToken)
    {
        var admin = new NpgsqlConnectionStringBuilder(adminConnectionString) { Pooling = false };
        await CreateDatabaseAsync(admin, cancellationToken);

        await using var connection = new NpgsqlConnection(admin.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockId})", cancellationToken);
        await ExecuteAsync(connection, """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                name        text        PRIMARY KEY,
                sha256      text        NOT NULL,
                apply_time  timestamptz NOT NULL DEFAULT clock_timestamp()
            )
            """, cancellationToken);
        // After that table: what is made from here on, the service's role may use.
        await CreateAppRoleAsync(connection, admin, cancellationToken);
        var count = 0;
        foreach (var (name, sql) in assemblies.SelectMany(ReadFiles))
        {
            count += await ApplyAsync(connection, name, sql, cancellationToken) ? 1 : 0;
        }
        return count; // closing the session releases the lock
    }

    /// <summary>The connection string of the service's own role, made from the injected one.</summary>
    /// <remarks>
    /// The password is derived from the injected one, so every replica knows it, nobody has to keep it, and it changes
    /// when that one does (docs/adr/0004).
    /// </remarks>
    public static string AppConnectionString(string adminConnectionString)
    {
        var app = new NpgsqlConnectionStringBuilder(adminConnectionString);
        var key = Encoding.UTF8.GetBytes(app.Password ?? "");
        app.Username = $"{app.Database}_app";
        app.Password = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"l2r {app.Username}")));
        return app.ConnectionString;
    }

    static async Task CreateDatabaseAsync(NpgsqlConnectionStringBuilder admin, CancellationToken cancellationToken)
    {
        var maintenance = new NpgsqlConnectionStringBuilder(admin.ConnectionString) { Database = "postgres" };
        await using var connection = new NpgsqlConnection(maintenance.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = admin.Database! } },
        };
        if (await find.ExecuteScalarAsync(cancellationToken) is not null)
        {
            return;
        }
        try
        {
            await ExecuteAsync(connection, $"CREATE DATABASE {Quote(admin.Database!)}", cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another replica was faster.
        }
    }

    static async Task CreateAppRoleAsync(NpgsqlConnection connection, NpgsqlConnectionStringBuilder admin, CancellationToken cancellationToken)
    {
        var app = new NpgsqlConnectionStringBuilder(AppConnectionString(admin.ConnectionString));
        var role = Quote(app.Username!);
        await using var find = new NpgsqlCommand("SELECT 1 FROM pg_roles WHERE rolname = $1", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = app.Username! } },
        };
        var verb = await find.ExecuteScalarAsync(cancellationToken) is null ? "CREATE" : "ALTER";
        await ExecuteAsync(connection, $"""
            {verb} ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '{app.Password}';
            REVOKE ALL ON DATABASE {Quote(admin.Database!)} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {Quote(admin.Database!)} TO {role};
            GRANT USAGE ON SCHEMA public TO {role};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}
            """, cancellationToken);
    }

    static async Task<bool> ApplyAsync(NpgsqlConnection connection, string name, string sql, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        await using var find = new NpgsqlCommand("SELECT sha256 FROM schema_migrations WHERE name = $1", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = name } },
        };
        if (await find.ExecuteScalarAsync(cancellationToken) is string applied)
        {
            return applied == hash
                ? false
                : throw new InvalidOperationException($"Migration {name} was edited after it was applied. Add a new file instead.");
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, sql, cancellationToken);
        await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = name }, new NpgsqlParameter<string> { TypedValue = hash } },
        };
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    static IEnumerable<(string Name, string Sql)> ReadFiles(Assembly assembly) =>
        from file in assembly.GetManifestResourceNames()
        where file.EndsWith(".sql", StringComparison.Ordinal)
        orderby file
        // A file that moved to another assembly keeps the name that databases know it by.
        select (file.Contains('/', StringComparison.Ordinal) ? file : $"{assembly.GetName().Name}/{file}", ReadFile(assembly, file));

    static string ReadFile(Assembly assembly, string file)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static string Quote(string identifier) => '"' + identifier.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
