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

    static OutlookAnswer Answer(OutlookQuery query, IEnumerable<JourneyFacts> journeys)
    {
        var outlook = new RevenueOutlook(query);
        foreach (var journey in journeys)
        {
            outlook.Add(journey);
        }
        return outlook.ToAnswer();
    }

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
        Assert.Equal("Not enough data: too few journeys were followed to say what comes of the 1 that are open.", few.Summary(Query()));
        Assert.Equal((21L, 1L), (some.Open, some.Unestimated));
        Assert.EndsWith("Of 1 the history says nothing: too few were followed to their age.", some.Summary(Query()), StringComparison.Ordinal);
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

    /// <summary>Against the definition, each factor asked of the raw times anew.</summary>
    [Fact]
    public void The_chance_is_that_of_the_curve_and_with_everyone_followed_a_plain_share() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(
            Arb.From(Gen.Choose(0, 8).Select(time => (long)time).ListOf()), Arb.From(Gen.Choose(0, 8).Select(time => (long)time).ListOf()),
            Arb.From(Gen.Choose(0, 8).Select(time => (long)time).ListOf()),
            (conversions, ends, censored) =>
            {
                foreach (var (age, ahead) in from age in Enumerable.Range(0, 9) from ahead in Enumerable.Range(1, 9) select (age, ahead))
                {
                    var curve = new IncidenceCurve(Of([.. censored]));
                    var everyone = new IncidenceCurve(Of([]));
                    var left = conversions.Concat(ends).Count(time => time > age);

                    Assert.Equal(conversions.Concat(ends).Concat(censored).Count(time => time >= age), curve.AtRisk(age));
                    Near(left == 0 && conversions.Count + ends.Count > 0 ? null : (double)conversions.Count(time => time > age && time <= age + ahead) / Math.Max(1, left), everyone.Chance(age, ahead));
                    Near(Survival(age) <= 1e-12 ? null : (Incidence(age + ahead) - Incidence(age)) / Survival(age), curve.Chance(age, ahead));
                }

                Followed Of(List<long> open)
                {
                    var followed = new Followed();
                    followed.Conversions.AddRange(conversions);
                    followed.Ends.AddRange(ends);
                    followed.Censored.AddRange(open);
                    return followed;
                }

                double AtRisk(long time) => conversions.Concat(ends).Concat(censored).Count(other => other >= time);
                double Survival(long time) => conversions.Concat(ends).Where(event_ => event_ <= time).Distinct()
                    .Aggregate(1.0, (share, event_) => share * (1 - (conversions.Concat(ends).Count(other => other == event_) / AtRisk(event_))));
                double Incidence(long time) => conversions.Where(event_ => event_ <= time).Distinct()
                    .Sum(event_ => Survival(event_ - 1) * conversions.Count(other => other == event_) / AtRisk(event_));
                static void Near(double? expected, double? actual)
                {
                    Assert.Equal(expected is null, actual is null);
                    Assert.Equal(expected ?? 0, actual ?? 0, 1e-9);
                }
            }));

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
