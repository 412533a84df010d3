using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace L2R.ServiceDefaults;

/// <summary>A service's own database.</summary>
public static partial class Postgres
{
    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    /// <summary>Registers the <see cref="NpgsqlDataSource"/> of the service's own role on the database of that connection name.</summary>
    public static IHostApplicationBuilder AddPostgres(this IHostApplicationBuilder builder, string connectionName)
    {
        var admin = builder.Configuration.GetConnectionString(connectionName)
            ?? throw new InvalidOperationException(
                $"ConnectionStrings:{connectionName} is not set: give the database's address, such as Host=db;Username=postgres;Password=…;Database={connectionName}.");
        builder.Services.AddSingleton(new AdminConnection(admin));
        builder.AddNpgsqlDataSource(connectionName, settings => settings.ConnectionString = Tuned(Migrator.AppConnectionString(admin)));
        return builder;
    }

    /// <summary>Migrates the database before the service listens or consumes; waits while the server is not there yet.</summary>
    public static async Task MigrateAsync(this WebApplication app, params Assembly[] assemblies)
    {
        var admin = app.Services.GetRequiredService<AdminConnection>();
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                var count = await Migrator.MigrateAsync(
                    admin.ConnectionString, [typeof(Migrator).Assembly, .. assemblies], app.Lifetime.ApplicationStopping);
                LogMigrated(app.Logger, count);
                return;
            }
            catch (NpgsqlException exception) when (exception.IsTransient && clock.GetElapsedTime(start) < StartLimit)
            {
                LogWaiting(app.Logger, exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, app.Lifetime.ApplicationStopping);
            }
        }
    }

    static string Tuned(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxPoolSize = 32, // a PostgreSQL connection is a process; more of them than this wait for each other
        MaxAutoPrepare = 64,
        AutoPrepareMinUsages = 3,
        Timeout = 5,
        // Nothing here outlives its transaction (the tenant is set for one), so there is nothing to reset when a connection goes back.
        NoResetOnClose = true,
        // Its statements take arrays, one row or many, and reach every row by key: planning each anew costs more than running it.
        // And a plan whose cost was guessed high, in a large ledger, is compiled each time that it runs: 60 ms for a statement that takes one.
        Options = "-c plan_cache_mode=force_generic_plan -c jit=off",
    }.ConnectionString;

    [LoggerMessage(EventId = 1, EventName = "migrations.applied", Level = LogLevel.Information, Message = "Applied {Count} migrations.")]
    static partial void LogMigrated(ILogger logger, int count);

    [LoggerMessage(EventId = 2, EventName = "migrations.waiting", Level = LogLevel.Warning, Message = "The database is not there yet: {Reason}")]
    static partial void LogWaiting(ILogger logger, string reason);

    sealed record AdminConnection(string ConnectionString);
}
