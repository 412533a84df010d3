using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <summary>Why won revenue differs between two periods.</summary>
public sealed class RevenueWaysTests
{
    static readonly DateTimeOffset January = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Later = January.AddYears(1);

    static ChangeQuery Query(ChangeBasis basis, string currency = "EUR", DateTimeOffset? asOf = null) => new(
        new(new() { AsOf = asOf ?? Later, KnownAt = Later }, basis, TimeSpan.FromDays(30), Dimension.Segment, currency, MaxValues: 2),
        (January, January.AddMonths(1)),
        (January.AddMonths(1), January.AddMonths(2)));

    /// <summary>One lead that enters a stage each day.</summary>
    static JourneyFacts Walk(DateTimeOffset at, string? segment, decimal? amount, params Stage[] stages)
    {
        var lead = Guid.NewGuid();
        return Assert.Single(Fold.Lead(
            stages.Select((stage, day) => new Transition
            {
                TransitionId = Guid.NewGuid(),
                LeadId = lead,
                JourneyId = lead,
                To = stage,
                OccurredAt = at.AddDays(day),
                RecordedAt = at,
                SourceSeq = day,
                Amount = stage == Stage.ClosedWon ? amount : null,
                Currency = stage == Stage.ClosedWon && amount is not null ? "EUR" : null,
                Dimensions = new() { Segment = segment },
            }),
            Later,
            Later));
    }

    static readonly Stage[] All = [Stage.Lead, Stage.Mql, Stage.Sal, Stage.Sql, Stage.Opportunity, Stage.ClosedWon];

    [Fact]
    public void One_factor_that_changed_is_given_the_whole_change()
    {
        // January: of two journeys one is won for 100. February: both are, for the same each. MQL to SAL alone differs.
        var ways = new RevenueWays(Query(ChangeBasis.Cohort));
        ways.Add(Walk(January, "a", 100, All));
        ways.Add(Walk(January, "a", null, Stage.Lead, Stage.Mql));
        ways.Add(Walk(January.AddMonths(1), "a", 100, All));
        ways.Add(Walk(January.AddMonths(1), "a", 100, All));

        var (before, after, change) = ways.ToAnswer();

        Assert.Equal((2L, 100m, 2L, 200m), (before.Journeys, before.Won, after.Journeys, after.Won));
        Assert.Equal((100m, 200m), (change.Before, change.After));
        Assert.Equal((0m, 0m, 0m), (change.Volume, change.Mix, change.DealSize));
        Assert.Equal([0m, 100m, 0m, 0m, 0m], change.Conversions);
    }

    [Fact]
    public void Half_of_a_dearer_mix_is_mix_and_more_of_the_same_is_volume()
    {
        // Each segment wins all of its journeys: a for 100, b for 300. One of each instead of two of a; then twice as many.
        var mix = new RevenueWays(Query(ChangeBasis.Cohort));
        mix.Add(Walk(January, "a", 100, All));
        mix.Add(Walk(January, "a", 100, All));
        mix.Add(Walk(January.AddMonths(1), "a", 100, All));
        mix.Add(Walk(January.AddMonths(1), "b", 300, All));
        var volume = new RevenueWays(Query(ChangeBasis.Cohort));
        volume.Add(Walk(January, "a", 100, All));
        volume.Add(Walk(January.AddMonths(1), "a", 100, All));
        volume.Add(Walk(January.AddMonths(1), "a", 100, All));

        Assert.Equal((200m, 0m), (mix.ToAnswer().Expected.Mix, mix.ToAnswer().Expected.Volume));
        Assert.Equal((100m, 0m), (volume.ToAnswer().Expected.Volume, volume.ToAnswer().Expected.Mix));
    }

    [Fact]
    public void A_win_of_a_segment_without_new_leads_is_other_where_wins_are_booked()
    {
        // In February a is won for 100 as in January, and b for 300: its lead came in January.
        var ways = new RevenueWays(Query(ChangeBasis.Booked));
        ways.Add(Walk(January, "a", 100, All));
        ways.Add(Walk(January.AddDays(28), "b", 300, All));
        ways.Add(Walk(January.AddMonths(1), "a", 100, All));

        var answer = ways.ToAnswer();

        Assert.Equal((100m, 400m, 300m), (answer.Before.Won, answer.After.Won, answer.Change));
        Assert.Equal(answer.Change - (answer.Expected.After - answer.Expected.Before), answer.Other);
        Assert.True(answer.Other > 0);
    }

    [Fact]
    public void What_cannot_be_explained_is_counted_apart()
    {
        var ways = new RevenueWays(Query(ChangeBasis.Cohort, currency: "USD"));
        ways.Add(Walk(January, "a", 100, All));
        ways.Add(Walk(January, "a", null, All));
        ways.Add(Walk(January, "a", 50, Stage.ClosedWon));
        ways.Add(Walk(January.AddMonths(1).AddDays(27), "a", 70, All)); // five days to the win: within the horizon
        var young = new RevenueWays(Query(ChangeBasis.Cohort, asOf: January.AddDays(45)));
        young.Add(Walk(January.AddDays(20), "a", 100, All));

        var (before, after, change) = ways.ToAnswer();

        Assert.Equal((2L, 1L, 1L, 0m), (before.Journeys, before.WithoutAmount, before.StartedWon, before.Won));
        Assert.Equal([KeyValuePair.Create("EUR", 100m)], before.LeftOut);
        Assert.Equal([KeyValuePair.Create("EUR", 70m)], after.LeftOut);
        Assert.Equal((0m, 0m), (change.Before, change.After));
        Assert.Equal((0L, 1L), (young.ToAnswer().Before.Journeys, young.ToAnswer().Before.Immature));
    }

    [Fact]
    public void A_dimension_with_too_many_values_is_refused()
    {
        var ways = new RevenueWays(Query(ChangeBasis.Cohort));
        ways.Add(Walk(January, "a", 100, All));
        ways.Add(Walk(January, null, 100, Stage.Mql));
        ways.Add(Walk(January, null, 100, All));

        Assert.Equal(2, Assert.Throws<TooManyGroupsException>(() => ways.Add(Walk(January, "c", 100, All))).Max);
    }

    [Theory]
    [InlineData(ChangeBasis.Cohort)]
    [InlineData(ChangeBasis.Booked)]
    public void The_parts_sum_to_the_change_exactly(ChangeBasis basis) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(RandomCase.Any, given =>
        {
            var asOf = RandomCase.End.AddYears(1);
            var middle = RandomCase.End.AddDays(-25);
            var journeys = given.FactsAt(asOf, asOf);

            var answer = journeys.Gather(() => new RevenueWays(new(
                new(new() { AsOf = asOf, KnownAt = asOf }, basis, TimeSpan.FromDays(10), Dimension.Segment, "EUR", MaxValues: 100),
                (DateTimeOffset.MinValue, middle),
                (middle, DateTimeOffset.MaxValue)))).ToAnswer();
            var (before, after, change) = answer;

            Assert.Equal(after.Won - before.Won, change.Volume + change.Mix + change.Conversions.Sum() + change.DealSize + answer.Other);
            if (basis == ChangeBasis.Cohort)
            {
                // The chain from start to win is what was won.
                Assert.Equal(0, (double)answer.Other, 1e-6);
                Assert.Equal((double)before.Won, (double)change.Before, 1e-6);
                Assert.Equal((double)after.Won, (double)change.After, 1e-6);
                Assert.Equal(
                    journeys.Count(journey => journey.Reach(Stage.Lead) is not null),
                    before.Journeys + before.StartedWon + after.Journeys + after.StartedWon);
            }
        }));
}
