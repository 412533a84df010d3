using L2R.Messaging;
using L2R.TestSupport;
using Npgsql;

namespace L2R.Operations.Tests;

[Trait("needs", "postgres")]
public sealed class PublicSchemaTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Such a login may be one that an operator made to look at figures; the function would delete requests of every tenant.</summary>
    [Fact]
    public async Task A_login_that_may_connect_and_is_not_the_services_calls_none_of_its_functions()
    {
        await using var database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(OperationsSetup).Assembly);
        var address = new NpgsqlConnectionStringBuilder(database.AdminConnectionString) { Pooling = false };
        (address.Username, address.Password) = ($"{address.Database}_reporting", "secret"); // a role that goes with the database
        await using (var make = database.Admin.CreateCommand(
            $"CREATE ROLE {address.Username} LOGIN PASSWORD 'secret'; GRANT CONNECT ON DATABASE {address.Database} TO {address.Username}"))
        {
            await make.ExecuteNonQueryAsync(Cancelled);
        }
        await using var other = NpgsqlDataSource.Create(address);

        Assert.Equal(
            ["l2r_forget_requests"],
            await ReadAsync("SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"));
        Assert.Equal("permission denied for schema public", await FailAsync(other, "SELECT public.l2r_forget_requests(now(), 1)"));
        Assert.Null(await FailAsync(database.App, "SELECT public.l2r_forget_requests(now(), 1)"));

        async Task<List<string>> ReadAsync(string sql)
        {
            await using var command = database.Admin.CreateCommand(sql);
            await using var reader = await command.ExecuteReaderAsync(Cancelled);
            List<string> found = [];
            while (await reader.ReadAsync(Cancelled))
            {
                found.Add(reader.GetString(0));
            }
            return found;
        }
    }

    static async Task<string?> FailAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (await Record.ExceptionAsync(() => command.ExecuteScalarAsync(Cancelled)) as PostgresException)?.MessageText;
    }
}
