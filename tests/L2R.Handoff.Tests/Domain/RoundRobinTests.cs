using L2R.Handoff.Domain;

namespace L2R.Handoff.Tests.Domain;

public sealed class RoundRobinTests
{
    static readonly IReadOnlyList<Assignee> Reps = [.. Enumerable.Range(1, 5).Select(Rep)];

    static Assignee Rep(int number) => new(new Guid($"01900000-0000-7000-8000-{number:D12}"), $"team-{number}");

    static string Deal(int[] active, int? last, int count) => string.Concat(
        RoundRobin.Deal([.. active.Select(Rep)], last is { } number ? Rep(number).RepId : null, count).Select(rep => rep.Team[^1]));

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, null, 1, "1")]
    [InlineData(new[] { 1, 2, 3 }, 1, 1, "2")]
    [InlineData(new[] { 1, 2, 3 }, 3, 1, "1")]
    [InlineData(new[] { 1, 2, 3 }, 2, 5, "31231")]
    [InlineData(new[] { 1 }, 1, 3, "111")]
    [InlineData(new[] { 1, 3 }, 2, 1, "3")] // the last one left
    [InlineData(new[] { 1, 2 }, 3, 1, "1")] // the last one left, and was the end of the round
    [InlineData(new[] { 1, 2, 3, 4 }, 3, 1, "4")] // somebody came
    [InlineData(new int[0], 2, 3, "")]
    [InlineData(new[] { 1, 2 }, null, 0, "")]
    public void The_next_one_is_whose_turn_it_is(int[] active, int? last, int count, string expected) =>
        Assert.Equal(expected, Deal(active, last, count));

    [Fact]
    public void Nobody_gets_two_more_than_another_however_the_hands_are_dealt()
    {
        var random = new Random(20260504);
        for (var round = 0; round < 200; round++)
        {
            var active = Reps.Take(random.Next(1, 6)).ToList();
            var (last, hands) = ((Guid?)null, new List<Assignee>());
            for (var hand = 0; hand < 10; hand++)
            {
                var dealt = RoundRobin.Deal(active, last, random.Next(1, 7));
                hands.AddRange(dealt);
                last = dealt[^1].RepId;
            }

            var counts = active.Select(rep => hands.Count(hand => hand == rep)).ToList();
            Assert.Equal(hands.Count, counts.Sum());
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
    }
}
