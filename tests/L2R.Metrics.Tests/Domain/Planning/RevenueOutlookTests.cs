using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Planning;
using L2R.Metrics.Domain.Statistics;
using Xunit;
using static L2R.Metrics.Tests.Domain.Planning.Walks;
using Interval = L2R.Metrics.Domain.Interval;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>Revenue to come from what is open.</summary>
public sealed class RevenueOutlookTests
{
    static readonly DateTimeOffset AsOf = January.AddDays(100);

    static OutlookQuery Query(int days = 30, DateTimeOffset? from = null) =>
        new(new() { AsOf = AsOf, KnownAt = AsOf, From = from }, TimeSpan.FromDays(days), "EUR");

    static OutlookAnswer Answer(OutlookQuery query, IEnumerable<JourneyFacts> journeys) =>
        journeys.Gather(() => new RevenueOutlook(query)).ToAnswer();

    /// <summary>Each was an opportunity from its start; 20 stand open at an age of 15 days.</summary>
    static IEnumerable<JourneyFacts> Forty() =>
    [
        .. 10.Times(() => Of(January, AsOf, "a", 100, (Stage.Opportunity, 0), (Stage.ClosedWon, 10))),
        .. 5.Times(() => Of(January, AsOf, "a", 100, (Stage.Opportunity, 0), (Stage.ClosedWon, 20))),
        .. 5.Times(() => Of(January, AsOf, "a", null, (Stage.Opportunity, 0), (Stage.ClosedLost, 20))),
        .. 20.Times(() => Of(AsOf.AddDays(-15), AsOf, "a", null, (Stage.Opportunity, 0))),
    ];

    /// <summary>
    /// By hand: F(10) = 10/40, S = 0.75; from day 15 on ten are left, of which five are won on day 20: F(20) = 0.25 + 0.75 · 5/10 = 0.625. The
    /// chance of each open one is (0.625 − 0.25)/0.75 = 0.5: ten wins of 100 each; variance 20 · 0.25.
    /// </summary>
    [Fact]
    public void What_is_open_is_worth_its_chance_from_its_age_on()
    {
        var answer = Answer(Query(), Forty());

        var stage = answer.Stages[4];
        Assert.Equal((20L, 0L, 40L, 15L, 100m), (stage.Open, stage.Unestimated, stage.History, stage.Won, stage.Average));
        Assert.Equal((0L, 0L), (answer.Stages[0].Open, answer.Stages[0].History)); // never at risk above where they started
        var expected = stage.Expected!.Value;
        Assert.Equal((10, 5, 1_000, 50_000), (Round(expected.Wins), Round(expected.WinVariance), Round(expected.Amount), Round(expected.AmountVariance)));
        Assert.Equal(1_000 - (Interval.Z * Math.Sqrt(50_000)), expected.AmountInterval.Low, 6);
        Assert.Equal(10 + (Interval.Z * Math.Sqrt(5)), expected.WinInterval.High, 6);
        Assert.Equal(
            "The 20 open journeys are expected to bring 10 wins and EUR 1.0k within 30 days (EUR 562 to EUR 1.4k with 95%).", answer.Summary(Query()));

        static double Round(double value) => Math.Round(value, 9);
    }

    /// <summary>Day 15 to day 19: nobody was ever won then.</summary>
    [Fact]
    public void A_short_time_ahead_brings_only_what_happens_in_it() =>
        Assert.Equal(0, Answer(Query(days: 4), Forty()).Total!.Value.Wins, 12);

    /// <summary>Won amounts of 50 and 150 have a variance of 5,000 (n − 1) beside the mean of 100: p(5,000 + 10,000) − p²·10,000 = 5,000 each.</summary>
    [Fact]
    public void Amounts_that_vary_widen_the_interval()
    {
        var won = new[] { 50m, 150m }.SelectMany(amount => 1.Times(() => Of(January, AsOf, "a", amount, (Stage.Opportunity, 0), (Stage.ClosedWon, 20))));
        var lost = 2.Times(() => Of(January, AsOf, "a", null, (Stage.Opportunity, 0), (Stage.ClosedLost, 20)));
        var open = 30.Times(() => Of(AsOf.AddDays(-5), AsOf, "a", null, (Stage.Opportunity, 0)));

        var expected = Answer(Query(), [.. won, .. lost, .. open]).Stages[4].Expected!.Value;

        Assert.Equal(15, expected.Wins, 9);
        Assert.Equal(30 * 5_000, expected.AmountVariance, 6);
    }

