using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

/// <summary>What holds of flow and of two views of the ledger, for every ledger and every question.</summary>
public sealed class FlowPropertyTests
{
    [Fact]
    public void Every_flow_is_what_the_definitions_say() => Hold(1000, given =>
    {
        var naive = new NaiveAnswers(given);
        var periods = given.FlowAnswer().Periods;
        foreach (var period in periods)
        {
            bool Dates(DateTimeOffset at) => naive.InTime(at) && (period.Period is null || (at >= period.Period.From && at < period.Period.To));
            Assert.Equal(
                naive.Moves(Dates).OrderBy(move => move, StringComparer.Ordinal),
                period.Moves.SelectMany(move => Enumerable.Repeat($"{move.From}>{move.To} {move.Reason}", (int)move.Count)).OrderBy(move => move, StringComparer.Ordinal));
            foreach (var stage in period.Stages)
            {
                Assert.Equal(
                    (naive.Entries(stage.Stage, Dates), naive.Departures(stage.Stage, Dates)), ((int)stage.Entries, (int)stage.Departures));
            }
        }
        Assert.Equal(periods.Sum(period => period.Moves.Sum(move => move.Count)), naive.Moves(naive.InTime).Count());
    });

    [Fact]
    public void What_stood_there_and_came_is_what_left_or_stands_there() => Hold(1000, given =>
    {
        var periods = given.FlowAnswer().Periods;
        foreach (var (index, period) in periods.Index())
        {
            Assert.All(period.Stages, stage => Assert.Equal(stage.StockAtEnd, stage.StockAtStart + stage.Entries - stage.Departures));
            Assert.All(period.Stages, stage => Assert.Equal(
                stage.Departures, stage.AfterWin + period.Moves.Where(move => move.From == stage.Stage).Sum(move => move.Count)));
            if (index > 0)
            {
                Assert.Equal(periods[index - 1].Stages.Select(stage => stage.StockAtEnd), period.Stages.Select(stage => stage.StockAtStart));
                Assert.Equal(periods[index - 1].Period!.To, period.Period!.From);
            }
        }
        var waterfall = given.With(query => query with { CohortBy = null, GroupBy = [], Periods = null }).Answer().Groups[0];
        if (periods.Count > 0)
        {
            Assert.Equal(waterfall.Volumes.Select(volume => volume.StockAtStart), periods[0].Stages.Select(stage => stage.StockAtStart));
            Assert.Equal(waterfall.Volumes.Select(volume => volume.StockAtEnd), periods[^1].Stages.Select(stage => stage.StockAtEnd));
        }
        else
        {
            Assert.All(waterfall.Volumes, volume => Assert.Equal((0, 0), (volume.StockAtStart, volume.Entries)));
        }
    });

    [Fact]
    public void A_flow_of_too_many_periods_is_refused_and_told_what_has_few_enough() => Hold(500, given =>
    {
        var count = given.FlowAnswer().Periods.Count;
        if (given.Query.Periods is null || count < 2)
        {
            return;
        }
        Assert.Equal(count, given.FlowAnswer(maxPeriods: count).Periods.Count);

        var refusal = Assert.Throws<TooManyGroupsException>(() => given.FlowAnswer(maxPeriods: count - 1));

        Assert.InRange(given.With(query => query with { From = refusal.From }).FlowAnswer(maxPeriods: count - 1).Periods.Count, 0, count - 1);
    });

    [Fact]
    public void What_moved_and_the_rows_behind_it_are_the_whole_difference() => Hold(2000, given =>
    {
        var baseline = given.Query with { KnownAt = given.Query.KnownAt.AddDays(-12), AsOf = given.Query.AsOf.AddDays(-3 * (given.Rows.Count % 2)) };
        var answer = given.Comparison(baseline);
        var (before, after) = (new NaiveView(given.Rows, baseline.AsOf, baseline.KnownAt), new NaiveView(given.Rows, given.Query.AsOf, given.Query.KnownAt));

        Assert.Equal(
            new NaiveComparison(before, after, given.Query.Periods).Changes().Order(),
            answer.Rows.Select(change => $"{change.Cause} {change.Origin} {change.Stage} {change.Period?.Name} +{change.Added} -{change.Removed}").Order());
        Assert.Equal(after.Rows.Count, answer.Latenesses.Sum(lateness => lateness.Count));
        foreach (var lateness in answer.Latenesses)
        {
            Assert.Equal(lateness.Count, after.Rows.Count(row => row.Origin == lateness.Origin
                && (lateness.Over is null || row.RecordedAt - row.OccurredAt > lateness.Over)
                && (lateness.UpTo is null || row.RecordedAt - row.OccurredAt <= lateness.UpTo)));
        }
        var leads = given.Merges.SelectMany(merge => new[] { merge.Loser, merge.Survivor }).Distinct();
        Assert.Equal(
            leads.Count(lead => NaiveMerges.PersonOf(lead, given.Merges, baseline.KnownAt) != NaiveMerges.PersonOf(lead, given.Merges, given.Query.KnownAt)),
            answer.MergedLeads);
        // With merges a row of after as_of may move figures of before it: it makes two journeys overlap, which then are one (docs/adr/0020).
        if (answer.Rows.Count == 0 && !given.Merges.Any(merge => merge.RecordedAt <= given.Query.KnownAt) && baseline.AsOf == given.Query.AsOf && given.Query.Filters.Count + given.Query.GroupBy.Count == 0)
        {
            Assert.Empty(answer.Moved);
        }
    });

    [Fact]
    public void A_figure_moved_where_the_two_tables_differ_and_nowhere_else() => Hold(500, given =>
    {
        var baseline = given.Query with { KnownAt = given.Query.KnownAt.AddDays(-12) };
        var answer = given.Comparison(baseline);
        var moved = answer.Moved.Where(figure => figure.Figure.Kind == FigureKind.Entries)
            .ToDictionary(figure => (figure.Group, figure.Figure.Stage!.Value), figure => (figure.Baseline, figure.Restated));
        var (before, after) = (Entries(answer.Baseline), Entries(answer.Restated));

        Assert.Equal(
            before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)).ToHashSet(),
            moved.Keys.ToHashSet());
        Assert.All(moved, figure => Assert.Equal((before.GetValueOrDefault(figure.Key), after.GetValueOrDefault(figure.Key)), figure.Value));
        Assert.Empty(given.Comparison(given.Query).Moved);
        Assert.Empty(given.Comparison(given.Query).Rows);

        static Dictionary<(GroupKey Group, Stage Stage), decimal> Entries(WaterfallAnswer answer) => answer.Groups
            .SelectMany(group => group.Volumes, (group, volume) => (Key: (group.Key, volume.Stage), volume.Entries))
            .ToDictionary(item => item.Key, item => (decimal)item.Entries);
    });

    static void Hold(int times, Action<RandomCase> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times), Prop.ForAll(RandomCase.Any, check));
}
