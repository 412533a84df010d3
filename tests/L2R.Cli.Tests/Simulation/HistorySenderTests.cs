using L2R.Cli.Costs;
using L2R.Cli.Imports;
using L2R.Cli.Simulation;
using L2R.Cli.Stack;
using L2R.Cli.Tests.Imports;
using L2R.Intake.V1;
using L2R.Ledger.V1;

namespace L2R.Cli.Tests.Simulation;

/// <summary>What is sent of simulated touches, to services that answer.</summary>
public sealed class HistorySenderTests : IDisposable
{
    static readonly SimulationOptions Options = new(600, Months: 12, Seed: 3, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));

    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Every_touch_that_was_drawn_is_sent_and_what_is_late_or_wrong_at_first_is_sent_again_as_it_was()
    {
        await using var stack = await FakeStack.StartAsync();

        var report = await SendAsync(stack, TestContext.Current.CancellationToken);

        var (first, again) = (Sent(stack, correct: false), Sent(stack, correct: true));
        Assert.True(report.IsInLedger);
        Assert.Equal(first.Count + again.Count, report.Touches.Sent);
        var generator = new Generator(Options);
        var drawn = generator.Journeys().SelectMany(journey => generator.TouchesOf(journey, Options.Until)
            .Select((touch, index) => (Key: (SimulatedRows.JourneyKey(journey), (long)index), Told: Content(SimulatedRows.LeadKey(journey), touch))))
            .ToDictionary(touch => touch.Key, touch => touch.Told);
        var known = new Dictionary<(string, long), string>(first);
        foreach (var (key, told) in again)
        {
            known[key] = told;
        }
        Assert.Equal(drawn.OrderBy(touch => touch.Key), known.OrderBy(touch => touch.Key));

        var late = generator.Journeys().Where(journey => journey.Late is not null).ToList();
        Assert.Equal(late.Count, drawn.Count - first.Count);
        Assert.NotEmpty(late);
        Assert.Equal(
            generator.Journeys().Where(journey => journey.Wrong is not null).Select(journey => (SimulatedRows.JourneyKey(journey), 0L)).Order(),
            first.Where(touch => drawn[touch.Key] != touch.Value).Select(touch => touch.Key).Order());
    }

    [Fact]
    public async Task Once_stopped_nothing_more_is_sent_and_the_next_run_sends_the_rest()
    {
        await using var stack = await FakeStack.StartAsync();
        using var stop = new CancellationTokenSource();
        stack.OnTouches = stop.Cancel;

        var stopped = await SendAsync(stack, stop.Token);

        Assert.Null(stopped.IsInLedger);
        Assert.InRange(stack.Touches.Count, 1, OwnerStream<ImportTouchpointsRequest, ImportTouchpointsResponse>.Window);
        Assert.DoesNotContain(stack.Touches, batch => batch.Correct);
        Assert.Empty(stack.Spends);

        stack.OnTouches = () => { };
        Assert.True((await SendAsync(stack, TestContext.Current.CancellationToken)).IsInLedger);
        Assert.NotEmpty(Sent(stack, correct: true));
    }

    [Fact]
    public async Task Every_spend_that_was_drawn_is_sent_once_and_a_missing_one_is_sent_again()
    {
        await using var stack = await FakeStack.StartAsync();
        var drawn = SimulatedSpend.Of(Options).Select(spend => spend.ToProto()).ToList();

        var first = (await SendAsync(stack, TestContext.Current.CancellationToken)).Spends;
        var sent = SpendFile.Missing(drawn, stack.Spends.Values);
        Assert.True(stack.Spends.TryRemove(SimulatedSpend.Of(Options).First().RequestId(Options.Source), out _));
        var second = (await SendAsync(stack, TestContext.Current.CancellationToken)).Spends;

        Assert.Empty(sent);
        Assert.Equal(new SentCounts(drawn.Count, drawn.Count, 0, 0), first);
        Assert.Equal(new SentCounts(drawn.Count, 1, drawn.Count - 1, 0), second);
        Assert.Equal(drawn.Count, stack.Spends.Count);
    }

    [Fact]
    public async Task What_an_earlier_run_has_corrected_is_known_and_another_refusal_ends_it()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.TouchAnswers.Enqueue(new() { UnchangedCount = 499, Rejects = { new ImportReject { Line = 1, Reason = "KEY_REUSED" } } });
        Assert.Equal(500, (await SendAsync(stack, TestContext.Current.CancellationToken)).Touches.Unchanged);

        stack.TouchAnswers.Enqueue(new() { Rejects = { new ImportReject { Line = 1, Reason = "FIELDS_INVALID", Message = "no channel" } } });
        var failed = await Assert.ThrowsAsync<CommandFailedException>(() => SendAsync(stack, TestContext.Current.CancellationToken));
        Assert.Equal("What was simulated was refused: FIELDS_INVALID: no channel", failed.Message);
    }

    async Task<HistoryReport> SendAsync(FakeStack stack, CancellationToken stop)
    {
        using var gateway = Gateway.Open(_temp.Checkout, stack.Address, "secret", "simulation");
        return await new HistorySender(Terminal.Standard, isQuiet: true, TimeProvider.System).SendAsync(Options, 0, 0, gateway, stop);
    }

    static Dictionary<(string Key, long Seq), string> Sent(FakeStack stack, bool correct) => stack.Touches
        .Where(batch => batch.Correct == correct && batch.Source == Options.Source).SelectMany(batch => batch.Touchpoints)
        .ToDictionary(touch => (touch.SourceKey, touch.SourceSeq), touch => Content(
            touch.LeadKey, new Touch(touch.Channel, touch.Campaign, touch.OccurTime.ToDateTimeOffset(), touch.Cost is { } cost ? cost.Units + (cost.Nanos / 1_000_000_000m) : 0)));

    static string Content(string lead, Touch touch) => FormattableString.Invariant($"{lead} {touch.Channel} {touch.Campaign} {touch.At:O} {touch.Cost:0.00}");
}
