using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class PipelineTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    static Money Money(long units, string currency = "EUR") => new() { CurrencyCode = currency, Units = units };

    async Task<Pipeline> AskAsync(GetPipelineRequest request) => await (await metrics.ClientAsync()).GetPipelineAsync(request, MetricsFixture.As(_tenant));

    /// <summary>A journey by stages and days, each opportunity with the amount of its row.</summary>
    static IEnumerable<StageChanged> Journey(params (Stage To, int Day, string Opportunity, Money? Amount)[] moves)
    {
        var (lead, journey) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var (index, (to, day, opportunity, amount)) in moves.Index())
        {
            var row = MetricsFixture.Row(lead, journey, to, index + 1, Noon.AddDays(day));
            row.Opportunity = opportunity;
            row.Amount = amount;
            yield return row;
        }
    }

    static string Named() => $"opportunities/{Guid.NewGuid()}";

    async Task SayAsync()
    {
        var (lost, won, open, reopened) = (Named(), Named(), Named(), Named());
        StageChanged[] rows =
        [
            .. Journey(
                (Stage.Lead, 0, "", null), (Stage.Mql, 1, "", null), (Stage.Sal, 2, "", null), (Stage.Sql, 3, "", null),
                (Stage.Opportunity, 4, lost, Money(100)), (Stage.Opportunity, 5, won, Money(300)), (Stage.ClosedLost, 6, lost, null), (Stage.ClosedWon, 14, won, Money(400))),
            .. Journey((Stage.Mql, 1, "", null), (Stage.Rejected, 4, "", null)),
            .. Journey((Stage.Mql, 1, "", null)),
            .. Journey((Stage.Sql, 1, "", null), (Stage.Opportunity, 2, open, Money(250)), (Stage.Opportunity, 3, Named(), Money(7, "USD"))),
            .. Journey((Stage.Sql, 1, "", null), (Stage.Opportunity, 2, reopened, Money(50)), (Stage.ClosedLost, 3, reopened, null)),
        ];
        await metrics.SayAsync(_tenant, Guid.NewGuid(), rows);
        await Eventually.EqualAsync(5L, async () => (await AskAsync(new())).JourneyCount);
    }

    [Fact]
    public async Task Shows_handoff_win_rates_and_what_is_open()
    {
        await SayAsync();
        var request = new GetPipelineRequest
        {
            AsOf = Noon.AddDays(60).ToTimestamp(),
            GroupByPeriod = PeriodKind.Month,
            GroupBy = { "channel" },
            ResponseSla = Duration.FromTimeSpan(TimeSpan.FromDays(2)),
            WinProbability = 0.5,
        };
        var answer = await AskAsync(request);
        var row = Assert.Single(answer.Rows);

        Assert.Equal((request.AsOf, "UTC", 5L, 0L, request.ResponseSla), (answer.AsOf, answer.TimeZone, answer.JourneyCount, answer.OutOfScopeCount, answer.ResponseSla));
        Assert.Equal(("2026-01", new DimensionValue { Dimension = "channel", Value = "web-form" }), (row.Period.Name, row.Dimensions.Single()));

        var handoff = row.Handoff;
        Assert.Equal((3L, 2L, 1L), (handoff.CohortCount, handoff.StartedAboveCount, handoff.UndecidedCount));
        Assert.Equal((1L, 2L, 0.5), (handoff.AcceptRate.ConvertedCount, handoff.AcceptRate.CohortCount, handoff.AcceptRate.Ratio));
        Assert.Equal((2L, TimeSpan.FromDays(2)), (handoff.ResponseTime.JourneyCount, handoff.ResponseTime.Median.ToTimeSpan()));
        Assert.Equal((1L, 3L), (handoff.SlaAttainment.AttainmentRate.ConvertedCount, handoff.SlaAttainment.AttainmentRate.CohortCount));

        var (opened, closed) = (row.Opened, row.Closed);
        Assert.Equal((1L, 5L, 2L, 2L, 0.4), (opened.CohortWinRateByCount.ConvertedCount, opened.CohortWinRateByCount.CohortCount, opened.LostCount, opened.OpenCount, opened.OpenRatio));
        Assert.Equal(
            new AmountRate { WonAmount = Money(400), TotalAmount = Money(800), Ratio = 0.5, LeftOutAmounts = { Money(7, "USD") } }, opened.CohortWinRateByAmount);
        Assert.Equal((1L, 3L), (closed.ClosedWinRateByCount.ConvertedCount, closed.ClosedWinRateByCount.CohortCount));
        Assert.Equal((Money(400), Money(550)), (closed.ClosedWinRateByAmount.WonAmount, closed.ClosedWinRateByAmount.TotalAmount));

        var open = Assert.Single(answer.OpenPipelines);
        Assert.Equal(
            (2L, Money(250), 0L, Money(7, "USD")), (open.OpenCount, open.OpenAmount, open.WithoutAmountCount, Assert.Single(open.LeftOutAmounts)));
        Assert.Equal(
            new WeightedPipeline { WinProbability = 0.5, Source = WinProbabilitySource.Policy, ClosedCount = 3, WeightedAmount = Money(125) }, open.WeightedPipeline);
        var velocity = open.SalesVelocity;
        Assert.Equal((2L, Money(400), TimeSpan.FromDays(9)), (velocity.OpenCount, velocity.AverageWonAmount, velocity.MeanCycle.ToTimeSpan()));
        Assert.Equal(2 * 400 / 3m / 9, velocity.AmountPerDay.Units + (velocity.AmountPerDay.Nanos / 1_000_000_000m), 6);
    }

    [Fact]
    public async Task Says_what_was_so_at_an_earlier_instant_and_stays_so()
    {
        await SayAsync();
        var before = await AskAsync(new() { AsOf = Noon.AddDays(7).ToTimestamp() });
        await SayMoreAsync();
        var again = await AskAsync(new() { AsOf = before.AsOf, KnownAt = before.KnownAt });

        Assert.Equal(before, again);
        Assert.Equal((3L, 0L), (before.OpenPipelines[0].OpenCount, before.Rows[0].Closed.ClosedWinRateByCount.ConvertedCount));
        Assert.Equal(
            ("not enough data: fewer than 30 opportunities were won or lost", WinProbabilitySource.Learnt, false),
            before.OpenPipelines[0].WeightedPipeline is var weighted ? (weighted.NoValueReason, weighted.Source, weighted.HasWinProbability) : default);

        async Task SayMoreAsync()
        {
            await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Journey((Stage.Mql, 2, "", null))]);
            await Eventually.EqualAsync(6L, async () => (await AskAsync(new())).JourneyCount);
        }
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new()
        {
            StartTime = Noon.ToTimestamp(),
            EndTime = Noon.ToTimestamp(),
            GroupBy = { "team", "team", "colour" },
            GroupByPeriod = (PeriodKind)9,
            Journeys = (JourneySelection)9,
            Filters = { new DimensionFilter() },
            ResponseSla = new(),
            WinProbability = 1.5,
        }));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.All(
            ["end_time", "group_by must be at most 2", "group_by[1]", "group_by[2]", "group_by_period", "journeys", "filters[0]", "response_sla", "win_probability must be from 0 to 1"],
            field => Assert.Contains(field, refused.Status.Detail, StringComparison.Ordinal));
        refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new() { WinProbability = double.NaN }));
        Assert.Contains("win_probability", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_with_too_many_rows_is_told_what_to_ask_instead()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Enumerable.Range(0, 2_001).SelectMany(day => Journey((Stage.Mql, -day, "", null)))]);
        await Eventually.EqualAsync(2_001L, async () => (await AskAsync(new())).JourneyCount);

        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(new() { GroupByPeriod = PeriodKind.Day }));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("more than 2,000 rows: ask for weeks", refused.Status.Detail, StringComparison.Ordinal);
        Assert.NotEmpty((await AskAsync(new() { GroupByPeriod = PeriodKind.Week })).Rows);
    }
}
