using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>What holds for every ledger and every question.</summary>
public sealed class WaterfallPropertyTests
{
    [Fact]
    public void Every_journey_is_what_the_definitions_say() => Hold(2000, given =>
    {
        var naive = new Naive(given.Rows, given.Query with { Journeys = JourneySelection.Any }, given.Merges);

        Assert.Equal(
            naive.Journeys.Select(journey => (
                journey.Lead, journey.Rows[0].JourneyId, journey.Number, journey.IsLatest, journey.StandsIn(journey.Rows.Count)!.To!.Value,
                journey.End?.OccurredAt, journey.Reach(Stage.Lead)?.To, Mismatches: journey.Mismatches.Count(),
                string.Join(' ', Stages.Waterfall.Select(stage => (journey.Reach(stage)?.OccurredAt, journey.IsInferred(stage)))),
                string.Join(' ', Stages.Waterfall.Select(stage => journey.Entries(stage).FirstOrDefault()?.OccurredAt))))
                .OrderBy(journey => journey.JourneyId),
            given.Facts().Select(journey => (
                Lead: journey.LeadId, journey.JourneyId, journey.Number, journey.IsLatest, journey.Stands,
                journey.EndedAt, journey.StartedAt, Mismatches: journey.Mismatches.Count,
                string.Join(' ', Stages.Waterfall.Select(stage => (journey.Reach(stage)?.At, journey.IsInferred(stage)))),
                string.Join(' ', Stages.Waterfall.Select(journey.FirstEntry))))
                .OrderBy(journey => journey.JourneyId));
    });

    [Fact]
    public void Every_figure_is_what_the_definitions_say() => Hold(4000, given =>
    {
        var naive = new Naive(given.Rows, given.Query, given.Merges);
        var answer = given.Answer().Groups;
        foreach (var group in answer)
        {
            Assert.Equal(naive.Figures(group.Key), Figures.Of(group));
        }

        var keys = answer.Select(group => group.Key).ToList();
        Assert.Equal(keys.Distinct(), keys);
        foreach (var missing in Possible(given.Query, naive).Except(keys))
        {
            Assert.Empty(naive.Figures(missing));
        }
    });

    [Fact]
    public void Stock_at_the_end_is_stock_at_the_start_and_entries_less_departures() => Hold(1000, given =>
    {
        foreach (var volume in given.Answer().Groups.SelectMany(group => group.Volumes))
        {
            Assert.Equal(volume.StockAtEnd, volume.StockAtStart + volume.Entries - volume.Departures);
        }
    });

    [Fact]
    public void Who_reached_a_stage_went_on_or_ended_or_is_open_there() => Hold(1000, given =>
    {
        var journeys = given.Facts();
        var group = Assert.Single(given.With(query => Ungrouped(query) with { Journeys = JourneySelection.Any }).Answer().Groups);
        List<long> reach = [.. group.Volumes.Take(6).Select(volume => volume.Reach), 0];

        foreach (var stage in Stages.Waterfall)
        {
            var highest = journeys.Where(journey => journey.Stays.Max(stay => stay.Stage.IsStage() ? stay.Stage : (Stage?)null) == stage);
            var (ended, open) = (highest.Count(journey => journey.EndedAt is not null), highest.Count(journey => journey.Stands.IsStage()));
            Assert.Equal(reach[stage.Rank()], reach[stage.Rank() + 1] + ended + open);
        }
        Assert.Equal(reach.OrderDescending(), reach);
    });

    [Fact]
    public void The_parts_of_a_grouping_sum_to_the_whole() => Hold(1000, given =>
    {
        var parts = given.Answer().Groups;
        var whole = Assert.Single(given.With(query => query with { Periods = null, GroupBy = [] }).Answer().Groups);

        Assert.Equal(Sums([whole]), Sums(parts));
        if (given.Query.Periods is null)
        {
            Assert.Equal(
                whole.Volumes.Select(volume => volume.StockAtEnd),
                Stages.All.Select(stage => parts.Sum(part => part.Volumes[(int)stage].StockAtEnd)));
        }
    });

    [Fact]
    public void A_question_with_too_many_groups_is_refused_and_told_what_has_few_enough() => Hold(1000, given =>
    {
        var groups = given.Answer().Groups;
        Assert.Equal(groups.Select(group => group.Key), given.With(query => query with { MaxGroups = Math.Max(1, groups.Count) }).Answer().Groups.Select(group => group.Key));
        if (groups.Count < 2)
        {
            return;
        }

        var most = 1 + (groups.Count / 3);
        var refusal = Assert.Throws<TooManyGroupsException>(() => given.With(query => query with { MaxGroups = most }).Answer());
        Assert.Equal(most, refusal.Max);
        if (given.Query.Periods is null || refusal.From is null)
        {
            Assert.InRange(most, 1, groups.Select(group => (group.Key.First, group.Key.Second)).Distinct().Count() - 1);
            Assert.Null(refusal.Longer);
            return;
        }
        Assert.InRange(given.With(query => query with { MaxGroups = most, From = refusal.From }).Answer().Groups.Count, 0, most);
        if (refusal.Longer is { } longer)
        {
            var calendar = given.Query.Periods;
            while (calendar.Kind != longer)
            {
                calendar = calendar.Longer()!;
            }
            Assert.InRange(given.With(query => query with { MaxGroups = most, Periods = calendar }).Answer().Groups.Count, 1, most);
        }
    });

