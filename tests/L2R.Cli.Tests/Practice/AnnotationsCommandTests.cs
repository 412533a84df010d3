using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Practice;
using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Practice;

/// <summary>The command <c>annotations</c>, and what stands below the table of a series.</summary>
public sealed class AnnotationsCommandTests : IDisposable
{
    static readonly Timestamp Evening = new DateTimeOffset(2026, 3, 3, 23, 30, 0, TimeSpan.Zero).ToTimestamp();

    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    static Annotation Decision(string text = "raise the list price") => new()
    {
        EventTime = Evening,
        Kind = AnnotationKind.Decision,
        Resource = "reviews/1",
        DisplayName = "Pricing review",
        Text = text,
        TradeOff = "speed",
        Actor = "user:ann",
    };

    static Annotation Activation() => new()
    {
        EventTime = Evening,
        Kind = AnnotationKind.PolicyActivated,
        Resource = "scoringPolicies/2",
        DisplayName = "Autumn",
        Text = "Job levels\ncount.",
        Actor = "user:ann",
    };

    [Fact]
    public void A_series_ends_with_a_line_for_each_by_the_days_of_its_zone()
    {
        const string Line = "2026-03-04  decision   Pricing review: raise the list price (gave up: speed)";
        var reported = new Waterfall { TimeZone = "Europe/Amsterdam" };
        var restated = new Waterfall { TimeZone = "Europe/Amsterdam", Annotations = { Decision() } };

        Assert.Equal(["", Line, "2026-03-04  activated  Autumn: Job levels count."], AnnotationText.Below(new Flow { TimeZone = "Europe/Amsterdam", Annotations = { Decision(), Activation() } }));
        Assert.Equal(["", Line], AnnotationText.Below(restated));
        Assert.Equal(["", Line], AnnotationText.Below(new KnownComparison { Baseline = reported, Restated = restated }));
        Assert.Empty(AnnotationText.Below(reported));
        Assert.Empty(AnnotationText.Below(new Outlook()));
    }

    [Fact]
    public void A_long_decision_is_cut_at_100_columns()
    {
        var line = AnnotationText.Below(new Nurture { TimeZone = "UTC", Annotations = { Decision(new string('x', 1_000)) } }).Last();

        Assert.StartsWith("2026-03-03  decision   Pricing review: xxx", line, StringComparison.Ordinal);
        Assert.Equal((100, '…'), (line.Length, line[^1]));
    }

    [Fact]
    public async Task A_table_has_them_below_it()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Waterfall = new() { AsOf = Evening, KnownAt = Evening, TimeZone = "UTC", JourneyCount = 1, Annotations = { Decision() } };

        Assert.EndsWith(
            "periods of UTC\n\n2026-03-03  decision   Pricing review: raise the list price (gave up: speed)\n",
            await RunAsync(metrics, "waterfall", "--by", "month"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_has_every_page_of_the_time_asked_for()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        Assert.Equal("No decisions and no activated policies of the token's tenant in that time.\n", await RunAsync(metrics, "annotations"));
        metrics.Annotations.AddRange([Decision(), Activation()]);

        Assert.Equal(
            """
            2026-03-03  decision   Pricing review: raise the list price (gave up: speed)
            2026-03-03  activated  Autumn: Job levels count.

            """,
            await RunAsync(metrics, "annotations", "--from", "2026-03-01", "--to", "2026-04-01"));
        Assert.Equal(
            (new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp(), new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp()),
            (metrics.AnnotationsAsked!.StartTime, metrics.AnnotationsAsked.EndTime));
        Assert.Equal([Decision(), Activation()], (await RunAsync(metrics, "annotations", "--json")).TrimEnd().Split('\n').Select(Annotation.Parser.ParseJson));
        Assert.StartsWith(
            "event_time,kind,resource,display_name,text,trade_off,actor\r\n2026-03-03T23:30:00Z,DECISION,reviews/1,",
            await RunAsync(metrics, "annotations", "--csv"),
            StringComparison.Ordinal);
    }

    async Task<string> RunAsync(FakeMetrics metrics, params string[] arguments)
    {
        _temp.Output.GetStringBuilder().Clear();
        Assert.Equal(0, await _temp.RunAsync([.. arguments, "--gateway", metrics.Address, "--token", "secret"]));
        return _temp.Output.ToString();
    }
}
