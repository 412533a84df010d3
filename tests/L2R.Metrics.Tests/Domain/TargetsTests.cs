using FsCheck;
using FsCheck.Fluent;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class TargetsTests
{
    static readonly Pair LeadToMql = Pair.All[0];
    static readonly Segment Enterprise = new("segment", "enterprise");

    static TargetDetails Details(int from, int? until = null) =>
        new(LeadToMql, null, new Goal.Conversion(0.35, TimeSpan.FromDays(30)), Day(from), until is { } day ? Day(day) : null);

    static Target Target(TargetDetails details, int number = 1) => new()
    {
        Id = new Guid(number, 0, 0, new byte[8]),
        Details = details,
        CreateTime = Day(0),
        UpdateTime = Day(0),
        Version = 1,
    };

    static DateTimeOffset Day(int day) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);

    [Fact]
    public void A_target_is_in_force_from_its_start_to_the_instant_before_its_end()
    {
        var targets = new Targets([Target(Details(10, 20))]);

        Assert.Empty(targets.InForce(Day(10).AddTicks(-1), LeadToMql));
        Assert.Single(targets.InForce(Day(10), LeadToMql));
        Assert.Single(targets.InForce(Day(20).AddTicks(-1), LeadToMql));
        Assert.Empty(targets.InForce(Day(20), LeadToMql));
    }

    [Fact]
    public void The_next_one_ends_one_that_states_no_end()
    {
        var (first, second) = (Target(Details(10), 1), Target(Details(20, 30), 2));
        var targets = new Targets([second, first]);

        Assert.Equal([first], targets.InForce(Day(20).AddTicks(-1), LeadToMql));
        Assert.Equal([second], targets.InForce(Day(20), LeadToMql));
        Assert.Empty(targets.InForce(Day(30), LeadToMql)); // the first does not come back
    }

    [Fact]
    public void Kinds_pairs_and_segments_do_not_stand_in_each_others_way()
    {
        var conversion = Target(Details(10), 1);
        var volume = Target(Details(10) with { Goal = new Goal.Volume(100, PeriodKind.Month) }, 2);
        var velocity = Target(Details(10) with { Goal = new Goal.Velocity(TimeSpan.FromDays(2), TimeSpan.FromDays(30)) }, 3);
        var other = Target(Details(10) with { Pair = new Pair(Stage.Mql, Stage.Sal) }, 4);
        var segment = Target(Details(10) with { Segment = Enterprise }, 5);
        var targets = new Targets([velocity, conversion, volume, other, segment]);

        Assert.Equal([volume, conversion, velocity], targets.InForce(Day(10), LeadToMql));
        Assert.Equal([segment], targets.InForce(Day(10), LeadToMql, Enterprise));
        Assert.Empty(targets.InForce(Day(10), LeadToMql, Enterprise with { Value = "smb" }));
        Assert.All([conversion, volume, velocity, other, segment], target => Assert.Null(targets.InTheWayOf(target.Id, target.Details)));
    }

    [Theory]
    [InlineData(10, null, 10, null, true)] // both begin at once
    [InlineData(10, null, 11, null, false)] // one follows the other
    [InlineData(10, 20, 20, null, false)]
    [InlineData(10, 21, 20, null, true)]
    [InlineData(20, null, 10, 21, true)]
    [InlineData(20, null, 10, 20, false)]
    [InlineData(10, 30, 15, 20, true)]
    public void Two_overlap_where_one_begins_with_the_other_or_in_its_stated_time(int from, int? until, int otherFrom, int? otherUntil, bool overlap)
    {
        var (first, second) = (Details(from, until), Details(otherFrom, otherUntil) with { Goal = new Goal.Conversion(0.5, TimeSpan.FromDays(90)) });

        Assert.Equal((overlap, overlap), (first.Overlaps(second), second.Overlaps(first)));
        Assert.Equal(overlap, new Targets([Target(first, 1)]).InTheWayOf(new Guid(2, 0, 0, new byte[8]), second) is not null);
    }

    [Fact]
    public void Whatever_was_let_in_one_target_at_most_is_in_force_and_it_is_the_last_that_began()
    {
        var pairs = Gen.Choose(0, 12).SelectMany(from => Gen.Choose(0, 12).Select(length => (From: from, Until: length % 4 == 0 ? (int?)null : from + length)));
        Prop.ForAll(Arb.From(pairs.ListOf()), drawn =>
        {
            var kept = new List<Target>();
            foreach (var (from, until) in drawn)
            {
                var target = Target(Details(from, until), kept.Count + 1);
                if (new Targets(kept).InTheWayOf(target.Id, target.Details) is null)
                {
                    kept.Add(target);
                }
            }
            var targets = new Targets(kept);
            for (var day = 0; day < 30; day++)
            {
                Assert.Equal(Naive(kept, day), targets.InForce(Day(day), LeadToMql).SingleOrDefault()?.Id);
            }
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Walks the days: each target takes over on its first day, and its end takes it away.</summary>
    static Guid? Naive(List<Target> targets, int until)
    {
        Target? current = null;
        for (var day = 0; day <= until; day++)
        {
            if (current?.Details.Until == Day(day))
            {
                current = null;
            }
            current = targets.Find(target => target.Details.From == Day(day)) ?? current;
        }
        return current?.Id;
    }
}