    [Fact]
    public void With_everyone_followed_the_curve_is_the_cohort_rate() => Hold(1000, given =>
    {
        // A year after the last row nobody is censored before the longest horizon.
        var longAfter = RandomCase.End.AddYears(1);
        var waterfall = new Waterfall(
            Ungrouped(given.Query) with { AsOf = longAfter, KnownAt = longAfter, CurveTimes = given.Query.Horizons });
        foreach (var journey in given.FactsAt(longAfter, longAfter))
        {
            waterfall.Add(journey);
        }

        foreach (var pair in Assert.Single(waterfall.ToAnswer().Groups).Pairs)
        {
            foreach (var (horizon, point) in pair.Horizons.Zip(pair.Curve))
            {
                Assert.Equal(horizon.Rate.Value is null, point.Value is null);
                Assert.Equal(horizon.Rate.Value ?? 0, point.Value ?? 0, 1e-9);
            }
        }
    });

    [Fact]
    public void As_of_and_known_at_of_now_are_the_same_as_none() => Hold(500, given =>
    {
        var now = RandomCase.End.AddDays(30);
        var atNow = given.FactsAt(now, now);
        var without = given.FactsAt(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);

        Assert.Equal(
            without.Select(journey => (journey.JourneyId, journey.Number, string.Join(' ', journey.Stays))),
            atNow.Select(journey => (journey.JourneyId, journey.Number, string.Join(' ', journey.Stays))));
    });

    [Fact]
    public void The_order_in_which_rows_arrive_changes_nothing() => Hold(500, given =>
    {
        var reversed = given.Reversed().Facts();

        Assert.Equal(
            given.Facts().Select(journey => (journey.JourneyId, journey.Number, string.Join(' ', journey.Stays))).Order(),
            reversed.Select(journey => (journey.JourneyId, journey.Number, string.Join(' ', journey.Stays))).Order());
    });

    static void Hold(int times, Action<RandomCase> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times), Prop.ForAll(RandomCase.Any, check));

    static WaterfallQuery Ungrouped(WaterfallQuery query) =>
        query with { From = null, To = null, CohortBy = null, Periods = null, GroupBy = [], Filters = [] };

    /// <summary>Every group that could be: each period up to as_of, each combination of values.</summary>
    static IEnumerable<GroupKey> Possible(WaterfallQuery query, Naive naive)
    {
        var instants = naive.Journeys.SelectMany(journey => journey.Rows).Select(row => row.OccurredAt).ToList();
        List<Period?> periods = [query.Periods is null ? null : query.Periods.PeriodOf(query.AsOf)];
        if (query.Periods is not null && instants.Count > 0)
        {
            for (var at = instants.Min(); at <= query.AsOf; at = at.AddHours(12))
            {
                periods.Add(query.Periods.PeriodOf(at));
            }
        }
        var last = query.To is { } to && to <= query.AsOf ? to.AddTicks(-1) : query.AsOf;
        return
            from values in naive.Values()
            from period in periods.Distinct()
            where period is null || (period.From <= last && !(period.To <= query.From))
            select new GroupKey(period, values.First, values.Second);
    }

    /// <summary>What adds up over groups: everything but stock, shares, spans and curves.</summary>
    static SortedDictionary<string, decimal> Sums(IEnumerable<WaterfallGroup> groups)
    {
        var sums = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        void Add(string name, decimal count) => sums[name] = sums.GetValueOrDefault(name) + count;

        foreach (var group in groups)
        {
            foreach (var volume in group.Volumes)
            {
                Add($"{volume.Stage} reach", volume.Reach);
                Add($"{volume.Stage} inferred", volume.Inferred);
                Add($"{volume.Stage} entries", volume.Entries);
                Add($"{volume.Stage} departures", volume.Departures);
            }
            foreach (var pair in group.Pairs)
            {
                Add($"{pair.Pair} cohort", pair.Cohort);
                Add($"{pair.Pair} started above", pair.StartedAbove);
                Add($"{pair.Pair} to date", pair.ToDate.Converted);
                Add($"{pair.Pair} open", pair.Open);
                Add($"{pair.Pair} velocity", pair.CohortVelocity.N);
                Add($"{pair.Pair} throughput", pair.ThroughputVelocity.N);
                foreach (var horizon in pair.Horizons)
                {
                    Add($"{pair.Pair} {horizon.Horizon} mature", horizon.Rate.N);
                    Add($"{pair.Pair} {horizon.Horizon} converted", horizon.Rate.Converted);
                }
            }
            foreach (var (currency, amount) in group.Won)
            {
                Add($"won {currency}", amount);
            }
            Add("late", group.Quality.Late);
            Add("out of order", group.Quality.OutOfOrder);
            Add("without amount", group.Quality.WithoutAmount);
            Add("mismatched", group.Quality.Mismatched);
        }
        foreach (var zero in sums.Where(sum => sum.Value == 0).Select(sum => sum.Key).ToList())
        {
            sums.Remove(zero); // a group that is not there has none either
        }
        return sums;
    }
}
