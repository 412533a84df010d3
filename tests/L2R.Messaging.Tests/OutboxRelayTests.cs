using System.Diagnostics.Metrics;
using L2R.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace L2R.Messaging.Tests;

[Trait("needs", "postgres")]
public sealed class OutboxRelayTests : IAsyncLifetime
{
    readonly RecordingBroker _broker = new();
    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _services.DisposeAsync();
    }

    OutboxRelay Relay(int batchSize = 100) => new(
        _database.App,
        _broker,
        new OutboxSignal(),
        new MessagingMetrics(_services.GetRequiredService<IMeterFactory>()),
        new RelayProgress(TimeProvider.System),
        MsOptions.Create(new OutboxOptions { BatchSize = batchSize }),
        TimeProvider.System,
        NullLogger<OutboxRelay>.Instance);

    static OutboxEvent Event(string type = "a.Thing") => new(Guid.NewGuid(), type, "live.acme", [1, 2, 3], TraceParent: null);

    async Task WriteAsync(bool commit, params OutboxEvent[] events)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await OutboxWriter.AddAsync(transaction, events, Cancelled);
        if (commit)
        {
            await transaction.CommitAsync(Cancelled);
        }
    }

    [Fact]
    public async Task Sends_what_was_committed_in_order_and_once()
    {
        var events = Enumerable.Range(0, 5).Select(_ => Event()).ToArray();
        await WriteAsync(commit: true, events);
        using var relay = Relay(batchSize: 3);

        Assert.Equal(3, await relay.RelayBatchAsync(Cancelled));
        Assert.Equal(2, await relay.RelayBatchAsync(Cancelled));
        Assert.Equal(0, await relay.RelayBatchAsync(Cancelled));

        Assert.Equivalent(events, _broker.Sent, strict: true);
        Assert.Equal(events.Select(e => e.EventId), _broker.Sent.Select(e => e.EventId));
    }

    [Fact]
    public async Task Never_sends_what_was_rolled_back()
    {
        await WriteAsync(commit: false, Event());
        using var relay = Relay();

        Assert.Equal(0, await relay.RelayBatchAsync(Cancelled));

        Assert.Empty(_broker.Sent);
    }

    [Fact]
    public async Task A_crash_between_send_and_commit_sends_again_and_loses_nothing()
    {
        var lost = Event();
        await WriteAsync(commit: true, lost);
        _broker.FailAfterSending = true;
        using var relay = Relay();

        await Assert.ThrowsAsync<InvalidOperationException>(() => relay.RelayBatchAsync(Cancelled));
        _broker.FailAfterSending = false;
        Assert.Equal(1, await relay.RelayBatchAsync(Cancelled));
        Assert.Equal(0, await relay.RelayBatchAsync(Cancelled));

        Assert.Equal([lost.EventId, lost.EventId], _broker.Sent.Select(e => e.EventId));
    }

    [Fact]
    public async Task An_event_that_can_never_be_sent_steps_aside_with_its_cause()
    {
        var (before, poison, after) = (Event(), Event("a.Poison"), Event());
        await WriteAsync(commit: true, before, poison, after);
        _broker.Unpublishable = "a.Poison";
        using var relay = Relay();

        Assert.Equal(3, await relay.RelayBatchAsync(Cancelled));

        Assert.Equal([before.EventId, after.EventId], _broker.Sent.Select(e => e.EventId));
        Assert.Equal(0L, await _database.ScalarAsync<long>("SELECT count(*) FROM outbox"));
        Assert.Equal(
            $"{poison.EventId} a.Poison is not among this service's events.",
            await _database.ScalarAsync<string>("SELECT event_id || ' ' || error FROM outbox_dead"));
    }

    [Fact]
    public async Task What_waits_is_measured_while_the_broker_is_away()
    {
        await WriteAsync(commit: true, Event(), Event());
        _broker.Away = true;
        Dictionary<string, double> gauges = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, each) =>
        {
            if (instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                each.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => gauges[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => gauges[instrument.Name] = value);
        using var relay = Relay();
        listener.Start();

        await relay.StartAsync(Cancelled);
        await Eventually.IsTrueAsync("what waits to be measured", () =>
        {
            listener.RecordObservableInstruments();
            return Task.FromResult(gauges.GetValueOrDefault("l2r.outbox.depth") == 2 && gauges["l2r.outbox.lag"] > 0);
        });
        await relay.StopAsync(Cancelled);

        Assert.Empty(_broker.Sent);
    }

    [Fact]
    public async Task Replicas_share_the_work_and_send_nothing_twice()
    {
        await WriteAsync(commit: true, [.. Enumerable.Range(0, 200).Select(_ => Event())]);
        using var one = Relay(batchSize: 10);
        using var two = Relay(batchSize: 10);

        await Task.WhenAll(DrainAsync(one), DrainAsync(two));

        Assert.Equal(200, _broker.Sent.Count);
        Assert.Equal(200, _broker.Sent.Select(e => e.EventId).Distinct().Count());

        static async Task DrainAsync(OutboxRelay relay)
        {
            while (await relay.RelayBatchAsync(Cancelled) > 0)
            {
            }
        }
    }
}
