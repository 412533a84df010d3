using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Practice;

/// <summary>The command <c>settings</c> against a service that answers.</summary>
public sealed class SettingsCommandTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    async Task<string> RunAsync(FakeMetrics metrics, int exitCode, params string[] arguments)
    {
        _temp.Output.GetStringBuilder().Clear();
        Assert.Equal(exitCode, await _temp.RunAsync(["settings", .. arguments, "--gateway", metrics.Address, "--token", "secret"]));
        return _temp.Output.ToString();
    }

    [Fact]
    public async Task Journeys_are_left_out_by_rules_and_counted_again()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Settings.CustomDimensions.Add(new CustomDimension { Name = "plan", Kind = CustomDimensionKind.Origin });

        Assert.Equal(
            "Out of scope, tests: segment test or internal, region unknown\n",
            await RunAsync(metrics, 0, "leave-out", "tests", "--filter", "segment=test,internal", "--filter", "region=unknown"));
        Assert.Equal("Out of scope, spam: left for spam\n", await RunAsync(metrics, 0, "leave-out", "spam", "--reason", "spam"));
        await RunAsync(metrics, 0, "leave-out", "spam", "--reason", "spam", "--reason", "bot", "--filter", "custom.plan=none"); // takes the other's place
        Assert.Equal(
            """
            Periods of Europe/Amsterdam, amounts in EUR, the fiscal year begins in April
            Dimension custom.plan: counts as the journey began
            Out of scope, tests: segment test or internal, region unknown
            Out of scope, spam: plan none, left for spam or bot

            """,
            await RunAsync(metrics, 0));

        Assert.Equal("tests: counted again\n", await RunAsync(metrics, 0, "count-again", "tests"));
        Assert.Equal(["spam"], metrics.Settings.OutOfScopeRules.Select(rule => rule.Name));
        await RunAsync(metrics, 1, "count-again", "tests");
        Assert.Contains("There is no rule 'tests', but spam.", _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zone_currency_and_fiscal_year_are_set_one_by_one()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal(
            "Periods of Europe/Amsterdam, amounts in USD, the fiscal year begins in April\n", await RunAsync(metrics, 0, "set", "--currency", "USD"));
        await RunAsync(metrics, 0, "set", "--time-zone", "Asia/Tokyo", "--fiscal-start", "7");

        Assert.Equal(("Asia/Tokyo", "USD", 7), (metrics.Settings.TimeZone, metrics.Settings.CurrencyCode, metrics.Settings.FiscalStartMonth));
        Assert.Equal(2, await _temp.RunAsync("settings", "set"));
        Assert.Contains("--time-zone Europe/Amsterdam, --currency EUR, --fiscal-start 4", _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dimension_of_your_own_counts_by_the_value_that_is_said()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal("Dimension custom.plan: counts as the journey began\n", await RunAsync(metrics, 0, "dimension", "custom.plan", "--counts", "origin"));
        await RunAsync(metrics, 0, "dimension", "partner", "--counts", "current");
        var json = await RunAsync(metrics, 0, "dimension", "plan", "--counts", "at-entry", "--json");

        Assert.Equal(metrics.Settings, Settings.Parser.ParseJson(json));
        Assert.Equal(
            [("partner", CustomDimensionKind.Current), ("plan", CustomDimensionKind.AtEntry)],
            metrics.Settings.CustomDimensions.Select(dimension => (dimension.Name, dimension.Kind)));
        Assert.Equal(2, await _temp.RunAsync("settings", "dimension", "plan", "--counts", "last"));
    }

    [Fact]
    public async Task A_rule_says_which_journeys()
    {
        Assert.Equal(2, await _temp.RunAsync("settings", "leave-out", "tests"));
        Assert.Contains("--filter segment=test", _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_says_how_many_journeys_it_leaves_out()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Waterfall = new() { AsOf = new(), KnownAt = new(), TimeZone = "UTC", JourneyCount = 3, OutOfScopeCount = 2, Groups = { new WaterfallGroup { Quality = new() } } };

        Assert.Equal(0, await _temp.RunAsync("waterfall", "--gateway", metrics.Address, "--token", "secret"));

        Assert.EndsWith("2 journeys out of scope, in no figure: ./l2r settings\n", _temp.Output.ToString(), StringComparison.Ordinal);
    }
}
