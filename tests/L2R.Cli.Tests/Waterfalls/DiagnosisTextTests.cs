using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Waterfalls;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Waterfalls;

/// <summary>Compared with <c>*.verified.txt</c> beside this file.</summary>
public sealed class DiagnosisTextTests
{
    static readonly Timestamp AsOf = Timestamp.FromDateTime(new DateTime(2026, 3, 31, 0, 0, 0, DateTimeKind.Utc));
    static readonly Timestamp KnownAt = Timestamp.FromDateTime(new DateTime(2026, 4, 30, 12, 30, 0, DateTimeKind.Utc));

    [Fact]
    public Task A_diagnosis_shows_the_pairs_the_levers_the_segments_and_what_to_look_at() => Verified.Async(DiagnosisText.ToLines(new Diagnosis
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        Quality = new Quality { InferredCount = 8, UnknownCount = 12 },
        Horizon = Days(90),
        Dimension = "segment",
        ImmatureCount = 1_200,
        WithoutAmountCount = 3,
        LeftOutAmounts = { Euro(1_000, "USD") },
        TestedCount = 25,
        UntestedCount = 4,
        AllTogetherAmount = Euro(12_345_678),
        Summary = "123,456 journeys brought EUR 9.9m within 90 days. Fix OPPORTUNITY → CLOSED_WON first: closing that gap alone is worth up to EUR 9.9m; all 2 gaps together EUR 12.3m.",
        Pairs =
        {
            Pair(Stage.Lead, Stage.Mql, 0.4, -0.05, Yardstick.Target, Finding.Real),
            Pair(Stage.Mql, Stage.Sal, 0.4, -0.001, Yardstick.PeerBenchmark, Finding.WithinChance),
            Pair(Stage.Sal, Stage.Sql, 0.4, 0.02, Yardstick.Target, Finding.AtOrAbove),
            Pair(Stage.Sql, Stage.Opportunity, 0, 0, Yardstick.Target, Finding.NotEnoughData),
            Pair(Stage.Opportunity, Stage.ClosedWon, 0, 0, Yardstick.Unspecified, Finding.NothingToCompare),
        },
        Levers =
        {
            new Lever { From = Stage.Opportunity, To = Stage.ClosedWon, AloneAmount = Euro(9_876_543), HalfAmount = Euro(4_938_271), StandardErrorAmount = Euro(1_000_000), CautiousAmount = Euro(8_596_543), TogetherAmount = Euro(11_000_000) },
            new Lever { From = Stage.Lead, To = Stage.Mql, AloneAmount = Euro(1_000_000), HalfAmount = Euro(500_000), TogetherAmount = Euro(1_345_678) },
        },
        Segments =
        {
            Segment("enterprise-of-northern-europe", Euro(9_876_543)),
            Segment("", impact: null),
        },
        Targets =
        {
            new TargetStanding { Sentence = "LEAD → MQL converts 40% of 123,456." },
            new TargetStanding { NotUsedReason = "a volume", Sentence = "LEAD → MQL: 10 reached MQL in 2026-02 against a target of 20: 10 short, more than chance explains (5 to 18 with 95%)." },
        },
    }));

    [Fact]
    public void Without_a_gap_there_are_only_the_pairs_and_sentences()
    {
        var lines = DiagnosisText.ToLines(new Diagnosis { AsOf = AsOf, KnownAt = KnownAt, Summary = "No journey.", Pairs = { Pair(Stage.Lead, Stage.Mql, 0, 0, Yardstick.Unspecified, Finding.NothingToCompare) } }).ToList();

        Assert.Equal("No journey.", lines[0]);
        Assert.DoesNotContain(lines, line => line.Contains("closing", StringComparison.Ordinal) || line.Contains("worst", StringComparison.Ordinal) || line.Contains("too young", StringComparison.Ordinal));
    }

    [Fact]
    public Task Suggestions_are_sentences() => Verified.Async(PlanningText.ToLines(new TargetSuggestions
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        Quality = new Quality { InferredCount = 8, UnknownCount = 12 },
        Suggestions =
        {
            new TargetSuggestion { Sentence = "LEAD → MQL: 1,234 to 2,345 a month." },
            new TargetSuggestion { Sentence = "OPPORTUNITY → CLOSED_WON of segment enterprise-of-northern-europe: no target of conversion; of the last 8 mature months 7 have enough data." },
        },
    }));

    [Fact]
    public Task A_plan_shows_every_stage_and_month() => Verified.Async(PlanningText.ToLines(new GoalPlan
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        Quality = new Quality { InferredCount = 8, UnknownCount = 12 },
        JourneyCount = 123_456,
        WonCount = 1_234,
        AverageAmount = Euro(12_345),
        Summary = "EUR 3.0m takes 30 wins, 120 OPPORTUNITY, 150 SQL, 300 SAL, 600 MQL and 1,200 LEAD, about 5 days ahead, if journeys convert and bring what they did.",
        Stages =
        {
            new[] { Stage.Lead, Stage.Mql, Stage.Sal, Stage.Sql, Stage.Opportunity, Stage.ClosedWon }.Select((stage, index) => new StagePlan
            {
                Stage = stage,
                NeededCount = 1_234_567.2 / (index + 1),
                ReachedCount = 1_000,
                Chain = stage == Stage.ClosedWon ? null : new Rate { Ratio = 0.5, CohortCount = 400 },
                MedianToWin = Days(5 - index),
                Months =
                {
                    new MonthPlan { Month = new() { Name = "2026-05" }, NeededCount = 234_567.1, ReachedCount = 0 },
                    new MonthPlan { Month = new() { Name = "2026-06" }, NeededCount = 9.5 },
                },
            }),
        },
    }));

    [Fact]
    public Task A_plan_without_history_says_why() => Verified.Async(PlanningText.ToLines(new GoalPlan
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        Summary = "EUR 3.0m cannot be planned back: not enough data: fewer than 30 journeys of the history reached LEAD.",
        Stages = { new StagePlan { Stage = Stage.Lead, Chain = new Rate() } },
    }));

    [Fact]
    public Task An_outlook_shows_what_each_stage_is_to_bring() => Verified.Async(PlanningText.ToLines(new Outlook
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        Quality = new Quality { InferredCount = 8, UnknownCount = 12 },
        Ahead = Days(90),
        Summary = "The 12,345 open journeys are expected to bring 1,234.5 wins and EUR 12.3m within 90 days (EUR 11.0m to EUR 13.7m with 95%).",
        Stages =
        {
            Open(new StageOutlook { Stage = Stage.Lead, OpenCount = 12_000, HistoryCount = 123_456, HistoryWonCount = 12_345 }),
            new StageOutlook { Stage = Stage.Opportunity, OpenCount = 345, UnestimatedCount = 345, HistoryCount = 12 },
        },
        Total = Open(new StageOutlook { OpenCount = 12_345, UnestimatedCount = 345 }),
    }));

    [Fact]
    public Task A_change_shows_its_parts_and_both_periods() => Verified.Async(PlanningText.ToLines(new ChangeExplanation
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        Dimension = "segment",
        Change = Euro(500),
        Quality = new Quality { InferredCount = 8, UnknownCount = 12 },
        Before = new() { JourneyCount = 1, WonAmount = Euro(1_000) },
        After = new() { JourneyCount = 1_234, ImmatureCount = 7, WonAmount = Euro(1_500) },
        Summary = "Revenue rose by EUR 500.00, from EUR 1,000.00 to EUR 1,500.00: deal size brought EUR 700.00, the mix of segment cost EUR 200.00.",
        Parts =
        {
            new RevenuePart { Factor = ChangeFactor.Volume, Amount = Euro(0) },
            new RevenuePart { Factor = ChangeFactor.Mix, Amount = Euro(-200) },
            new RevenuePart { Factor = ChangeFactor.Conversion, From = Stage.Opportunity, To = Stage.ClosedWon, Amount = Euro(0) },
            new RevenuePart { Factor = ChangeFactor.DealSize, Amount = Euro(700) },
            new RevenuePart { Factor = ChangeFactor.Other, Amount = Euro(0) },
        },
    }));

    static PairDiagnosis Pair(Stage from, Stage to, double ratio, double gap, Yardstick yardstick, Finding finding) => new()
    {
        From = from,
        To = to,
        Gap = GapOf(ratio, gap, yardstick, finding),
        Sentence = $"{WaterfallTable.Name(from)} → {WaterfallTable.Name(to)} converts 40% of 123,456 (38 to 42%) within 90 days against a target of 45%: a gap that chance does not explain.",
    };

    static SegmentDiagnosis Segment(string value, Money? impact) => new()
    {
        From = Stage.Opportunity,
        To = Stage.ClosedWon,
        Segment = new DimensionValue { Dimension = "segment", Value = value, Unknown = value.Length == 0 },
        Gap = GapOf(0.4, -0.05, Yardstick.SegmentTarget, Finding.WithinChance),
        ImpactAmount = impact,
    };

    static Gap GapOf(double ratio, double gap, Yardstick yardstick, Finding finding)
    {
        var proto = new Gap { Yardstick = yardstick, Finding = finding, Actual = new Rate() };
        if (ratio > 0)
        {
            proto.Actual = new Rate { Ratio = ratio, IntervalLowRatio = ratio - 0.02, IntervalHighRatio = ratio + 0.02, CohortCount = 123_456 };
            (proto.GapRatio, proto.GapLowRatio, proto.GapHighRatio) = (gap, gap - 0.12, gap + 0.12);
        }
        if (yardstick != Yardstick.Unspecified)
        {
            proto.AimRatio = ratio - gap;
        }
        return proto;
    }

    static StageOutlook Open(StageOutlook stage)
    {
        (stage.ExpectedWinCount, stage.ExpectedAmount, stage.LowAmount, stage.HighAmount) = (1_234.5, Euro(12_345_678), Euro(11_000_000), Euro(13_700_000));
        return stage;
    }

    static Money Euro(long units, string currency = "EUR") => new() { CurrencyCode = currency, Units = units };

    static Duration Days(double days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));
}
