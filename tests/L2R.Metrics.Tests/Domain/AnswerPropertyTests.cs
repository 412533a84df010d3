using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>What holds of cohorts and velocity for every ledger and every question.</summary>
public sealed class AnswerPropertyTests
{
    [Fact]
    public void Every_cohort_is_what_the_definitions_say() => Hold(1000, given =>
    {
        var naive = new NaiveAnswers(given);
        foreach (var pair in NaiveAnswers.Pairs)
        {
            var top = 1 + (given.Rows.Count % 2);
            var rows = Cohorts(given, Query(given, pair) with { TopValues = top }).Rows;

            Assert.Equal(naive.Cohorts(pair, top), rows.Select(Line).Order());
            Assert.Equal(rows.Count, rows.Select(row => (row.Period, string.Join(' ', row.Values))).Distinct().Count());
        }

        static string Line(CohortRow row) =>
            $"{row.Period?.Name ?? ""} {string.Join(' ', row.Values.Select(value => value.IsOther ? "other" : value.Name is null ? "unknown" : $"'{value.Name}'"))} "
            + $"{row.Cohort} above {row.StartedAbove} converted {row.ToDate.Converted} open {row.Open} "
            + string.Join(' ', row.Cells.Select(cell => $"{cell.Rate.Converted}/{cell.Rate.N}"));
    });

    [Fact]
    public void Mature_and_immature_journeys_are_the_cohort_and_an_immature_one_has_no_rate() => Hold(500, given =>
    {
        foreach (var row in Cohorts(given, Query(given, new Pair(Stage.Lead, Stage.Sql))).Rows)
        {
            Assert.All(row.Cells, cell =>
            {
                Assert.Equal(row.Cohort, cell.Rate.N + cell.Immature);
                Assert.Equal(cell.Rate.N == 0, cell.Rate.Value is null);
            });
        }
    });

    [Fact]
    public void Cohorts_of_adjacent_stages_are_those_of_the_waterfall() => Hold(500, given =>
    {
        var waterfall = given.With(query => query with { CohortBy = null }).Answer();
        foreach (var (index, pair) in Pair.All.Index())
        {
            var rows = Cohorts(given, Query(given, pair)).Rows
                .ToDictionary(row => new GroupKey(row.Period, row.Values.ElementAtOrDefault(0).Name, row.Values.ElementAtOrDefault(1).Name));
            foreach (var group in waterfall.Groups.Where(group => group.Pairs[index].Cohort + group.Pairs[index].StartedAbove > 0))
            {
                Assert.True(rows.Remove(group.Key, out var row));
                Assert.Equal(
                    (group.Pairs[index].Cohort, group.Pairs[index].StartedAbove, group.Pairs[index].ToDate, group.Pairs[index].Open),
                    (row.Cohort, row.StartedAbove, row.ToDate, row.Open));
                Assert.Equal(
                    group.Pairs[index].Horizons.Select(horizon => (horizon.Rate.Converted, horizon.Rate.N, horizon.Rate.Interval)),
                    row.Cells.Select(cell => (cell.Rate.Converted, cell.Rate.N, cell.Rate.Interval)));
            }
            Assert.Empty(rows);
        }
    });

    [Fact]
    public void A_question_with_too_many_rows_is_refused_and_told_what_has_few_enough() => Hold(500, given =>
    {
        var query = Query(given, new Pair(Stage.Lead, Stage.Mql)) with { TopValues = 1 + (given.Rows.Count % 2) };
        var rows = Cohorts(given, query).Rows.Count;
        Assert.Equal(rows, Cohorts(given, query with { MaxRows = Math.Max(1, rows) }).Rows.Count);
        if (rows < 2)
        {
            return;
        }

        var refusal = Assert.Throws<TooManyGroupsException>(() => Cohorts(given, query with { MaxRows = rows - 1 }));
        Assert.Equal(rows - 1, refusal.Max);
        Assert.True(query.Periods is not null || (refusal.From is null && refusal.Longer is null));
        if (refusal.From is { } from)
        {
            Assert.InRange(Cohorts(given, query with { MaxRows = rows - 1, Scope = query.Scope with { From = from } }).Rows.Count, 1, rows - 1);
        }
        if (refusal.Longer is { } longer)
        {
            var calendar = query.Periods!;
            while (calendar.Kind != longer)
            {
                calendar = calendar.Longer()!;
            }
            Assert.InRange(Cohorts(given, query with { MaxRows = rows - 1, Periods = calendar }).Rows.Count, 1, rows - 1);
        }
    });

    [Fact]
    public void Every_velocity_is_what_the_definitions_say() => Hold(500, given =>
    {
        var naive = new NaiveAnswers(given);
        foreach (var pair in NaiveAnswers.Pairs)
        {
            foreach (var horizon in new TimeSpan?[] { null, TimeSpan.FromDays(5) })
            {
                var answer = Velocities(given, new VelocityQuery(ScopeOf(given.Query), pair, horizon));
                AssertSpread(naive.Durations(pair, pair.From, horizon), answer.Cohort.N, answer.Cohort.Mean, answer.Cohort.Median, answer.Cohort.P90);
                AssertSpread(naive.Durations(pair, pair.To, horizon), answer.Throughput.N, answer.Throughput.Mean, answer.Throughput.Median, answer.Throughput.P90);
                Assert.Equal(
                    (naive.By(pair.From).Count(Against), naive.By(pair.To).Count(Against)),
                    ((int)answer.Cohort.OutOfOrder, (int)answer.Throughput.OutOfOrder));
            }

            bool Against(NaiveJourney journey) => journey.IsOutOfOrder(pair.From, pair.To);
        }
    });

