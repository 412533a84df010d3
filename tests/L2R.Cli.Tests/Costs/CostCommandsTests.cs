using Grpc.Core;
using L2R.Cli.Tests.Practice;
using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Costs;

/// <summary>The commands <c>economics</c>, <c>pipeline</c>, <c>nurture</c>, <c>attribution</c> and <c>spend</c> against a service that answers.</summary>
public sealed class CostCommandsTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    Task<int> RunAsync(FakeMetrics metrics, params string[] arguments) => _temp.RunAsync([.. arguments, "--gateway", metrics.Address, "--token", "secret"]);

    [Fact]
    public async Task A_spend_is_added_listed_and_imported_once()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        var file = _temp.Write("spends.csv", "channel,campaign,first_date,last_date,cost,currency\nads,,2026-01-01,2026-01-31,310.50,EUR\nmail,spring,2026-02-01,2026-02-28,7,EUR\nmail,spring,2026-02-01,2026-02-28,7,EUR\n");

        Assert.Equal(0, await RunAsync(metrics, "spend", "add", "--channel", "ads", "--first", "2026-01-01", "--last", "2026-01-31", "--cost", "310.50 EUR"));
        Assert.Equal(0, await RunAsync(metrics, "spend", "import", file));
        Assert.Equal(0, await RunAsync(metrics, "spend", "import", file));
        Assert.Equal(0, await RunAsync(metrics, "spend", "list"));

        Assert.Equal(
            [
                "spends/1",
                "2 spends added, 1 there already",
                "0 spends added, 3 there already",
                "channel  campaign        from          to        cost",
                "ads                2026-01-01  2026-01-31  EUR 310.50",
                "mail       spring  2026-02-01  2026-02-28    EUR 7.00",
                "mail       spring  2026-02-01  2026-02-28    EUR 7.00",
            ],
            _temp.Output.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_broken_line_is_named_and_nothing_is_added()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        var file = _temp.Write("spends.csv", "channel,campaign,first_date,last_date,cost,currency\nads,,2026-01-01,2026-01-31,310.50,EUR\nads,,soon,2026-01-31,1,EUR\nads,x\n");

        Assert.Equal(3, await RunAsync(metrics, "spend", "import", file));

        Assert.Empty(metrics.Spends);
        Assert.Equal(
            $"l2r: {file}: line 3: it takes a day such as 2026-03-31; not 'soon'; line 4: it takes 6 fields, and has 2. Nothing was added.\n", _temp.Errors.ToString());
    }

    [Fact]
    public async Task Questions_ask_for_what_the_words_say()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal(0, await RunAsync(metrics, "economics", "--by", "month,campaign", "--from", "2026-01-01", "--json"));
        Assert.Equal(0, await RunAsync(metrics, "nurture", "--by", "week", "--horizon", "30d", "--filter", "channel=ads"));
        Assert.Equal(0, await RunAsync(metrics, "pipeline", "--by", "month,owner", "--sla", "2d", "--win-probability", "0.3", "--journeys", "first", "--filter", "channel=ads"));
        Assert.Equal(0, await RunAsync(metrics, "attribution", "--by", "campaign", "--model", "u,markov", "--lookback", "60d", "--half-life", "3d"));

        var (economics, nurture, attribution) = (metrics.Economics!, metrics.Nurture!, metrics.Attribution!);
        Assert.Equal((PeriodKind.Month, EconomicsKey.Campaign, 1767225600), (economics.GroupByPeriod, economics.GroupBy, economics.StartTime.Seconds));
        Assert.Equal((PeriodKind.Week, 30 * 86_400, "channel"), (nurture.GroupByPeriod, nurture.Horizon.Seconds, nurture.Filters.Single().Dimension));
        var pipeline = metrics.Pipeline!;
        Assert.Equal((PeriodKind.Month, "owner", 2 * 86_400, 0.3), (pipeline.GroupByPeriod, pipeline.GroupBy.Single(), pipeline.ResponseSla.Seconds, pipeline.WinProbability));
        Assert.Equal((JourneySelection.First, "channel"), (pipeline.Journeys, pipeline.Filters.Single().Dimension));
        Assert.Equal((AttributionKey.Campaign, 60 * 86_400, 3 * 86_400), (attribution.CreditTo, attribution.Lookback.Seconds, attribution.HalfLife.Seconds));
        Assert.Equal([AttributionModel.UShaped, AttributionModel.Markov], attribution.Models);
    }

    [Theory]
    [InlineData("economics --by segment", "l2r: --by takes a period, channel or campaign, or a period and one of them; not 'segment'")]
    [InlineData("nurture --by channel", "l2r: --by takes a period (day, week, month, quarter, fiscal-year), not 'channel'")]
    [InlineData("pipeline --win-probability often", "l2r: --win-probability takes a number from 0 to 1, as in 0.3; not 'often'")]
    [InlineData("attribution --model best", "l2r: --model takes models (first, last, linear, u, w, decay, markov), not 'best'")]
    [InlineData("spend add --channel a --first 2026-01-01 --last 2026-01-02 --cost 3", "l2r: --cost takes an amount and its currency, as in 310.50 EUR; not '3'")]
    public async Task Wrong_words_are_explained(string arguments, string problem)
    {
        Assert.Equal(2, await _temp.RunAsync(arguments.Split(' ')));

        Assert.StartsWith(problem, _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_service_refuses_has_the_names_of_the_options()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Refusal = new RpcException(new Status(StatusCode.InvalidArgument, "half_life must be at most 3650 days"));

        Assert.Equal(2, await RunAsync(metrics, "attribution", "--half-life", "3650d"));

        Assert.Equal("l2r: --half-life must be at most 3650 days\n", _temp.Errors.ToString());
    }
}
