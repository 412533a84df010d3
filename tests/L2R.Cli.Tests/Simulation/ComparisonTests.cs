using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Simulation;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Simulation;

public sealed class ComparisonTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly SimulationOptions Options = new(1, Months: 12, Seed: 1, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
    static readonly Lazy<SimulatedTruth> Truth = new(() => SimulatedTruth.Of(Options));

    [Fact]
    public void A_journey_counts_in_every_figure_that_it_is_part_of()
    {
        var counts = Counted(
            Journey(late: 4, Stage.Lead, Stage.Mql, Stage.Sal, Stage.Opportunity, Stage.ClosedWon, Stage.Opportunity, Stage.ClosedWon),
            Journey(late: null, Stage.Sal, Stage.Recycled),
            Journey(late: 1, Stage.Lead, Stage.Mql, Stage.Sal, Stage.Sql, Stage.Opportunity)).Groups;

        Assert.Equal(
            [
                "cohort of LEAD → CLOSED_WON 2", "cohort of LEAD → MQL 2", "cohort of MQL → SAL 2", "cohort of OPPORTUNITY → CLOSED_WON 2",
                "cohort of SAL → SQL 3", "cohort of SQL → OPPORTUNITY 2",
                "converted of LEAD → CLOSED_WON 1", "converted of LEAD → MQL 2", "converted of MQL → SAL 2", "converted of OPPORTUNITY → CLOSED_WON 1",
                "converted of SAL → SQL 2", "converted of SQL → OPPORTUNITY 2",
                "entries of CLOSED_WON 2", "entries of LEAD 2", "entries of MQL 2", "entries of OPPORTUNITY 3", "entries of RECYCLED 1", "entries of SAL 3", "entries of SQL 1",
                "inferred of LEAD 1", "inferred of MQL 1", "inferred of SQL 1", "mismatched 3",
                "open of LEAD → CLOSED_WON 1", "open of OPPORTUNITY → CLOSED_WON 1",
                "reach of CLOSED_WON 1", "reach of LEAD 3", "reach of MQL 3", "reach of OPPORTUNITY 2", "reach of SAL 3", "reach of SQL 2",
                "started above of LEAD → CLOSED_WON 1", "started above of LEAD → MQL 1", "started above of MQL → SAL 1",
                "stock of CLOSED_WON 1", "stock of OPPORTUNITY 1", "stock of RECYCLED 1", "won EUR 200",
            ],
            Said(counts[""]));
        Assert.Equal(3, counts["paid-search"].Journeys);
        Assert.Equal(Said(counts[""]), Said(counts["smb"]));
    }

    [Fact]
    public void What_happened_is_of_its_month_and_what_came_of_a_pair_of_the_month_of_its_first_stage()
    {
        var months = Counted(
            At((Stage.Lead, 1), (Stage.Mql, 40), (Stage.Opportunity, 70), (Stage.ClosedWon, 100), (Stage.Opportunity, 130), (Stage.ClosedWon, 160)),
            At((Stage.Sal, 31), (Stage.Recycled, 59))).Months;

        Assert.Equal(
            [
                "cohort of LEAD → CLOSED_WON 1", "cohort of LEAD → MQL 1", "converted of LEAD → CLOSED_WON 1", "converted of LEAD → MQL 1", "entries of LEAD 1", "reach of LEAD 1",
            ],
            Said(months["2026-01"]));
        Assert.Equal(
            [
                "cohort of MQL → SAL 1", "cohort of SAL → SQL 1", "converted of MQL → SAL 1", "entries of MQL 1", "entries of SAL 1", "inferred of LEAD 1", "inferred of MQL 1",
                "reach of LEAD 1", "reach of MQL 2", "reach of SAL 1", "started above of LEAD → CLOSED_WON 1", "started above of LEAD → MQL 1", "started above of MQL → SAL 1",
            ],
            Said(months["2026-02"]));
        Assert.Equal(["entries of CLOSED_WON 1", "won EUR 100"], Said(months["2026-06"]));
        Assert.Equal(["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"], months.Keys.Order());
    }

    [Fact]
    public void A_month_is_compared_like_a_group_but_for_where_journeys_stand()
    {
        var (groups, counts) = Measured();
        var months = Counted(Journey(late: null, Stage.Lead, Stage.Mql)).Months;
        var truth = Truth.Value.FindMonth(Start);
        var month = groups[""].Clone();
        month.Period = new() { Name = "2026-01", StartTime = Start.ToTimestamp() };
        month.Pairs[0] = Pair(Stage.Lead, Stage.Mql, truth with { Curve = 0.5 });
        var young = new WaterfallGroup { Quality = new(), Period = new() { Name = "2026-07", StartTime = Options.Until.ToTimestamp() }, Pairs = { month.Pairs[0].Clone() } };
        young.Pairs[0].Horizons[0].Rate = new();
        (young.Pairs[0].CohortCount, young.Pairs[0].ToDate) = (0, new());
        var whole = Comparison.Of(groups, counts, Truth.Value);

        var equal = whole.WithMonths(months, [month, young], Truth.Value);
        month.Volumes[1].ReachCount++;
        month.Volumes[1].StockEndCount++;
        month.Quality.MismatchedCount++;
        month.Pairs[0].Horizons[0].Rate.ConvertedCount += 300;
        var different = whole.WithMonths(months, [month], Truth.Value);

        Assert.True(equal.IsGood);
        Assert.Equal((whole.FigureCount + 66 - 11 + 5, whole.JudgedCount + 1), (equal.FigureCount, equal.JudgedCount));
        Assert.Equal(("2026-01", truth.Rate, (double?)null), (equal.Pairs[^1].Channel, equal.Pairs[^1].Rate.Truth, equal.Pairs[^1].Curve.Truth));
        Assert.Equal([new ComparedFigure("2026-01", "reach of MQL", 1, 2)], different.Differences);
        Assert.Equal((1, false), (different.MissCount, different.IsGood));
    }

    [Fact]
    public void Equal_counts_and_intervals_around_the_truth_are_good()
    {
        var (groups, counts) = Measured();

        var compared = Comparison.Of(groups, counts, Truth.Value);

        Assert.True(compared.IsGood);
        Assert.Equal((60, 60), (compared.Rates.Covering, compared.Rates.Count));
        Assert.Equal((60, 60), (compared.Curves.Covering, compared.Curves.Count));
        Assert.Equal(6 * 13, compared.Pairs.Count);
    }

    [Fact]
    public void Segments_and_reps_come_last_and_of_reps_only_the_pairs_that_they_work_on()
    {
        var (groups, counts) = Measured();
        (counts["smb"], groups["smb"], groups["slow reps"]) = (counts["event"], groups["event"], groups["event"]);

        var compared = Comparison.Of(groups, counts, Truth.Value);

        Assert.Empty(compared.Differences);
        Assert.Equal((60, 14 * 66), (compared.Rates.Count, compared.FigureCount));
        Assert.Equal(["webinar", "smb", "slow reps"], compared.Pairs.Select(pair => pair.Channel).Distinct().TakeLast(3));
        Assert.Equal([Stage.Sal, Stage.Sql, Stage.Opportunity], compared.Pairs.Where(pair => pair.Channel == "slow reps").Select(pair => pair.From));
        Assert.Equal(Truth.Value.Find("slow reps", 2).Rate, compared.Pairs.First(pair => pair.Channel == "slow reps").Rate.Truth);
    }

    [Fact]
    public void A_count_that_differs_by_one_is_not_and_is_named()
    {
        var (groups, counts) = Measured();
        groups["event"].Volumes[1].ReachCount++;

        var compared = Comparison.Of(groups, counts, Truth.Value);

        Assert.Equal([new ComparedFigure("event", "reach of MQL", 1, 2)], compared.Differences);
        Assert.False(compared.IsGood);
    }

    [Fact]
    public void A_channel_that_was_not_drawn_is_a_difference_in_everything_that_is_not_0()
    {
        var (groups, counts) = Measured();
        groups["unheard-of"] = groups["event"].Clone();

        Assert.Contains(new ComparedFigure("unheard-of", "entries of MQL", 0, 1), Comparison.Of(groups, counts, Truth.Value).Differences);
    }

    [Fact]
    public void Intervals_that_miss_too_often_are_not_good()
    {
        var (groups, counts) = Measured();
        foreach (var (index, group) in groups.Where(group => group.Key.Length > 0).Take(3).Index())
        {
            foreach (var rate in group.Value.Pairs.SelectMany(pair => pair.Horizons).Select(horizon => horizon.Rate))
            {
                rate.IntervalLowRatio = rate.IntervalHighRatio = index == 0 ? 0.999 : 0.001;
            }
        }

        var compared = Comparison.Of(groups, counts, Truth.Value);

        Assert.Equal((45, 60), (compared.Rates.Covering, compared.Rates.Count));
        Assert.Equal((true, false, false), (compared.Curves.IsConsistent, compared.Rates.IsConsistent, compared.IsGood));
    }

    // Of 10,000 the standard error is about 0.5%. 60 rates of channels and 60 curves, with the 18 of all: 3.7 of them are allowed.
    [Theory]
    [InlineData(0.002, nameof(Verdict.Covers), true)]
    [InlineData(0.0125, nameof(Verdict.ByChance), true)]
    [InlineData(-0.0125, nameof(Verdict.ByChance), true)]
    [InlineData(0.025, nameof(Verdict.Misses), false)]
    [InlineData(-0.025, nameof(Verdict.Misses), false)]
    public void A_share_that_is_off_by_chance_is_good_and_one_that_is_off_by_more_is_not(double by, string expected, bool isGood)
    {
        var (groups, counts) = Measured();
        var pair = groups["event"].Pairs[0];
        var (rate, curve) = (pair.Horizons[0].Rate, pair.Curve[0]);
        Shift(rate, rate.Ratio + by);

        var rates = Comparison.Of(groups, counts, Truth.Value);
        Shift(rate, rate.Ratio - by);
        (curve.Ratio, curve.IntervalLowRatio, curve.IntervalHighRatio) = LogLog(curve.Ratio + by);
        var curves = Comparison.Of(groups, counts, Truth.Value);

        Assert.Equal((expected, isGood), ($"{rates.Pairs.Single(IsShifted).Rate.Verdict}", rates.IsGood));
        Assert.Equal((expected, isGood), ($"{curves.Pairs.Single(IsShifted).Curve.Verdict}", curves.IsGood));
        Assert.Equal(isGood ? (0, 0) : (1, 1), (rates.MissCount, curves.MissCount));
        Assert.Equal(2 * 6 * 13, rates.JudgedCount);

        static bool IsShifted(ComparedPair pair) => (pair.Channel, pair.From, pair.To) == ("event", Stage.Lead, Stage.Mql);

        static void Shift(Rate rate, double ratio) =>
            (rate.Ratio, rate.ConvertedCount, rate.IntervalLowRatio, rate.IntervalHighRatio) = (ratio, (long)(ratio * 10_000), ratio - 0.0098, ratio + 0.0098);

        static (double, double, double) LogLog(double ratio)
        {
            var error = Math.Sqrt(ratio * (1 - ratio) / 10_000) / ((1 - ratio) * -Math.Log(1 - ratio));
            return (ratio, 1 - Math.Pow(1 - ratio, Math.Exp(-1.96 * error)), 1 - Math.Pow(1 - ratio, Math.Exp(1.96 * error)));
        }
    }

    [Fact]
    public void A_curve_of_few_conversions_is_not_judged()
    {
        var (groups, counts) = Measured();
        var pair = groups["event"].Pairs[0];
        (pair.Horizons[0].Rate.ConvertedCount, pair.Horizons[0].Rate.CohortCount) = (17, 40);
        (pair.Curve[0].IntervalLowRatio, pair.Curve[0].IntervalHighRatio) = (0.001, 0.002);

        var compared = Comparison.Of(groups, counts, Truth.Value);

        Assert.Equal(((Verdict?)null, true), (compared.Pairs.Single(found => found.N == 40).Curve.Verdict, compared.IsGood));
        Assert.Equal((2 * 6 * 13) - 1, compared.JudgedCount);
    }

    // Tails of the binomial distribution with 0.95.
    [Theory]
    [InlineData(60, 50, 60)]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(500, 458, 489)]
    public void The_band_leaves_out_what_happens_once_in_a_thousand_times(int count, int low, int high)
    {
        var coverage = Coverage.Of([.. Enumerable.Repeat(true, count)]);

        Assert.Equal((low, high), (coverage.Low, coverage.High));
    }

    [Fact]
    public void A_horizon_that_nobody_has_been_followed_for_has_no_truth()
    {
        var truth = SimulatedTruth.Of(Options with { Months = 1 });

        Assert.Equal(new PairTruth(180, 0, null, null), truth.Find(null, 5));
        Assert.NotNull(truth.Find(null, 1).Rate);
    }

    static (Dictionary<string, SimulatedCounts> Groups, Dictionary<string, SimulatedCounts> Months) Counted(params SimulatedJourney[] journeys)
    {
        var (groups, months) = (new Dictionary<string, SimulatedCounts>(), new Dictionary<string, SimulatedCounts>());
        foreach (var journey in journeys)
        {
            SimulatedCounts.Add(journey, groups, months);
        }
        return (groups, months);
    }

    static IEnumerable<string> Said(SimulatedCounts counts) => counts.Figures.Where(figure => figure.Value != 0).Select(figure => $"{figure.Key} {figure.Value}");

    static SimulatedJourney Journey(int? late, params Stage[] stages) => At([.. stages.Select((stage, index) => (stage, index / 24.0))]) with { Late = late };

    /// <param name="rows">With the day of each, from the first of January.</param>
    static SimulatedJourney At(params (Stage To, double Day)[] rows) => new(
        Lead: 0,
        Number: 1,
        SimulatedWorld.Channels[0],
        SimulatedWorld.Segments[0],
        "spring",
        [.. rows.Select(row => new SimulatedRow(row.To, Start.AddDays(row.Day), "rep-01", "", row.To == Stage.ClosedWon ? 100 : null))],
        Late: null,
        Wrong: null);

    /// <summary>One journey to MQL in each channel, and rates that are true.</summary>
    static (Dictionary<string, WaterfallGroup> Groups, Dictionary<string, SimulatedCounts> Counts) Measured()
    {
        var (groups, counts) = (new Dictionary<string, WaterfallGroup>(), new Dictionary<string, SimulatedCounts>());
        foreach (var channel in SimulatedWorld.Channels.Select(channel => channel.Name).Append(""))
        {
            counts.Add(channel, Counted(Journey(late: null, Stage.Lead, Stage.Mql)).Groups[""]);
            var group = new WaterfallGroup { Quality = new Quality() };
            group.Volumes.AddRange(Stages.All.Select(stage => new StageVolume
            {
                Stage = stage.ToProto(),
                ReachCount = stage <= Stage.Mql ? 1 : 0,
                EntryCount = stage <= Stage.Mql ? 1 : 0,
                StockEndCount = stage == Stage.Mql ? 1 : 0,
            }));
            group.Pairs.AddRange(SimulatedCounts.Pairs.Select((pair, index) => Pair(pair.From, pair.To, Truth.Value.Find(channel.Length == 0 ? null : channel, index))));
            groups.Add(channel, group);
        }
        return (groups, counts);
    }

    static PairFigures Pair(Stage from, Stage to, PairTruth truth)
    {
        var horizon = TimeSpan.FromDays(truth.Days).ToDuration();
        return new PairFigures
        {
            From = from.ToProto(),
            To = to.ToProto(),
            CohortCount = from <= Stage.Mql ? 1 : 0,
            OpenCount = (from, to) is (Stage.Mql, _) or (Stage.Lead, Stage.ClosedWon) ? 1 : 0,
            ToDate = new Rate { ConvertedCount = (from, to) == (Stage.Lead, Stage.Mql) ? 1 : 0 },
            Horizons =
            {
                new HorizonConversion
                {
                    Horizon = horizon,
                    Rate = new Rate { CohortCount = 10_000, ConvertedCount = (long)(truth.Rate!.Value * 10_000), Ratio = truth.Rate.Value, IntervalLowRatio = truth.Rate.Value, IntervalHighRatio = truth.Rate.Value },
                },
            },
            Curve = { new CurvePoint { Time = horizon, Ratio = truth.Curve!.Value, IntervalLowRatio = truth.Curve.Value - 1e-6, IntervalHighRatio = truth.Curve.Value + 1e-6 } },
        };
    }
}