    [Fact]
    public void Where_fewer_than_thirty_stood_at_risk_nothing_is_said()
    {
        var old = Of(January, AsOf, "a", null, (Stage.Opportunity, 0)); // 100 days: it alone was followed for so long
        var few = Answer(Query(), [.. Forty().Take(9), old]);
        var some = Answer(Query(), [.. Forty(), old]);

        Assert.Equal((1L, 1L, null), (few.Stages[4].Open, few.Stages[4].Unestimated, few.Stages[4].Expected));
        Assert.Null(few.Total);
        Assert.Equal("Not enough data: too few journeys stood so long at a stage to say what comes of the 1 that are open.", few.Summary(Query()));
        Assert.Equal((21L, 1L), (some.Open, some.Unestimated));
        Assert.EndsWith("Of 1 the history says nothing: too few stood at their stage so long.", some.Summary(Query()), StringComparison.Ordinal);
        Assert.Equal("Nothing is open.", Answer(Query(), []).Summary(Query()));
    }

    [Fact]
    public void Filters_hold_for_the_history_and_for_what_is_open()
    {
        var scope = Query().Scope with { Filters = [new(Dimension.Segment, ["a"])] };
        var others = 40.Times(() => Of(AsOf.AddDays(-15), AsOf, "b", null, (Stage.Opportunity, 0)));

        Assert.Equal(Answer(Query(), Forty()).Stages, Answer(Query() with { Scope = scope }, [.. Forty(), .. others]).Stages);
    }

    /// <summary>The history is that of the window; what is open counts whenever it began. Wins without an amount and in others are counted.</summary>
    [Fact]
    public void The_window_is_that_of_the_history_alone()
    {
        var answer = Answer(
            Query(from: AsOf.AddDays(-60)) with { Currency = "USD" },
            [.. Forty(), Of(AsOf.AddDays(-50), AsOf, "a", null, (Stage.Sql, 0), (Stage.ClosedWon, 1)), Of(AsOf.AddDays(-50), AsOf, "a", 7, (Stage.Sql, 0), (Stage.ClosedWon, 1))]);

        Assert.Equal((20L, 22L, 2L, 0m), (answer.Stages[4].Open, answer.Stages[4].History, answer.Stages[4].Won, answer.Stages[4].Average));
        Assert.Equal((1L, KeyValuePair.Create("EUR", 7m)), (answer.WithoutAmount, Assert.Single(answer.LeftOut)));
    }

    /// <summary>
    /// SQL of 1 January: 30 went on on day 5, 20 of them won on day 20. 40 were still there on day 10: ten ended on day 15, three went on on day 22 and
    /// won on day 25, 17 ended on day 60; ten are open since 20 days. By hand for those open since 10 days: on day 15 S falls from 1 to 30/40, on
    /// day 25 three of 20 win, 0.75 · 3/20 = 0.1125. For those open since 20 days: three of 20. Together 20 · 0.1125 + 10 · 0.15.
    /// </summary>
    [Fact]
    public void Those_that_went_on_say_nothing_of_those_that_stand_there_still()
    {
        (Stage, double) sql = (Stage.Sql, 0);
        JourneyFacts[] journeys =
        [
            .. 20.Times(() => Of(January, AsOf, "a", 100, sql, (Stage.Opportunity, 5), (Stage.ClosedWon, 20))),
            .. 10.Times(() => Of(January, AsOf, "a", null, sql, (Stage.Opportunity, 5), (Stage.ClosedLost, 30))),
            .. 10.Times(() => Of(January, AsOf, "a", null, sql, (Stage.Disqualified, 15))),
            .. 3.Times(() => Of(January, AsOf, "a", 100, sql, (Stage.Opportunity, 22), (Stage.ClosedWon, 25))),
            .. 17.Times(() => Of(January, AsOf, "a", null, sql, (Stage.Disqualified, 60))),
            .. 10.Times(() => Of(AsOf.AddDays(-20), AsOf, "a", null, sql)),
            .. 20.Times(() => Of(AsOf.AddDays(-10), AsOf, "a", null, sql)),
        ];

        var stage = Answer(Query(), journeys).Stages[3];

        Assert.Equal((30L, 0L, 90L, 23L), (stage.Open, stage.Unestimated, stage.History, stage.Won));
        Assert.Equal(3.75, stage.Expected!.Value.Wins, 9);
        Assert.Equal(0, Answer(Query(days: 4), journeys).Stages[3].Expected!.Value.Wins, 9); // day 24 is before the wins
    }

