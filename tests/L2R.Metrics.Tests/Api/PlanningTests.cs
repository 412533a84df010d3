using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>Suggestions, plans and outlooks, asked over the wire.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class PlanningTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset January = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    static Timestamp At(int month) => new DateTimeOffset(2026, month, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp();

    /// <summary>40 leads that all come down to OPPORTUNITY within four days; 20 are won for 100 on the fifth, 10 are lost then, 10 stay open.</summary>
    async Task<MetricsService.MetricsServiceClient> FortyAsync()
    {
        Stage[] down = [Stage.Lead, Stage.Mql, Stage.Sal, Stage.Sql, Stage.Opportunity];
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Enumerable.Range(0, 40).SelectMany(number =>
        {
            var id = Guid.NewGuid();
            Stage[] stages = [.. down, .. number < 20 ? [Stage.ClosedWon] : number < 30 ? [Stage.ClosedLost] : Array.Empty<Stage>()];
            return stages.Select((stage, index) =>
            {
                var row = MetricsFixture.Row(id, id, stage, index + 1, January.AddDays(index));
                row.Amount = stage == Stage.ClosedWon ? new Money { CurrencyCode = "EUR", Units = 100 } : null;
                return row;
            });
        })]);
        var client = await metrics.ClientAsync();
        await Eventually.EqualAsync(40L, async () => (await client.GetWaterfallAsync(new(), MetricsFixture.As(_tenant))).Groups.FirstOrDefault()?.Volumes[0].ReachCount ?? 0);
        return client;
    }

    /// <summary>An opportunity that is half a day old has 40 at risk beside it, half of which are won on the first.</summary>
    [Fact]
    public async Task The_outlook_is_what_is_open_times_its_chance()
    {
        var client = await FortyAsync();

        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).Select(id => MetricsFixture.Row(id, id, Stage.Opportunity, 1, January.AddDays(7.5)))]);
        await Eventually.EqualAsync(45L, async () => (await client.GetWaterfallAsync(new(), MetricsFixture.As(_tenant))).Groups[0].Volumes[0].ReachCount);

        var early = await client.GetOutlookAsync(new() { AsOf = January.AddDays(4.5).ToTimestamp() }, MetricsFixture.As(_tenant));
        var answer = await client.GetOutlookAsync(new() { AsOf = January.AddDays(8).ToTimestamp() }, MetricsFixture.As(_tenant));
        var late = await client.GetOutlookAsync(new(), MetricsFixture.As(_tenant));

        // Nobody had been followed for longer than the forty themselves.
        Assert.Equal((40, 40, false), (early.Stages[4].OpenCount, early.Stages[4].UnestimatedCount, early.Stages[4].HasExpectedWinCount));

        // Of the forty half were won a day after they came so far. The five are half a day old; the ten left of the forty are older than thirty were.
        Assert.Equal((90, 5), (answer.Ahead.ToTimeSpan().Days, answer.Stages.Count));
        Assert.Equal((Stage.Opportunity, 15, 10, 45, 20, 2.5), (
            answer.Stages[4].Stage, answer.Stages[4].OpenCount, answer.Stages[4].UnestimatedCount, answer.Stages[4].HistoryCount, answer.Stages[4].HistoryWonCount, answer.Stages[4].ExpectedWinCount));
        Assert.Equal((15, 2.5, 250), (answer.Total.OpenCount, answer.Total.ExpectedWinCount, answer.Total.ExpectedAmount.Units));
        Assert.Equal(
            "The 15 open journeys are expected to bring 2.5 wins and EUR 250 within 90 days (EUR 31 to EUR 469 with 95%). Of 10 the history says nothing: too few stood at their stage so long.",
            answer.Summary);

        // Today they all have been open for far longer than thirty were.
        Assert.Equal((15, 15, 100, false), (late.Stages[4].OpenCount, late.Stages[4].UnestimatedCount, late.Stages[4].AverageAmount.Units, late.Stages[4].HasExpectedWinCount));
        Assert.Null(late.Total.ExpectedAmount);
        Assert.StartsWith("Not enough data", late.Summary, StringComparison.Ordinal);
    }

    /// <summary>Half of the forty are won: 10,000 takes 100 wins and 200 of every stage, as early as each stage lies before the win.</summary>
    [Fact]
    public async Task A_goal_is_planned_back_to_every_stage_and_month()
    {
        var client = await FortyAsync();

        var answer = await client.PlanGoalAsync(
            new() { WonAmount = new() { CurrencyCode = "EUR", Units = 10_000 }, GoalStartTime = At(1), GoalEndTime = At(2) }, MetricsFixture.As(_tenant));
        var ahead = await client.PlanGoalAsync(new() { WonCount = 50, GoalStartTime = At(6), GoalEndTime = At(7), AsOf = At(5) }, MetricsFixture.As(_tenant));

        Assert.Equal((40, 20, 100, ""), (answer.JourneyCount, answer.WonCount, answer.AverageAmount.Units, answer.NoPlanReason));
        Assert.Equal([200, 200, 200, 200, 200, 100], answer.Stages.Select(stage => stage.NeededCount));
        Assert.Equal([40, 40, 40, 40, 40, 20], answer.Stages.Select(stage => stage.ReachedCount));
        Assert.Equal([5, 4, 3, 2, 1, 0], answer.Stages.Select(stage => stage.MedianToWin.ToTimeSpan().Days));
        Assert.Equal([("2025-12", 0L), ("2026-01", 40L)], answer.Stages[0].Months.Select(month => (month.Month.Name, month.ReachedCount)));
        Assert.Equal(200, answer.Stages[0].Months.Sum(month => month.NeededCount), 1e-9);
        Assert.Equal((0.5, false), (answer.Stages[4].Chain.Ratio, answer.Stages[5].Chain is not null));
        Assert.StartsWith("EUR 10k takes 100 wins, 200 OPPORTUNITY", answer.Summary, StringComparison.Ordinal);
        Assert.Equal((100, false), (ahead.Stages[4].NeededCount, ahead.Stages[4].HasReachedCount));
    }

    [Fact]
    public async Task Targets_are_suggested_where_eight_periods_say_something()
    {
        var client = await FortyAsync();

        var answer = await client.SuggestTargetsAsync(
            new() { AsOf = January.AddDays(40).ToTimestamp(), Period = PeriodKind.Week, Horizon = TimeSpan.FromDays(3).ToDuration(), Dimension = "channel" }, MetricsFixture.As(_tenant));

        Assert.Equal((Cadence.Week, 3, "UTC", 36), (answer.Period, answer.Horizon.ToTimeSpan().Days, answer.TimeZone, answer.Suggestions.Count));
        Assert.Equal((null, "web-form"), (answer.Suggestions[0].Segment, answer.Suggestions[18].Segment.Value));
        var conversion = answer.Suggestions[1];
        Assert.Equal((TriggerMeasure.Conversion, 1, false), (conversion.Measure, conversion.PeriodCount, conversion.HasTypical));
        Assert.Equal("LEAD → MQL: no target of conversion; of the last 8 mature weeks 1 have enough data.", conversion.Sentence);
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var client = await metrics.ClientAsync();

        var outlook = await GrpcAssert.FailsAsync(client.GetOutlookAsync(new() { Ahead = new Duration(), StartTime = At(2), EndTime = At(1) }, MetricsFixture.As(_tenant)));
        var plan = await GrpcAssert.FailsAsync(client.PlanGoalAsync(
            new() { Journeys = JourneySelection.Latest, WonAmount = new() { CurrencyCode = "USD", Units = -1 }, GoalStartTime = At(2), GoalEndTime = At(1), Horizon = new Duration { Seconds = -1 } }, MetricsFixture.As(_tenant)));
        var none = await GrpcAssert.FailsAsync(client.PlanGoalAsync(new(), MetricsFixture.As(_tenant)));
        var tooLong = await GrpcAssert.FailsAsync(client.PlanGoalAsync(
            new() { WonCount = 0, GoalStartTime = At(1), GoalEndTime = new DateTimeOffset(2056, 1, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp() }, MetricsFixture.As(_tenant)));
        var targets = await GrpcAssert.FailsAsync(client.SuggestTargetsAsync(
            new() { Journeys = JourneySelection.Latest, Period = (PeriodKind)9, Horizon = new Duration(), Dimension = "colour" }, MetricsFixture.As(_tenant)));

        Assert.Equal(["ahead", "end_time"], Fields(outlook));
        Assert.Equal(["goal_end_time", "horizon", "journeys", "won_amount", "won_amount.currency_code"], Fields(plan));
        Assert.Equal(["goal_end_time", "goal_start_time", "won_amount"], Fields(none));
        Assert.Equal(["goal_end_time", "won_count"], Fields(tooLong));
        Assert.Equal(["dimension", "horizon", "journeys", "period"], Fields(targets));

        static IEnumerable<string> Fields(SeenError failure) => failure.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal);
    }
}
