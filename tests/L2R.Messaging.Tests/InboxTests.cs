using L2R.TestSupport;
using MassTransit;
using Npgsql;

namespace L2R.Messaging.Tests;

[Trait("needs", "postgres")]
public sealed class InboxTests : IAsyncLifetime
{
    const string Tenant = "acme";

    readonly string _message = Guid.NewGuid().ToString("D");
    readonly OutboxSignal _signal = new();
    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly);

    public ValueTask DisposeAsync()
    {
        _signal.Dispose();
        return _database.DisposeAsync();
    }

    /// <summary>Handles the message with an effect that leaves a row in the outbox.</summary>
    Task HandleAsync(IConsumer consumer, bool tells = false, Exception? fails = null) =>
        new Inbox(_database.App, _signal).HandleOnceAsync(consumer, _message, Tenant, async transaction =>
        {
            await OutboxWriter.AddAsync(transaction, [new OutboxEvent(Guid.NewGuid(), "a.Thing", "live.acme", [], TraceParent: null)], Cancelled);
            return fails is null ? tells : throw fails;
        }, Cancelled);

    Task<long> EffectsAsync() => _database.ScalarAsync<long>("SELECT count(*) FROM outbox");

    [Fact]
    public async Task Each_consumer_has_its_effect_once()
    {
        await HandleAsync(new One());
        await HandleAsync(new One());
        Assert.Equal(1, await EffectsAsync());

        await HandleAsync(new Two());
        Assert.Equal(2, await EffectsAsync());
    }

    [Fact]
    public async Task An_effect_that_fails_is_undone_and_leaves_the_message_free()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => HandleAsync(new One(), fails: new InvalidOperationException("not now")));
        Assert.Equal("not now", failure.Message);
        Assert.Equal(0, await EffectsAsync());

        await HandleAsync(new One());
        Assert.Equal(1, await EffectsAsync());
    }

    [Fact]
    public async Task Of_ten_deliveries_at_once_one_has_its_effect()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => HandleAsync(new One())));

        Assert.Equal(1, await EffectsAsync());
    }

    [Fact]
    public async Task The_effect_sees_one_tenant()
    {
        var tenant = "";
        await new Inbox(_database.App, _signal).HandleOnceAsync(new One(), _message, Tenant, async transaction =>
        {
            await using var command = new NpgsqlCommand("SELECT current_setting('l2r.tenant_id')", transaction.Connection, transaction);
            tenant = (string)(await command.ExecuteScalarAsync(Cancelled))!;
            return false;
        }, Cancelled);

        Assert.Equal(Tenant, tenant);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_relay_is_woken_only_for_an_effect_that_tells(bool tells)
    {
        await HandleAsync(new One(), tells);

        Assert.Equal(tells, await _signal.IsRungAsync());
    }

    sealed class One : IConsumer;

    sealed class Two : IConsumer;
}

static class Rings
{
    /// <summary>Whether it was rung since it was last waited for.</summary>
    public static async Task<bool> IsRungAsync(this OutboxSignal signal)
    {
        using var atOnce = new CancellationTokenSource();
        var waits = signal.WaitAsync(Timeout.InfiniteTimeSpan, atOnce.Token);
        var rung = waits.IsCompletedSuccessfully;
        await atOnce.CancelAsync();
        await waits.ContinueWith(_ => { }, TaskScheduler.Default);
        return rung;
    }
}
