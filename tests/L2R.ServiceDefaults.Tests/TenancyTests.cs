using L2R.TestSupport;
using Npgsql;

namespace L2R.ServiceDefaults.Tests;

[Trait("needs", "postgres")]
public sealed class TenancyTests : IAsyncLifetime
{
    const string Insert = "INSERT INTO requests (tenant_id, request_id, fingerprint, resource_id, outcome) VALUES (@t, gen_random_uuid(), '', gen_random_uuid(), '')";

    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    async Task<T> AsAsync<T>(string? tenant, string sql, string rowOf = "")
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = tenant is null
            ? await connection.BeginTransactionAsync(Cancelled)
            : await connection.BeginTenantAsync(tenant, Cancelled);
        await using var command = new NpgsqlCommand(sql, connection, transaction) { Parameters = { new NpgsqlParameter<string>("t", rowOf) } };
        var value = (T)(await command.ExecuteScalarAsync(Cancelled) ?? default(T)!);
        await transaction.CommitAsync(Cancelled);
        return value;
    }

    [Fact]
    public async Task A_tenant_sees_its_own_rows_alone()
    {
        await AsAsync<object?>("acme", Insert, rowOf: "acme");
        await AsAsync<object?>("globex", Insert, rowOf: "globex");

        Assert.Equal("acme", await AsAsync<string>("acme", "SELECT string_agg(tenant_id, ',') FROM requests"));
        Assert.Equal(2L, await _database.ScalarAsync<long>("SELECT count(*) FROM requests"));
    }

    [Fact]
    public async Task A_tenant_cannot_write_into_another()
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => AsAsync<object?>("acme", Insert, rowOf: "globex"));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, error.SqlState);
    }

    [Fact]
    public async Task A_query_that_forgot_whose_rows_it_wants_is_an_error_and_never_empty()
    {
        await AsAsync<object?>("acme", Insert, rowOf: "acme");

        var fresh = await Assert.ThrowsAsync<PostgresException>(() => AsAsync<long>(tenant: null, "SELECT count(*) FROM requests"));
        // A session that had a tenant in an earlier transaction has the setting, empty.
        var (_, again) = (await AsAsync<long>("acme", "SELECT count(*) FROM requests"),
            await Assert.ThrowsAsync<PostgresException>(() => AsAsync<long>(tenant: null, "SELECT count(*) FROM requests")));

        Assert.All([fresh, again], error => Assert.Equal("l2r.tenant_id is not set in this transaction", error.MessageText));
    }

    [Theory]
    [InlineData("acme", true)]
    [InlineData("a", true)]
    [InlineData("acme-eu-2", true)]
    [InlineData("", false)]
    [InlineData("Acme", false)]
    [InlineData("-acme", false)]
    [InlineData("acme-", false)]
    [InlineData("acme.eu", false)]
    [InlineData("acme#", false)]
    public void A_tenant_is_a_word_that_fits_a_routing_key(string tenant, bool valid) => Assert.Equal(valid, Tenancy.IsValid(tenant));

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_tenant_has_at_most_63_characters(int length, bool valid) => Assert.Equal(valid, Tenancy.IsValid(new string('a', length)));
}
