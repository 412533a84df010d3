using System.Collections.Concurrent;
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

    [Fact]
    public async Task What_comes_while_others_are_stored_is_stored_together_each_message_once()
    {
        var inbox = new Inbox(_database.App, _signal);
        var goOn = new TaskCompletionSource();
        var calls = new ConcurrentQueue<string>();
        var ids = Enumerable.Range(0, 5).Select(_ => NewId()).ToArray();
        await StoreAsync(ids[4], "before", Tenant);

        // As many groups as are stored at once, both waiting.
        var a = StoreAsync(NewId(), "a", Tenant);
        await Eventually.EqualAsync(2, () => Task.FromResult(calls.Count));
        var b = StoreAsync(NewId(), "b", Tenant);
        await Eventually.EqualAsync(3, () => Task.FromResult(calls.Count));
        // The same twice, another tenant's, and one that was handled long ago.
        var others = new[] { (ids[0], "c", Tenant), (ids[1], "d", Tenant), (ids[0], "c", Tenant), (ids[2], "z", "zeta"), (ids[4], "before", Tenant), (ids[3], "e", Tenant) }
            .Select(each => StoreAsync(each.Item1, each.Item2, each.Item3)).ToList();
        goOn.SetResult();
        await Task.WhenAll([a, b, .. others]);

        Assert.Equal(["acme: a", "acme: b", "acme: before"], calls.Take(3).Order(StringComparer.Ordinal));
        Assert.Equal(["acme: c d e", "zeta: z"], calls.Skip(3).Order(StringComparer.Ordinal));
        Assert.Equal(7, await EffectsAsync());

        Task StoreAsync(string id, string row, string tenant) => inbox.HandleTogetherAsync(new One(), id, tenant, [row], async (transaction, owner, rows) =>
        {
            calls.Enqueue($"{owner}: {string.Join(' ', rows)}");
            if (calls.Count is 2 or 3)
            {
                await goOn.Task;
            }
            await WriteAsync(transaction, rows);
            return false;
        }, Cancelled);
    }

    [Fact]
    public async Task Messages_that_are_stored_alone_take_two_connections_at_once()
    {
        var inbox = new Inbox(_database.App, _signal);
        var goOn = new TaskCompletionSource();
        var (running, most) = (0, 0);
        var all = Enumerable.Range(0, 8).Select(_ => inbox.HandleOnceAsync(new One(), NewId(), Tenant, async transaction =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await goOn.Task;
            await WriteAsync(transaction, ["row"]);
            Interlocked.Decrement(ref running);
            return false;
        }, Cancelled)).ToList();
        await Eventually.EqualAsync(2, () => Task.FromResult(running));
        goOn.SetResult();

        await Task.WhenAll(all);
        Assert.Equal((2, 8), (most, await EffectsAsync()));
    }

    [Fact]
    public async Task Of_messages_that_fail_together_each_is_tried_alone()
    {
        var inbox = new Inbox(_database.App, _signal);
        var goOn = new TaskCompletionSource();
        var calls = 0;
        var a = StoreAsync("a");
        await Eventually.EqualAsync(1, () => Task.FromResult(calls));
        var b = StoreAsync("b");
        await Eventually.EqualAsync(2, () => Task.FromResult(calls));
        var (good, bad) = (StoreAsync("c"), StoreAsync("bad"));
        goOn.SetResult();

        await Task.WhenAll(a, b, good);
        Assert.Equal("no such row", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.Equal(3, await EffectsAsync());
        Assert.Equal(5, calls); // both together, then each alone

        Task StoreAsync(string row) => inbox.HandleTogetherAsync(new One(), NewId(), Tenant, [row], async (transaction, _, rows) =>
        {
            if (Interlocked.Increment(ref calls) <= 2)
            {
                await goOn.Task;
            }
            await WriteAsync(transaction, rows);
            return rows.Contains("bad") ? throw new InvalidOperationException("no such row") : false;
        }, Cancelled);
    }

    static string NewId() => Guid.NewGuid().ToString("D");

    /// <summary>A row in the outbox for each.</summary>
    static Task WriteAsync(NpgsqlTransaction transaction, IReadOnlyList<string> rows) =>
        OutboxWriter.AddAsync(transaction, [.. rows.Select(_ => new OutboxEvent(Guid.NewGuid(), "a.Thing", "live.acme", [], TraceParent: null))], Cancelled);

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
