using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Waterfalls;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Waterfalls;

/// <summary>Compared with <c>*.verified.txt</c> beside this file.</summary>
public sealed class AnswerTextTests
{
    static readonly Timestamp AsOf = Timestamp.FromDateTime(new DateTime(2026, 3, 31, 0, 0, 0, DateTimeKind.Utc));
    static readonly Timestamp KnownAt = Timestamp.FromDateTime(new DateTime(2026, 4, 30, 12, 30, 0, DateTimeKind.Utc));

    [Fact]
    public Task Cohorts_show_each_rate_with_its_interval_and_what_is_not_mature_yet() => Verified.Async(CohortText.ToLines(new CohortTable
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        TimeZone = "Europe/Amsterdam",
        JourneyCount = 1_234_567,
        From = Stage.Opportunity,
        To = Stage.ClosedWon,
        Horizons = { new[] { 7, 14, 28, 56 }.Select(days => Days(days)) },
        Rows =
        {
            Row("2026-02", new CohortValue { Value = "partner-of-a-partner-of-ours" }, 123_456, above: 3, mature: 4),
            Row("2026-03", new CohortValue { Unknown = true }, 1_200, above: 0, mature: 1),
            Row("2026-03", new CohortValue { Other = true }, 0, above: 2, mature: 0),
        },
    }));

    [Fact]
    public void Without_cohorts_there_is_a_sentence() => Assert.Equal(
        "No journey reached SQL: the filters or the time leave none.",
        CohortText.ToLines(new CohortTable { AsOf = AsOf, KnownAt = KnownAt, From = Stage.Sql, To = Stage.ClosedWon }).First());

    [Fact]
    public Task Velocity_shows_the_pair_the_ages_and_the_dwell() => Verified.Async(VelocityText.ToLines(new VelocityReport
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        JourneyCount = 14,
        From = Stage.Lead,
        To = Stage.Mql,
        CohortVelocity = new Velocity { JourneyCount = 1_234, Mean = Days(2.5), Median = Days(1), P75 = Days(3), P90 = Days(9), OutOfOrderCount = 2 },
        ThroughputVelocity = new Velocity { JourneyCount = 0 },
        CurveQuantiles = new CurveQuantiles { CohortCount = 2_000, FollowedTime = Days(90), FollowedRatio = 0.41, FollowedMedian = Days(4) },
        Ages =
        {
            new StageAge
            {
                Stage = Stage.Mql,
                OpenCount = 4,
                P50 = Days(44),
                P90 = Days(53.4),
                Oldest =
                {
                    Enumerable.Range(0, 4).Select(index => new OpenJourney
                    {
                        Journey = $"journeys/01900000-0000-7000-8000-00000000000{index}", Age = Days(57 - (index * 5)),
                    }),
                },
            },
            new StageAge { Stage = Stage.Sal },
        },
        Dwells =
        {
            new StageDwell
            {
                Stage = Stage.Sal,
                Latest = new Spread { JourneyCount = 5, Median = Days(2), P90 = Days(4) },
                Cumulative = new Spread { JourneyCount = 5, Median = Days(2.5), P90 = Days(6) },
                OpenCount = 1,
                InferredCount = 2,
            },
        },
    }));

    [Fact]
    public Task Flow_shows_what_came_what_left_and_where_to() => Verified.Async(FlowText.ToLines(new Flow
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        TimeZone = "UTC",
        JourneyCount = 14,
        Periods =
        {
            new FlowPeriod
            {
                Period = new Period { Name = "2026-02" },
                Stages =
                {
                    new StageFlow { Stage = Stage.Mql, StockStartCount = 1_000, EntryCount = 20, DepartureCount = 7, StockEndCount = 1_013 },
                    new StageFlow { Stage = Stage.Rejected, EntryCount = 5, StockEndCount = 5 },
                },
                Moves =
                {
                    new Move { To = Stage.Lead, Count = 30 },
                    new Move { From = Stage.Mql, To = Stage.Rejected, Reason = "no-fit", Count = 5 },
                    new Move { From = Stage.Mql, To = Stage.Recycled, Reason = new string('x', 200), Count = 2 },
                },
            },
            new FlowPeriod { Period = new Period { Name = "2026-03" }, Stages = { new StageFlow { Stage = Stage.Mql, StockStartCount = 1_013, StockEndCount = 1_013 } } },
        },
    }));

    [Fact]
    public Task A_comparison_shows_what_moved_and_the_rows_behind_it() => Verified.Async(ComparisonText.ToLines(new KnownComparison
    {
        Baseline = new Waterfall { AsOf = AsOf, KnownAt = AsOf },
        Restated = new Waterfall { AsOf = AsOf, KnownAt = KnownAt },
        BaselineQuality = new Quality { InferredCount = 12, LateCount = 3 },
        RestatedQuality = new Quality { InferredCount = 13, UnknownCount = 1, LateCount = 4_000 },
        MovedFigures =
        {
            new MovedFigure { Period = new Period { Name = "2026-02" }, Kind = FigureKind.Reach, Stage = Stage.Mql, BaselineCount = 1_200, RestatedCount = 1_100 },
            new MovedFigure
            {
                Period = new Period { Name = "2026-02" },
                Dimensions = { new DimensionValue { Unknown = true } },
                Kind = FigureKind.Converted,
                Stage = Stage.Lead,
                To = Stage.Mql,
                Horizon = Days(7),
                BaselineCount = 3,
                RestatedCount = 5,
            },
            new MovedFigure { Kind = FigureKind.WonAmount, BaselineAmount = 12.5m.ToMoney("EUR"), RestatedAmount = 1_000m.ToMoney("EUR") },
        },
        RowChanges =
        {
            new RowChange { Cause = RowChangeCause.Late, Origin = Origin.Live, Stage = Stage.Mql, Period = new Period { Name = "2026-02" }, AddedCount = 1 },
            new RowChange { Cause = RowChangeCause.Correction, Origin = Origin.Import, Stage = Stage.Mql, AddedCount = 1, RemovedCount = 1 },
        },
        ChangedLeadCount = 1,
        MergedLeadCount = 2,
        Latenesses =
        {
            new Lateness { Origin = Origin.Live, UpTo = new Duration(), Count = 50 },
            new Lateness { Origin = Origin.Import, UpTo = new Duration(), Count = 7 },
            new Lateness { Origin = Origin.Live, Over = Days(30), UpTo = Days(90), Count = 2 },
            new Lateness { Origin = Origin.Import, Over = Days(365), Count = 1_000 },
        },
    }));

    [Theory]
    [InlineData("1,2,4", new[] { 1, 2, 4 })]
    [InlineData("1..4", new[] { 1, 2, 3, 4 })]
    public void Horizons_are_a_list_or_a_range(string text, int[] horizons) => Assert.Equal(horizons, StagePair.Horizons(text));

    [Theory]
    [InlineData("4..1")]
    [InlineData("1,,2")]
    [InlineData("-1")]
    [InlineData("1..9999999")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => StagePair.Horizons(text));

    [Fact]
    public void A_pair_goes_down_the_waterfall()
    {
        Assert.Equal((Stage.Mql, Stage.Opportunity), StagePair.Read("mql, opportunity"));
        Assert.All(["MQL", "MQL,LEAD", "MQL,REJECTED", "MQL,SAL,SQL"], text => Assert.Throws<FormatException>(() => StagePair.Read(text)));
    }

    static CohortRow Row(string period, CohortValue value, long cohort, long above, int mature)
    {
        var row = new CohortRow
        {
            Period = new Period { Name = period },
            Dimensions = { value },
            CohortCount = cohort,
            StartedAboveCount = above,
            ToDate = cohort == 0 ? new Rate() : new Rate { Ratio = 0.5 },
            Cells =
            {
                Enumerable.Range(0, 4).Select(index => new CohortCell
                {
                    State = cohort == 0 ? CohortCellState.Empty : index < mature ? CohortCellState.Mature : CohortCellState.NotMature,
                    Rate = index >= mature ? null : new Rate { Ratio = 0.1 * index, IntervalLowRatio = 0.05 * index, IntervalHighRatio = 0.2 * index, CohortCount = cohort },
                }),
            },
        };
        if (cohort > 0)
        {
            row.OpenRatio = 0.25;
        }
        return row;
    }

    static Duration Days(double days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));
}
