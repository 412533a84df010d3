using System.Reflection;
using L2R.ServiceDefaults;
using Npgsql;

namespace L2R.TestSupport;

/// <summary>A database of one test's own, with the service's migrations, dropped at the end.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    TestDatabase(string adminConnectionString, NpgsqlDataSource app, NpgsqlDataSource admin) =>
        (AdminConnectionString, App, Admin) = (adminConnectionString, app, admin);

    /// <summary>As a service is given it.</summary>
    public string AdminConnectionString { get; }

    /// <summary>As the service's own role: row-level security holds.</summary>
    public NpgsqlDataSource App { get; }

    /// <summary>As superuser: sees every tenant's rows.</summary>
    public NpgsqlDataSource Admin { get; }

    /// <param name="assemblies">Whose migrations to apply, after those of L2R.ServiceDefaults.</param>
    public static async Task<TestDatabase> CreateAsync(params Assembly[] assemblies)
    {
        var admin = AddressOfNew();
        await Migrator.MigrateAsync(admin, [typeof(Migrator).Assembly, .. assemblies], CancellationToken.None);
        // A small pool finds code that opens a second connection while it holds the first.
        var app = new NpgsqlConnectionStringBuilder(Migrator.AppConnectionString(admin)) { MaxPoolSize = 4, Timeout = 10 };
        return new TestDatabase(admin, NpgsqlDataSource.Create(app), NpgsqlDataSource.Create(admin));
    }

    /// <summary>The address of a database that does not exist yet: a service that is started on it makes it.</summary>
    public static string AddressOfNew() =>
        new NpgsqlConnectionStringBuilder(TestServers.Postgres) { Database = $"test_{Guid.NewGuid():N}", MaxPoolSize = 4 }.ConnectionString;

    /// <summary>One value, as superuser.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Admin.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(CancellationToken.None))!;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Admin.DisposeAsync();
        await DropAsync(AdminConnectionString);
    }

    public static async Task DropAsync(string adminConnectionString)
    {
        var database = new NpgsqlConnectionStringBuilder(adminConnectionString).Database!;
        await using var server = NpgsqlDataSource.Create(TestServers.Postgres);
        await using var command = server.CreateCommand($"DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE)");
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        await using var role = server.CreateCommand($"DROP ROLE IF EXISTS \"{database}_app\", \"{database}_reporting\"");
        await role.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
