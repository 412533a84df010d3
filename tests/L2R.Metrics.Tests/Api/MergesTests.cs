using Google.Protobuf.WellKnownTypes;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>Merges that Intake tells of, in the answers.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class MergesTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();
    readonly (Guid Lead, Guid Journey) _survivor = (Guid.NewGuid(), Guid.NewGuid());
    readonly (Guid Lead, Guid Journey) _loser = (Guid.NewGuid(), Guid.NewGuid());

    [Fact]
    public async Task Counts_the_journeys_of_both_for_the_survivor_from_the_merge_to_its_undo_and_as_they_were_before()
    {
        await TellRowsAsync();
        var before = await AskAsync();
        var (merge, undo) = Merge();
        await metrics.SayAsync(_tenant, merge, merge);
        await Eventually.EqualAsync(1L, async () => (await AskAsync()).JourneyCount);
        var merged = await AskAsync();
        var comparison = await CompareAsync(before);
        var journey = await JourneyAsync(_loser.Journey);
        var journeyBefore = await JourneyAsync(_loser.Journey, before.KnownAt);
        await metrics.SayAsync(_tenant, undo);
        await Eventually.EqualAsync(2L, async () => (await AskAsync()).JourneyCount);

        Assert.Equal([1, 1, 0, 1], Reaches(merged));
        Assert.Equal([2, 1, 0, 1], Reaches(before));
        Assert.Equal(before, await AskAsync(before.KnownAt));
        Assert.Equal(merged, await AskAsync(merged.KnownAt));
        Assert.Equal(Reaches(before), Reaches(await AskAsync()));
        Assert.Equal(1, comparison.MergedLeadCount);
        Assert.Equal(
            [(RowChangeCause.Merge, Stage.Lead, 1, 1), (RowChangeCause.Merge, Stage.Sql, 1, 1)],
            comparison.RowChanges.Select(change => (change.Cause, change.Stage, (int)change.AddedCount, (int)change.RemovedCount)));
        Assert.Contains(comparison.MovedFigures, moved => moved is { Kind: FigureKind.Reach, Stage: Stage.Lead, BaselineCount: 2, RestatedCount: 1 });
        Assert.Equal(
            ($"journeys/{_survivor.Journey}", $"leads/{_survivor.Lead}", 1, Stage.Sql, "Lead Lead Mql Sql"),
            (journey.Name, journey.Lead, journey.Number, journey.Stands, string.Join(' ', journey.Rows.Select(row => row.Change.To))));
        Assert.Equal(
            ($"journeys/{_loser.Journey}", $"leads/{_loser.Lead}", 1, Stage.Sql, "Lead Sql"),
            (journeyBefore.Name, journeyBefore.Lead, journeyBefore.Number, journeyBefore.Stands, string.Join(' ', journeyBefore.Rows.Select(row => row.Change.To))));
    }

    [Fact]
    public async Task An_undo_that_comes_first_undoes_all_the_same()
    {
        await TellRowsAsync();
        var (merge, undo) = Merge();
        await metrics.SayAsync(_tenant, undo);
        await metrics.SayAsync(_tenant, merge);
        var other = (Merge: Guid.NewGuid(), Row: MetricsFixture.Row(Guid.NewGuid(), Guid.NewGuid(), Stage.Lead, 1, Noon));
        await metrics.SayAsync(_tenant, new LeadMerged { MergeId = $"{other.Merge}", Loser = other.Row.Lead, Survivor = $"leads/{_survivor.Lead}" });
        await metrics.SayAsync(_tenant, Guid.NewGuid(), other.Row); // an owner that did not know yet

        await Eventually.EqualAsync("2 1 0 1", async () => string.Join(' ', Reaches(await AskAsync())));
    }

    [Fact]
    public async Task Of_a_family_in_which_nothing_is_new_each_row_is_compared_once()
    {
        await TellRowsAsync();
        var (duplicate, third) = (MetricsFixture.Row(_loser.Lead, _loser.Journey, Stage.Disqualified, 3, Noon.AddDays(4)), Guid.NewGuid());
        await metrics.SayAsync(_tenant, Guid.NewGuid(), duplicate, MetricsFixture.Row(third, Guid.NewGuid(), Stage.Lead, 1, Noon));
        var (merge, _) = Merge();
        var others = new LeadMerged { MergeId = $"{Guid.NewGuid()}", Loser = $"leads/{third}", Survivor = merge.Survivor };
        await metrics.SayAsync(_tenant, merge, others, new(others) { Undone = true });
        await Eventually.EqualAsync(2L, async () => (await AskAsync()).JourneyCount);

        var comparison = await CompareAsync(await AskAsync());

        Assert.Equal((6, 0, 0), ((int)comparison.Latenesses.Sum(lateness => lateness.Count), comparison.RowChanges.Count, (int)comparison.MergedLeadCount));
    }

    [Fact]
    public async Task The_touches_of_the_loser_count_for_the_survivor()
    {
        await metrics.SayAsync(
            _tenant, Guid.NewGuid(),
            MetricsFixture.Row(_survivor.Lead, _survivor.Journey, Stage.Lead, 1, Noon), MetricsFixture.Row(_survivor.Lead, _survivor.Journey, Stage.ClosedWon, 2, Noon.AddDays(9)));
        await metrics.SayAsync(_tenant, new Touchpoint
        {
            Name = $"touchpoints/{Guid.NewGuid()}",
            Lead = $"leads/{_loser.Lead}",
            Kind = "visit",
            Channel = "ads",
            OccurTime = Noon.AddDays(1).ToTimestamp(),
        });
        await Eventually.EqualAsync((1L, 1L), AttributedAsync);

        await metrics.SayAsync(_tenant, Merge().Merge);

        await Eventually.EqualAsync((1L, 0L), AttributedAsync);

        async Task<(long Wins, long Untouched)> AttributedAsync()
        {
            var answer = await (await metrics.ClientAsync()).GetAttributionAsync(new() { AsOf = Noon.AddDays(30).ToTimestamp() }, MetricsFixture.As(_tenant));
            return (answer.WinCount, answer.UntouchedCount);
        }
    }

    async Task TellRowsAsync()
    {
        await metrics.SayAsync(
            _tenant, Guid.NewGuid(),
            MetricsFixture.Row(_survivor.Lead, _survivor.Journey, Stage.Lead, 1, Noon),
            MetricsFixture.Row(_survivor.Lead, _survivor.Journey, Stage.Mql, 2, Noon.AddDays(2)),
            MetricsFixture.Row(_loser.Lead, _loser.Journey, Stage.Lead, 1, Noon.AddDays(1)),
            MetricsFixture.Row(_loser.Lead, _loser.Journey, Stage.Sql, 2, Noon.AddDays(3)));
        await Eventually.EqualAsync(2L, async () => (await AskAsync()).JourneyCount);
    }

    (LeadMerged Merge, LeadMerged Undo) Merge()
    {
        var merge = new LeadMerged { MergeId = $"{Guid.NewGuid()}", Loser = $"leads/{_loser.Lead}", Survivor = $"leads/{_survivor.Lead}" };
        return (merge, new(merge) { Undone = true });
    }

    /// <summary>Reach of LEAD, entries of MQL and SAL, reach of SQL.</summary>
    static long[] Reaches(V1.Waterfall waterfall)
    {
        var volumes = Assert.Single(waterfall.Groups).Volumes.ToDictionary(volume => volume.Stage);
        return [volumes[Stage.Lead].ReachCount, volumes[Stage.Mql].EntryCount, volumes[Stage.Sal].EntryCount, volumes[Stage.Sql].ReachCount];
    }

    async Task<V1.Waterfall> AskAsync(Timestamp? knownAt = null) => await (await metrics.ClientAsync()).GetWaterfallAsync(
        new() { AsOf = Noon.AddDays(30).ToTimestamp(), KnownAt = knownAt }, MetricsFixture.As(_tenant));

    async Task<KnownComparison> CompareAsync(V1.Waterfall before) => await (await metrics.ClientAsync()).CompareKnownAsync(
        new() { AsOf = before.AsOf, BaselineKnownAt = before.KnownAt }, MetricsFixture.As(_tenant));

    async Task<Journey> JourneyAsync(Guid journey, Timestamp? knownAt = null) => await (await metrics.ClientAsync()).GetJourneyAsync(
        new() { Name = $"journeys/{journey}", KnownAt = knownAt }, MetricsFixture.As(_tenant));
}
