using L2R.Metrics.Domain.Statistics;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Statistics;

public sealed class GrayTestTests
{
    static Followed Of(long[] conversions, long[] ends, long[] censored)
    {
        var followed = new Followed();
        followed.Conversions.AddRange(conversions);
        followed.Ends.AddRange(ends);
        followed.Censored.AddRange(censored);
        return followed;
    }

    /// <param name="members">Fate 0 has converted, 1 has ended, 2 is not followed any longer.</param>
    static Followed Group(IReadOnlyCollection<(long Time, int Fate)> members)
    {
        long[] With(int fate) => [.. members.Where(member => member.Fate == fate).Select(member => member.Time)];
        return Of(With(0), With(1), With(2));
    }

    /// <summary>
    /// Without a competing event the score is the log-rank test's: observed 9 less expected 19.25 under 6-MP. Freireich et al., Blood 21
    /// (1963); Kleinbaum and Klein, Survival Analysis, chapter 2. The variance is Gray's own, near the log-rank's 6.257.
    /// </summary>
    [Fact]
    public void Without_a_competing_overthe_score_is_that_of_the_log_rank_test()
    {
        var treated = Of([6, 6, 6, 7, 10, 13, 16, 22, 23], [], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        var control = Of([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [], []);

        var test = GrayTest.Of(treated, control);

        Assert.Equal(-10.2505, test.Score, 4);
        Assert.Equal(6.2117, test.Variance, 4);
        Assert.InRange(test.PValue!.Value, 0.00003, 0.00005);
    }

    /// <summary>
    /// By hand. At 1: three at risk in both, the first group converts once: 1 − 3/6. At 2: first R = 2·(2/3)/(2/3) = 2, second, in which one
    /// has ended, R = 2·1/(2/3) = 3; the second group converts once: − 2/5.
    /// </summary>
    [Fact]
    public void Who_has_ended_stays_at_risk() => Assert.Equal(0.1, GrayTest.Of(Of([1], [2], [3]), Of([2], [1], [3])).Score, 12);

    /// <summary>Σ over the instants t of conversions: those of the first group less the share R₁/(R₁ + R₂) of all, R = Y·(1 − F)/S just before t.</summary>
    [Fact]
    public void The_score_is_what_the_definition_says()
    {
        var random = new Random(11);
        for (var draw = 0; draw < 1_000; draw++)
        {
            var (first, second) = (Draw(), Draw());
            var expected = first.Concat(second).Where(life => life.Fate == 0).Select(life => life.Time).Distinct().Sum(time =>
            {
                double Conversions(List<(long Time, int Fate)> group) => group.Count(life => life.Time == time && life.Fate == 0);
                var all = AtRisk(first, time) + AtRisk(second, time);
                return Conversions(first) - ((Conversions(first) + Conversions(second)) * AtRisk(first, time) / all);
            });

            Assert.Equal(expected, GrayTest.Of(Group(first), Group(second)).Score, 1e-9);
        }

        List<(long Time, int Fate)> Draw() => [.. Enumerable.Range(0, random.Next(1, 15)).Select(_ => ((long)random.Next(1, 12), random.Next(3)))];

        static double AtRisk(List<(long Time, int Fate)> group, long time)
        {
            double Left(long at) => group.Count(life => life.Time >= at);
            double Survival(long at) => group.Where(life => life.Fate < 2 && life.Time < at).Select(life => life.Time).Distinct()
                .Aggregate(1.0, (share, over) => share * (1 - (group.Count(life => life.Time == over && life.Fate < 2) / Left(over))));
            var incidence = group.Where(life => life.Fate == 0 && life.Time < time).Sum(life => Survival(life.Time) / Left(life.Time));
            return Left(time) == 0 ? 0 : Left(time) * (1 - incidence) / Survival(time);
        }
    }

    [Fact]
    public void Without_a_conversion_there_is_no_statistic()
    {
        var test = GrayTest.Of(Of([], [1, 2], [3]), Of([], [2], []));

        Assert.Equal((0.0, null, null), (test.Score, test.Statistic, test.PValue));
        Assert.Null(GrayTest.Of(Of([], [], []), Of([1, 2], [], [])).PValue);
    }

    [Fact]
    public void Which_group_is_named_first_changes_the_sign_alone()
    {
        var (one, other) = (Of([1, 1, 4, 9], [2, 3, 3], [2, 5, 10]), Of([2, 3, 8], [1, 4, 6, 6], [3, 7, 7]));

        var (test, swapped) = (GrayTest.Of(one, other), GrayTest.Of(other, one));

        Assert.Equal(-test.Score, swapped.Score, 12);
        Assert.Equal(test.Variance, swapped.Variance, 12);
    }

    /// <summary>The variance is that which the score has when who belongs to which group is drawn by lot.</summary>
    [Fact]
    public void The_variance_is_that_of_groups_drawn_by_lot()
    {
        var random = new Random(7);
        List<(long Time, int Fate)> all = [.. Enumerable.Range(0, 120).Select(_ => ((long)random.Next(1, 30), random.Next(3)))];
        List<GrayTest> tests = [];
        for (var draw = 0; draw < 2_000; draw++)
        {
            var lots = all.ToArray();
            random.Shuffle(lots);
            tests.Add(GrayTest.Of(Group(lots[..45]), Group(lots[45..])));
        }

        Assert.InRange(tests.Average(test => test.Score), -0.3, 0.3);
        Assert.InRange(tests.Average(test => test.Score * test.Score) / tests.Average(test => test.Variance), 0.93, 1.07);
        Assert.InRange(tests.Average(test => test.PValue < 0.05 ? 1.0 : 0), 0.035, 0.065);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1.959963984540054, 0.05)]
    [InlineData(3.5, 0.00046525815807105)]
    [InlineData(5, 5.7330314373605e-7)]
    public void The_normal_tails_are_those_of_the_tables(double z, double p) => Assert.Equal(1, Normal.TwoSided(z) / p, 9);
}
