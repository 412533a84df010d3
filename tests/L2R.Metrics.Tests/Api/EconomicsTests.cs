using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EconomicsTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    CallOptions Admin => ServiceProcess.As(_tenant, "revops");

    /// <summary>A spend of 310 EUR over January.</summary>
    internal static Spend January(string channel = "web-form") => new()
    {
        Channel = channel,
        FirstDate = new() { Year = 2026, Month = 1, Day = 1 },
        LastDate = new() { Year = 2026, Month = 1, Day = 31 },
        Cost = Euro(310),
    };

    static Money Euro(long units) => new() { CurrencyCode = "EUR", Units = units };

    static StageChanged[] Won(Guid lead, string motion, DateTimeOffset at, Guid? journey = null)
    {
        var id = journey ?? Guid.NewGuid();
        var (start, won) = (MetricsFixture.Row(lead, id, Stage.Lead, 1, at), MetricsFixture.Row(lead, id, Stage.ClosedWon, 2, at.AddDays(5)));
        start.Dimensions.Motion = motion;
        won.Amount = Euro(1000);
        return [start, won];
    }

    async Task<Economics> AskAsync(GetEconomicsRequest request) => await (await metrics.ClientAsync()).GetEconomicsAsync(request, MetricsFixture.As(_tenant));

    [Fact]
    public async Task Sets_the_cost_of_touches_and_spends_against_reach_and_new_customers()
    {
        var client = await metrics.ClientAsync();
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Won(Guid.NewGuid(), "new", Noon), .. Won(Guid.NewGuid(), "expansion", Noon), .. Won(Guid.NewGuid(), "", Noon)]);
        await metrics.SayAsync(_tenant, new Touchpoint
        {
            Name = $"touchpoints/{Guid.NewGuid()}",
            Lead = $"leads/{Guid.NewGuid()}",
            Kind = "ad",
            Channel = "web-form",
            OccurTime = Noon.ToTimestamp(),
            Cost = new() { CurrencyCode = "EUR", Units = 2, Nanos = 500_000_000 },
        });
        await Eventually.EqualAsync((3L, 2L), async () =>
            await AskAsync(new()) is { Rows: [var row] } asked ? (asked.JourneyCount, row.TouchCost.Units) : default);
        var before = (await AskAsync(new())).KnownAt;
        var spend = await client.CreateSpendAsync(new() { Spend = January() }, Admin);

        var request = new GetEconomicsRequest { GroupBy = EconomicsKey.Channel, GroupByPeriod = PeriodKind.Month };
        var answer = await AskAsync(request);
        var row = Assert.Single(answer.Rows);

        Assert.Equal(("2026-01", "web-form", false, "UTC"), (row.Period.Name, row.Value, row.Unknown, answer.TimeZone));
        Assert.Equal((Euro(310), new Money { CurrencyCode = "EUR", Units = 312, Nanos = 500_000_000 }), (row.SpendCost, row.Cost));
        Assert.Equal(
            new ReachCost { Stage = Stage.Lead, ReachCount = 3, CostPerReach = new() { CurrencyCode = "EUR", Units = 104, Nanos = 166_666_667 } }, row.Stages[0]);
        Assert.Equal((1L, 1L, 1L, row.Cost), (row.NewCustomerCount, row.ExistingCustomerCount, row.UnknownMotionCount, row.CostPerNewCustomer));
        Assert.Equal((3L, Euro(3000), 9.6, ""), (row.WinCount, row.WonAmount, row.WonPerCostRatio, row.NoWonPerCostReason));

        // Each of the three journeys skipped four stages, on the way from LEAD to CLOSED_WON.
        Assert.Equal((12L, 0L, 0L), (answer.Quality.InferredCount, answer.Quality.UnknownCount, answer.Quality.WithoutAmountCount));

        var none = Assert.Single((await AskAsync(new() { EndTime = Noon.AddYears(-1).ToTimestamp() })).Rows);
        Assert.Equal((null, null, false), (none.Cost, none.CostPerNewCustomer, none.HasWonPerCostRatio));
        Assert.Equal(("no cost is known", "no cost is known"), (none.NoCostPerNewCustomerReason, none.Stages[0].NoValueReason));

        // What was known before the spend stays so, and after it was changed and deleted too.
        var known = answer.KnownAt;
        var changed = await client.UpdateSpendAsync(new() { Spend = new() { Name = spend.Name, Etag = spend.Etag, Cost = Euro(31) } }, Admin);
        Assert.Equal((Euro(31), January().LastDate), (changed.Cost, changed.LastDate));
        Assert.Equal(31, (await AskAsync(new())).Rows[0].SpendCost.Units);
        await client.DeleteSpendAsync(new() { Name = spend.Name }, Admin);
        Assert.Equal(0, (await AskAsync(new())).Rows[0].SpendCost.Units);
        Assert.Equal(310, (await AskAsync(new() { KnownAt = known })).Rows[0].SpendCost.Units);
        Assert.Equal(0, (await AskAsync(new() { KnownAt = before })).Rows[0].SpendCost.Units);
    }

    [Fact]
    public async Task Keeps_spends_once_each_and_lists_them_in_pages()
    {
        var client = await metrics.ClientAsync();
        var request = new CreateSpendRequest { Spend = January(), RequestId = Guid.NewGuid().ToString() };

        var first = await client.CreateSpendAsync(request, Admin);
        var again = await client.CreateSpendAsync(request, Admin);
        var second = await client.CreateSpendAsync(new() { Spend = January("mail") }, Admin);

        Assert.Equal(first, again);
        Assert.Equal("mail", second.Channel);
        var page = await client.ListSpendsAsync(new() { PageSize = 1 }, MetricsFixture.As(_tenant));
        var next = await client.ListSpendsAsync(new() { PageSize = 1, PageToken = page.NextPageToken }, MetricsFixture.As(_tenant));
        Assert.Equal([first, second], page.Spends.Concat(next.Spends));
        Assert.Equal("", next.NextPageToken);
        var gone = await Assert.ThrowsAsync<RpcException>(async () => await client.DeleteSpendAsync(new() { Name = $"spends/{Guid.NewGuid()}" }, Admin));
        Assert.Equal(StatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Tells_how_many_leads_wait_and_how_many_come_again()
    {
        var (lead, waits) = (Guid.NewGuid(), Guid.NewGuid());
        var (first, other) = (Guid.NewGuid(), Guid.NewGuid());
        await metrics.SayAsync(_tenant, Guid.NewGuid(),
        [
            MetricsFixture.Row(lead, first, Stage.Lead, 1, Noon),
            MetricsFixture.Row(lead, first, Stage.Recycled, 2, Noon.AddDays(1)),
            .. Won(lead, "new", Noon.AddDays(10)),
            MetricsFixture.Row(waits, other, Stage.Lead, 1, Noon),
            MetricsFixture.Row(waits, other, Stage.Recycled, 2, Noon.AddDays(2)),
        ]);
        var request = new GetNurtureRequest
        {
            AsOf = Noon.AddDays(60).ToTimestamp(),
            Horizon = Duration.FromTimeSpan(TimeSpan.FromDays(30)),
            GroupByPeriod = PeriodKind.Month,
        };
        Nurture? answer = null;
        await Eventually.EqualAsync(3L, async () => (answer = await (await metrics.ClientAsync()).GetNurtureAsync(request, MetricsFixture.As(_tenant))).JourneyCount);

        Assert.Equal((1L, 1L, 2L, 0.5), (answer!.PoolCount, answer.ReEntry.ConvertedCount, answer.ReEntry.CohortCount, answer.ReEntry.Ratio));
        Assert.Equal([("2026-01", 2L, 1L), ("2026-02", 0L, 1L), ("2026-03", 0L, 1L)], answer.Periods.Select(period => (period.Period.Name, period.RecycledCount, period.PoolEndCount)));
        Assert.Equal(new JourneyNumberWins { Number = 2, WonJourneyCount = 1, WinCount = 1, WonAmount = Euro(1000) }, Assert.Single(answer.Wins));
        Assert.Equal((request.AsOf, request.Horizon), (answer.AsOf, answer.Horizon));
        Assert.Equal(4, answer.Quality.InferredCount);
    }

    [Fact]
    public async Task Shows_new_and_existing_customers_side_by_side()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Won(Guid.NewGuid(), "new", Noon), .. Won(Guid.NewGuid(), "expansion", Noon), .. Won(Guid.NewGuid(), "", Noon)]);
        Waterfall? waterfall = null;
        await Eventually.EqualAsync(3L, async () =>
            (waterfall = await (await metrics.ClientAsync()).GetWaterfallAsync(new() { GroupBy = { "motion" } }, MetricsFixture.As(_tenant))).JourneyCount);

        Assert.Equal(
            ["", "expansion", "new"],
            waterfall!.Groups.Where(group => group.Dimensions.Count == 1).Select(group => group.Dimensions[0].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_answer_has_its_line_of_quality()
    {
        var (client, options) = (await metrics.ClientAsync(), MetricsFixture.As(_tenant));
        await metrics.SayAsync(_tenant, Guid.NewGuid(), Won(Guid.NewGuid(), "new", Noon));
        await Eventually.EqualAsync(4L, async () => (await AskAsync(new())).Quality.InferredCount);

        Quality[] qualities =
        [
            (await client.GetCohortsAsync(new() { From = Stage.Lead, To = Stage.ClosedWon, GroupByPeriod = PeriodKind.Month }, options)).Quality,
            (await client.GetVelocityAsync(new() { From = Stage.Lead, To = Stage.ClosedWon }, options)).Quality,
            (await client.GetFlowAsync(new(), options)).Quality,
            (await client.GetConversionCurveAsync(new() { From = Stage.Lead, To = Stage.ClosedWon }, options)).Quality,
            (await client.GetAttributionAsync(new(), options)).Quality,
            (await client.GetNurtureAsync(new(), options)).Quality,
            (await client.GetPipelineAsync(new(), options)).Quality,
            (await AskAsync(new())).Quality,
        ];

        var waterfall = Assert.Single((await client.GetWaterfallAsync(new(), options)).Groups).Quality;
        Assert.All(qualities, quality => Assert.Equal(waterfall, quality));
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var client = await metrics.ClientAsync();
        var backwards = January(channel: "Not Kebab");
        (backwards.FirstDate, backwards.LastDate) = (backwards.LastDate, backwards.FirstDate);
        backwards.Cost = new() { CurrencyCode = "XQQ", Units = -1 };

        await RefusesAsync(
            async () => await client.CreateSpendAsync(new() { Spend = backwards }, Admin), "spend.channel", "spend.last_date", "spend.cost.currency_code", "spend.cost");
        await RefusesAsync(
            async () => await client.CreateSpendAsync(new() { Spend = new() { FirstDate = new() { Year = 1969, Month = 1, Day = 1 } } }, Admin),
            "spend.channel", "spend.first_date", "spend.last_date", "spend.cost");
        await RefusesAsync(
            async () => await AskAsync(new() { StartTime = Noon.ToTimestamp(), EndTime = Noon.ToTimestamp(), GroupBy = (EconomicsKey)9, GroupByPeriod = (PeriodKind)9 }),
            "end_time", "group_by", "group_by_period");
        await RefusesAsync(
            async () => await client.GetNurtureAsync(
                new() { Horizon = new(), GroupByPeriod = (PeriodKind)9, Filters = { new DimensionFilter() } }, MetricsFixture.As(_tenant)),
            "horizon", "group_by_period", "filters[0]");

        static async Task RefusesAsync(Func<Task> ask, params string[] fields)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(ask);
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.All(fields, field => Assert.Contains(field, refused.Status.Detail, StringComparison.Ordinal));
        }
    }
}
