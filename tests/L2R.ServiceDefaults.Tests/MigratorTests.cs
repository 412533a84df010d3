using L2R.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace L2R.ServiceDefaults.Tests;

[Trait("needs", "postgres")]
public sealed class MigratorTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_that_start_together_migrate_once()
    {
        var admin = TestDatabase.AddressOfNew();

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Migrator.MigrateAsync(admin, [typeof(Migrator).Assembly], Cancelled)));

        Assert.Equal([0, 0, 0, 2], applied.Order());
        await TestDatabase.DropAsync(admin);
    }

    [Fact]
    public async Task A_service_has_its_statements_planned_once_and_never_compiled()
    {
        await using var database = await TestDatabase.CreateAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:some"] = database.AdminConnectionString;
        builder.AddPostgres("some");
        using var host = builder.Build();

        await using var command = host.Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand("SELECT concat_ws(' ', current_setting('plan_cache_mode'), current_setting('jit'), current_user = current_database() || '_app')");

        Assert.Equal("force_generic_plan off t", await command.ExecuteScalarAsync(Cancelled));
    }

    [Fact]
    public async Task A_file_that_was_edited_after_it_was_applied_stops_the_start()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var edit = database.Admin.CreateCommand("UPDATE schema_migrations SET sha256 = 'other'");
        await edit.ExecuteNonQueryAsync(Cancelled);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Migrator.MigrateAsync(database.AdminConnectionString, [typeof(Migrator).Assembly], Cancelled));

        Assert.Equal("Migration L2R.ServiceDefaults/0001_tenancy.sql was edited after it was applied. Add a new file instead.", error.Message);
    }

    [Fact]
    public async Task The_service_role_owns_nothing_and_cannot_pass_row_level_security()
    {
        await using var database = await TestDatabase.CreateAsync();

        Assert.Equal(
            "f f f f 0",
            await database.ScalarAsync<string>("""
                SELECT concat_ws(' ', rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, (SELECT count(*) FROM pg_class WHERE relowner = r.oid))
                FROM pg_roles r
                WHERE rolname = current_database() || '_app'
                """));
        await using var app = await database.App.OpenConnectionAsync(Cancelled);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM schema_migrations", app);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync(Cancelled))).SqlState);
    }
}
