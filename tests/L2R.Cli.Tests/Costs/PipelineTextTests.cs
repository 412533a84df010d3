using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Costs;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Costs;

/// <summary>Handoff and pipeline as tables of at most 100 columns.</summary>
public sealed class PipelineTextTests
{
    static readonly Timestamp AsOf = Timestamp.FromDateTime(new DateTime(2026, 3, 31, 0, 0, 0, DateTimeKind.Utc));

    static Money Euro(long units) => new() { CurrencyCode = "EUR", Units = units };

    static Rate Rate(long converted, long n) => n == 0
        ? new() { NoValueReason = "none" }
        : new() { ConvertedCount = converted, CohortCount = n, Ratio = (double)converted / n, IntervalLowRatio = 0.101, IntervalHighRatio = 0.899 };

    static Duration Days(double days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));

    static PipelineRow Row(string month, long n) => new()
    {
        Period = new() { Name = month },
        Dimensions = { new DimensionValue { Dimension = "owner", Value = "reps/somebody-with-a-long-name" } },
        Handoff = new()
        {
            CohortCount = 123_456,
            StartedAboveCount = n,
            UndecidedCount = 1_234,
            AcceptRate = Rate(n, n * 2),
            ResponseTime = n == 0 ? new() : new() { JourneyCount = n, Median = Days(0.5), P90 = Days(12.3) },
            ResponseInferredCount = n,
            SlaAttainment = new() { AttainmentRate = Rate(n, n * 4), NotYetDueCount = 12, EndedCount = 3, InferredCount = n },
        },
        Opened = new()
        {
            CohortWinRateByCount = Rate(n, n * 4),
            CohortWinRateByAmount = n == 0
                ? new() { TotalAmount = Euro(0) }
                : new() { WonAmount = Euro(1), TotalAmount = Euro(123_456_789), Ratio = 0.123, LeftOutAmounts = { new Money { CurrencyCode = "USD", Units = 5 } } },
            ReplacedCount = n,
        },
        Closed = new() { ClosedWinRateByCount = Rate(n, n * 2), ClosedWinRateByAmount = new() { TotalAmount = Euro(0) } },
    };

    static OpenPipeline Open(string? owner, bool isKnown) => new()
    {
        Dimensions = { new DimensionValue { Dimension = "owner", Value = owner ?? "", Unknown = owner is null } },
        OpenCount = 1_234,
        OpenAmount = Euro(12_345_678),
        WithoutAmountCount = 1,
        WeightedPipeline = isKnown
            ? new() { WinProbability = 0.25, Source = WinProbabilitySource.Learnt, ClosedCount = 2_000, WeightedAmount = Euro(3_086_420) }
            : new() { Source = WinProbabilitySource.Learnt, ClosedCount = 3, NoValueReason = "not enough data" },
        SalesVelocity = isKnown
            ? new() { OpenCount = 1_234, ClosedWinRateByCount = Rate(500, 2_000), AverageWonAmount = Euro(12_000), MeanCycle = Days(80), AmountPerDay = Euro(46_275) }
            : new() { OpenCount = 1_234, ClosedWinRateByCount = Rate(0, 3), NoValueReason = "nothing was won" },
    };

    [Fact]
    public void Every_part_has_a_table() => Assert.Equal(
        """
        MQL to sales                  MQL  undecided  accepted  95% interval  of n  response     p90
        2026-02 · reps/somebody…  123,456      1,234     50.0%  10.1 – 89.9%    20    12.0 h  12.3 d
        2026-03 · reps/somebody…  123,456      1,234         –                   0         –       –

        acted within 1d             met  95% interval  of n  not yet due  ended before  start unknown
        2026-02 · reps/somebody…  25.0%  10.1 – 89.9%    40           12             3             10
        2026-03 · reps/somebody…      –                   0           12             3              0

        opened then                 won  95% interval  of n  by amount    of amount  still open
        2026-02 · reps/somebody…  25.0%  10.1 – 89.9%    40      12.3%  123,456,789           –
        2026-03 · reps/somebody…      –                   0          –            0           –

        closed then                 won  95% interval  of n  by amount  of amount
        2026-02 · reps/somebody…  50.0%  10.1 – 89.9%    20          –          0
        2026-03 · reps/somebody…      –                   0          –          0

        open now   open      in EUR      p               p is   weighted
        unknown   1,234  12,345,678      –      learnt from 3          –
        reps/1    1,234  12,345,678  25.0%  learnt from 2,000  3,086,420

        sales velocity   open  won of closed  average won  mean cycle  EUR a day
        unknown         1,234           0.0%            –           –          –
        reps/1          1,234          25.0%       12,000      80.0 d  46,275.00

        10 journeys started above MQL: handed over by nobody, in no rate.
        10 journeys skipped MQL or SAL: how long sales took is unknown.
        10 replaced opportunities, neither won nor lost.
        – where not enough data
        – where nothing was won
        2 open opportunities without an amount
        Opened in other currencies, in no figure: USD 5.00
        What is open, p and sales velocity are of the whole time.

        As of 2026-03-31 00:00:00Z, as known at 2026-03-31 00:00:00Z
        3 journeys in the ledger; periods of UTC
        """,
        Text(new Pipeline
        {
            AsOf = AsOf,
            KnownAt = AsOf,
            TimeZone = "UTC",
            JourneyCount = 3,
            ResponseSla = Days(1),
            Rows = { Row("2026-02", 10), Row("2026-03", 0) },
            OpenPipelines = { Open(null, isKnown: false), Open("reps/1", isKnown: true) },
        }));

    [Fact]
    public void Nothing_is_said_in_a_sentence_and_a_policy_is_no_learning()
    {
        var open = Open("reps/1", isKnown: true);
        open.Dimensions.Clear();
        open.WeightedPipeline.Source = WinProbabilitySource.Policy;
        var text = Text(new Pipeline { AsOf = AsOf, KnownAt = AsOf, TimeZone = "UTC", OpenPipelines = { open } });

        Assert.StartsWith("No MQL, and no opportunity opened or closed: the filters or the time leave none.\n\nopen now   open", text, StringComparison.Ordinal);
        Assert.Contains("all       1,234  12,345,678  25.0%   set  3,086,420", text, StringComparison.Ordinal);
        Assert.DoesNotContain("whole time", text, StringComparison.Ordinal);
    }

    static string Text(Pipeline answer)
    {
        var text = string.Join('\n', PipelineText.ToLines(answer));
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        return text;
    }
}