    /// <summary>The curve from the age on, by its definition, of those who stood there beyond it; asked of each open journey alone.</summary>
    [Fact]
    public void The_chance_is_that_of_the_curve_of_those_who_stood_there_at_the_age() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(RandomCase.Any, given =>
        {
            var asOf = given.Query.AsOf;
            var journeys = given.Facts();
            foreach (var stage in Stages.Waterfall.Where(stage => stage < Stage.ClosedWon))
            {
                var past = journeys.Where(journey => journey.StartedAt <= stage && journey.Reach(stage) is not null).ToList();
                var landmarks = new Landmarks();
                past.ForEach(journey => landmarks.Add(journey, stage, asOf));
                Assert.Equal((past.Count, past.Count(journey => journey.Reach(Stage.ClosedWon) is not null)), (landmarks.Count, landmarks.Won));
                foreach (var count in new[] { 1, 2, 5 })
                {
                    var stood = past.Select(journey => NaiveLandmark.Stood(journey, stage, asOf)).OrderDescending().Skip(count - 1).Take(1).ToList();
                    Assert.Equal(stood is [var last] ? last.Ticks : null, landmarks.OldestOf(count));
                }
                foreach (var (age, ahead) in from age in Ages() from ahead in new[] { 1.0, 24, 240 } select (age, TimeSpan.FromHours(ahead)))
                {
                    Near(NaiveLandmark.Chance(past, stage, asOf, age, ahead), landmarks.Chance(age.Ticks, ahead.Ticks));
                }

                IEnumerable<TimeSpan> Ages() => past.Select(journey => NaiveLandmark.Stood(journey, stage, asOf)).Append(TimeSpan.Zero).Distinct().Order();
            }

            static void Near(double? expected, double? actual)
            {
                Assert.Equal(expected is null, actual is null);
                Assert.Equal(expected ?? 0, actual ?? 0, 1e-9);
            }
        }));

    /// <summary>Two hundred, two of each age, are a hundred ages; of each two by two of different ages the younger one's counts.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public void Many_open_journeys_are_taken_together_by_age(int hoursApart)
    {
        var history = Enumerable.Range(0, 80).Select(day => Of(January, AsOf, "a", 100, (Stage.Opportunity, 0), (day % 3 == 0 ? Stage.ClosedLost : Stage.ClosedWon, 0.3 + (day * 1.1)))).ToList();
        var open = Enumerable.Range(0, 200).Select(index => (index / 2 * 12) + (index % 2 * hoursApart)).Order().ToList();

        var stage = Answer(Query(), [.. history, .. open.Select(age => Of(AsOf.AddHours(-age), AsOf, "a", null, (Stage.Opportunity, 0)))]).Stages[4];

        List<JourneyFacts> past = [.. history, .. open.Select(age => Of(AsOf.AddHours(-age), AsOf, "a", null, (Stage.Opportunity, 0)))];
        Assert.Equal((200L, 0L), (stage.Open, stage.Unestimated));
        Assert.Equal(
            open.Where((_, index) => index % 2 == 0).Sum(age => 2 * NaiveLandmark.Chance(past, Stage.Opportunity, AsOf, TimeSpan.FromHours(age), TimeSpan.FromDays(30))!.Value),
            stage.Expected!.Value.Wins, 6);
    }

    [Fact]
    public void Every_open_journey_is_counted_once_whatever_the_order() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(RandomCase.Any, given =>
        {
            var query = new OutlookQuery(new() { AsOf = given.Query.AsOf, KnownAt = given.Query.KnownAt }, TimeSpan.FromDays(10), "EUR");
            var journeys = given.Facts();

            var (answer, turned) = (Answer(query, journeys), Answer(query, journeys.Reverse()));

            Assert.Equal(answer.Stages, turned.Stages);
            Assert.Equal(journeys.Count(journey => journey.Reach(Stage.ClosedWon) is null && journey.EndedAt is null), answer.Open);
            Assert.All(answer.Stages, stage => Assert.InRange(stage.Expected?.Wins ?? 0, 0, stage.Open - stage.Unestimated));
        }));
}