    [Fact]
    public void Every_age_and_dwell_is_what_the_definitions_say() => Hold(1000, given =>
    {
        var naive = new NaiveAnswers(given);
        var answer = Velocities(given, new VelocityQuery(ScopeOf(given.Query), new Pair(Stage.Lead, Stage.Mql)));
        Assert.Equal(Stages.Waterfall.SkipLast(1), answer.Ages.Select(age => age.Stage));
        Assert.Equal(Stages.Waterfall.SkipLast(1), answer.Dwells.Select(dwell => dwell.Stage));
        foreach (var (age, dwell) in answer.Ages.Zip(answer.Dwells))
        {
            var stage = age.Stage;
            var open = naive.Journeys
                .Where(journey => journey.StandsIn(journey.Rows.Count) is { } row && row.To == stage && naive.Matches(journey, row))
                .OrderBy(journey => journey.StandsIn(journey.Rows.Count)!.OccurredAt).ThenBy(journey => journey.Rows[0].JourneyId)
                .ToList();
            Assert.Equal(open.Count, age.Open);
            Assert.Equal(
                open.Select(journey => (journey.Rows[0].JourneyId, given.Query.AsOf - journey.StandsIn(journey.Rows.Count)!.OccurredAt)).Take(10),
                age.Oldest.Select(journey => (journey.JourneyId, journey.Age)));

            var visited = naive.Journeys
                .Select(journey => (Journey: journey, Visits: NaiveAnswers.Visits(journey, stage)))
                .Where(item => item.Visits.Count > 0 && naive.InTime(item.Visits[0].Entered.OccurredAt) && naive.Matches(item.Journey, item.Visits[0].Entered))
                .ToList();
            var left = visited.Where(item => item.Visits[^1].Left is not null).Select(item =>
                item.Visits.Select(visit => (visit.Left!.OccurredAt - visit.Entered.OccurredAt).TotalSeconds).ToList()).ToList();
            AssertSpread([.. left.Select(visits => visits[^1]).Order()], dwell.Latest.N, dwell.Latest.Mean, dwell.Latest.Median, dwell.Latest.P90);
            AssertSpread([.. left.Select(visits => visits.Sum()).Order()], dwell.Cumulative.N, dwell.Cumulative.Mean, dwell.Cumulative.Median, dwell.Cumulative.P90);
            Assert.Equal(visited.Count - left.Count, dwell.Open);
            Assert.Equal(naive.By(stage).Count(journey => NaiveAnswers.Visits(journey, stage).Count == 0), dwell.Inferred);
        }
    });

    [Fact]
    public void The_curve_is_read_where_it_first_comes_so_far() => Hold(1000, given =>
    {
        var (conversions, ends, censored) = (new List<long>(), new List<long>(), new List<long>());
        foreach (var row in given.Rows.Concat(given.Rows).Concat(given.Rows))
        {
            new[] { conversions, ends, censored }[row.SourceSeq % 3].Add((row.OccurredAt - RandomCase.End.AddDays(-60)).Ticks);
        }
        List<long> followed = [.. conversions, .. ends, .. censored];
        var quantiles = CurveQuantiles.Of(conversions, ends, censored, followed);
        double F(TimeSpan time) => AalenJohansen.Estimate(conversions, ends, censored, [time])[0].Value ?? 0;

        foreach (var (time, share) in new[] { (quantiles.Median, 0.5), (quantiles.MedianByFollowed, quantiles.Incidence / 2 ?? double.NaN) })
        {
            if (time is { } at)
            {
                Assert.True(F(at) >= share - 1e-9);
                Assert.True(F(at - TimeSpan.FromTicks(1)) < share);
            }
        }
        Assert.Equal(quantiles.Median is null, F(TimeSpan.FromDays(3650)) < 0.5 - 1e-9);
        Assert.Equal(followed.Count < 30, quantiles.Followed is null);
        if (quantiles.Followed is { } tau)
        {
            Assert.True(followed.Count(time => time >= tau.Ticks) >= 30 && followed.Count(time => time > tau.Ticks) < 30);
            Assert.Equal(F(tau), quantiles.Incidence!.Value, 1e-9);
        }
    });

    static void AssertSpread(List<double> seconds, long n, TimeSpan? mean, TimeSpan? median, TimeSpan? p90)
    {
        double? At(double share)
        {
            var place = share * (seconds.Count - 1);
            return seconds.Count == 0 ? null : seconds[(int)place] + ((place - Math.Floor(place)) * (seconds[(int)Math.Ceiling(place)] - seconds[(int)place]));
        }

        Assert.Equal(seconds.Count, n);
        foreach (var (expected, actual) in new[] { (seconds.Count == 0 ? null : seconds.Average(), mean), (At(0.5), median), (At(0.9), p90) })
        {
            Assert.Equal(expected is null, actual is null);
            Assert.Equal(expected ?? 0, actual?.TotalSeconds ?? 0, 1e-3);
        }
    }

    static CohortAnswer Cohorts(RandomCase given, CohortQuery query) => given.Columns().Ask(query);

    static VelocityAnswer Velocities(RandomCase given, VelocityQuery query) => given.Facts().Gather(() => new Velocities(query)).ToAnswer();

    static CohortQuery Query(RandomCase given, Pair pair) => new()
    {
        Scope = ScopeOf(given.Query),
        Pair = pair,
        Periods = given.Query.Periods,
        GroupBy = given.Query.GroupBy,
        Horizons = given.Query.Horizons,
    };

    static JourneyScope ScopeOf(WaterfallQuery query) => new()
    {
        AsOf = query.AsOf,
        KnownAt = query.KnownAt,
        From = query.From,
        To = query.To,
        Filters = query.Filters,
        Journeys = query.Journeys,
    };

    static void Hold(int times, Action<RandomCase> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times), Prop.ForAll(RandomCase.Any, check));
}
