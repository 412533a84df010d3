using L2R.Ledger.V1;
using L2R.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2R.Messaging.Tests;

public sealed class BusWatchTests : IDisposable
{
    readonly SetClock _clock = new();
    readonly BusWatch _watch;
    bool _healthy = true;
    bool _answers = true;
    bool _comesBack = true;
    Exception? _fails;
    int _restarts;
    int _ends;

    public BusWatchTests() => _watch = new BusWatch(
        () => _healthy,
        _ => Task.FromResult(_answers),
        _ =>
        {
            _restarts++;
            _healthy = _comesBack;
            return _fails is null ? Task.CompletedTask : Task.FromException(_fails);
        },
        () => _ends++,
        _clock,
        NullLogger<BusWatch>.Instance);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _watch.Dispose();

    /// <summary>Looks every two seconds, as the service does.</summary>
    async Task LookForAsync(int seconds)
    {
        for (var second = 0; second < seconds; second += 2)
        {
            await _watch.LookAsync(Cancelled);
            _clock.Now += TimeSpan.FromSeconds(2);
        }
    }

    [Fact]
    public async Task A_bus_that_does_not_come_back_within_ten_seconds_of_its_broker_is_started_anew()
    {
        await LookForAsync(2);
        (_healthy, _answers) = (false, false);
        await LookForAsync(300);
        _answers = true;

        await LookForAsync(10);
        Assert.Equal(0, _restarts);
        await LookForAsync(2);
        Assert.Equal(1, _restarts);

        await LookForAsync(300);
        Assert.Equal(1, _restarts);
    }

    [Fact]
    public async Task A_bus_that_comes_back_by_itself_is_left_alone()
    {
        await LookForAsync(2);
        _healthy = false;
        await LookForAsync(8);
        _healthy = true;
        await LookForAsync(2);
        _healthy = false;
        await LookForAsync(10);

        Assert.Equal(0, _restarts);
    }

    [Fact]
    public async Task A_broker_that_goes_away_again_starts_the_count_anew()
    {
        await LookForAsync(2);
        _healthy = false;
        await LookForAsync(8);
        _answers = false;
        await LookForAsync(2);
        _answers = true;
        await LookForAsync(10);

        Assert.Equal(0, _restarts);
    }

    [Fact]
    public async Task A_bus_that_is_still_starting_is_left_alone()
    {
        _healthy = false;
        await LookForAsync(300);

        Assert.Equal(0, _restarts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_whose_restart_of_the_bus_does_not_help_ends(bool fails)
    {
        await LookForAsync(2);
        (_healthy, _comesBack, _fails) = (false, false, fails ? new InvalidOperationException("not now") : null);

        await LookForAsync(12 + 20);
        Assert.Equal((1, 0), (_restarts, _ends));
        await LookForAsync(2);
        Assert.Equal((1, 1), (_restarts, _ends));

        await LookForAsync(300);
        Assert.Equal((1, 1), (_restarts, _ends)); // it is ending
    }

    [Fact]
    public async Task A_bus_that_a_restart_brought_back_is_started_anew_the_next_time_too()
    {
        await LookForAsync(2);
        for (var time = 1; time <= 2; time++)
        {
            _healthy = false;
            await LookForAsync(12);
            Assert.Equal((time, 0), (_restarts, _ends));
            await LookForAsync(2);
        }
    }

    [Fact]
    [Trait("needs", "rabbitmq")]
    public async Task A_bus_that_was_started_anew_sends_and_hears()
    {
        await using var bus = await TestBus.StartAsync(
            [LedgerEventsReflection.Descriptor], listener => listener.Hear<TestBus.Ear<StagesChanged>, StagesChanged>(["#"]));
        var tenant = $"t-{Guid.NewGuid():N}";

        await BusWatch.RestartAsync(bus.Control, Cancelled);
        await bus.PublishAsync(OutboxEvent.Live(Guid.NewGuid(), tenant, new StagesChanged { Tenant = tenant }));

        await Eventually.EqualAsync(1, () => Task.FromResult(bus.Messages<StagesChanged>(message => message.Tenant == tenant).Count));
    }

    sealed class SetClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
