using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Tests.Practice;
using L2R.Ledger.V1;
using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Waterfalls;

/// <summary>The command <c>curve</c> against a service that answers.</summary>
public sealed class CurveTextTests
{
    static readonly Timestamp AsOf = new DateTimeOffset(2026, 3, 31, 0, 0, 0, TimeSpan.Zero).ToTimestamp();

    static ConversionStep Step(double days, double ratio, bool dashed = false, double? low = null) => new()
    {
        Dashed = dashed,
        Point = low is { } interval
            ? new() { Time = TimeSpan.FromDays(days).ToDuration(), Ratio = ratio, IntervalLowRatio = interval, IntervalHighRatio = ratio + 0.1 }
            : new() { Time = TimeSpan.FromDays(days).ToDuration(), Ratio = ratio },
    };

    static ConversionCurves Curves() => new()
    {
        AsOf = AsOf,
        KnownAt = AsOf,
        From = Stage.Lead,
        To = Stage.Mql,
        JourneyCount = 1_300_000,
        Curves =
        {
            new ConversionCurve
            {
                Dimension = new() { Dimension = "channel", Value = "partners-of-our-partners" },
                CohortCount = 1_234_567,
                ConvertedCount = 1_000_000,
                OpenCount = 1_234_567,
                StartedAboveCount = 2,
                Steps = { Step(1, 0.1), Step(9, 0.3), Step(18, 0.6, dashed: true, low: 0.5) },
            },
            new ConversionCurve { Dimension = new() { Dimension = "channel", Unknown = true }, CohortCount = 3, OpenCount = 3 },
        },
        Comparison = new() { Sentence = "They do not differ." },
    };

    static async Task<(string Text, GetConversionCurveRequest Asked)> RunAsync(ConversionCurves curves, params string[] arguments)
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Curves = curves;
        using var temp = new TempCheckout();
        Assert.Equal(0, await temp.RunAsync(["curve", .. arguments, "--gateway", metrics.Address, "--token", "secret"]));
        return (temp.Output.ToString(), metrics.CurvesAsked!);
    }

    [Fact]
    public async Task Shows_when_how_many_have_converted_the_curve_itself_and_whether_two_differ()
    {
        var (text, asked) = await RunAsync(Curves(), "--pair", "LEAD,MQL", "--by", "channel", "--filter", "segment=smb");

        Assert.Equal(
            """
            LEAD → MQL, by Aalen–Johansen: exits compete, open journeys count for as long as they were followed

            curve                cohort  converted       open    by the end  5% in  10% in  25% in  50% in
            partners-of-our…  1,234,567  1,000,000  1,234,567  60.0% 50–70%  1.0 d   1.0 d   9.0 d  18.0 d
            unknown                   3          0          3             –      –       –       –       –

            partners-of-our…: share converted by the time since the start; : where fewer than 30 were followed
              60.0% |                                                                       :
                    |                                                                       :
                    |                                                                       :
                    |                                                                       :
                    |                                                                       :
              30.0% |                                   ####################################:
                    |                                   ####################################:
                    |                                   ####################################:
                    |   ####################################################################:
                    |   ####################################################################:
               0.0% +------------------------------------------------------------------------
                    0                                                                  18.0 d

            They do not differ.
            2 journeys started above LEAD: on no curve.
            As of 2026-03-31 00:00:00Z, as known at 2026-03-31 00:00:00Z
            1,300,000 journeys in the ledger

            """,
            text,
            ignoreLineEndingDifferences: true);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Assert.Equal((Stage.Lead, Stage.Mql, "channel", "segment"), (asked.From, asked.To, Assert.Single(asked.GroupBy), Assert.Single(asked.Filters).Dimension));
    }

    [Fact]
    public async Task Without_steps_there_is_no_plot_and_CSV_has_a_row_for_each_step()
    {
        var (text, asked) = await RunAsync(new() { AsOf = AsOf, KnownAt = AsOf, From = Stage.Lead, To = Stage.ClosedWon, Curves = { new ConversionCurve() } });
        Assert.DoesNotContain("|", text);
        Assert.Equal((Stage.Lead, Stage.ClosedWon, 0), (asked.From, asked.To, asked.GroupBy.Count));

        var (csv, _) = await RunAsync(Curves(), "--csv");
        Assert.Equal(4, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(",channel,", csv.Split("\r\n")[0]);
    }

    [Fact]
    public async Task Two_dimensions_are_refused()
    {
        using var temp = new TempCheckout();
        Assert.Equal(2, await temp.RunAsync("curve", "--by", "channel,segment"));
        Assert.Contains("--by takes one dimension, not 'channel,segment'", temp.Errors.ToString());
    }
}
