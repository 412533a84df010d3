using L2R.TestSupport;
using Npgsql;

namespace L2R.Messaging.Tests;

[Trait("needs", "postgres")]
public sealed class InboxTests : IAsyncLifetime
{
    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    async Task<bool> ClaimAsync(Guid message, string consumer, bool commit = true)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var claim = Inbox.Claim(message, consumer);
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { claim } };
        await batch.ExecuteNonQueryAsync(Cancelled);
        if (commit)
        {
            await transaction.CommitAsync(Cancelled);
        }
        return Inbox.IsClaimed(claim);
    }

    [Fact]
    public async Task A_message_is_claimed_once_by_each_consumer()
    {
        var message = Guid.NewGuid();

        Assert.True(await ClaimAsync(message, "one"));
        Assert.False(await ClaimAsync(message, "one"));
        Assert.True(await ClaimAsync(message, "two"));
    }

    [Fact]
    public async Task An_effect_that_rolled_back_leaves_the_message_free()
    {
        var message = Guid.NewGuid();
        await ClaimAsync(message, "one", commit: false);

        Assert.True(await ClaimAsync(message, "one"));
    }

    [Fact]
    public async Task Of_ten_deliveries_at_once_one_goes_on()
    {
        var message = Guid.NewGuid();

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ClaimAsync(message, "one")));

        Assert.Single(claims, claimed => claimed);
    }
}
