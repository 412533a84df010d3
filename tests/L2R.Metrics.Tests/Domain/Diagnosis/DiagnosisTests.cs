using L2R.Metrics.Domain.Diagnosis;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

public sealed class DiagnosisTests
{
    /// <summary>By hand: (0.3 − 0.4)/√(0.4·0.6/100) = −2.0412.</summary>
    [Fact]
    public void A_rate_below_its_target_is_judged_by_the_targets_own_error() =>
        Assert.Equal(0.020613, ScoreTest.PValue(30, 100, 0.4)!.Value, 6);

    [Theory]
    [InlineData(29, 0.5, false)]
    [InlineData(30, 0.5, true)]
    [InlineData(99, 0.05, false)]
    [InlineData(100, 0.05, true)]
    [InlineData(99, 0.95, false)]
    public void Few_journeys_or_a_target_near_an_end_are_not_enough_data(long n, double target, bool isEnough) =>
        Assert.Equal(isEnough, ScoreTest.PValue(1, n, target) is not null);

    /// <summary>The fifteen p-values of Benjamini and Hochberg (1995), section 4.1; at 10% the ninth is the last below its line: 0.0459 under 0.06.</summary>
    [Fact]
    public void Of_fifteen_tests_nine_are_real()
    {
        double[] published =
            [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000];

        Assert.Equal(published.Select(p => p < 0.05).Reverse(), FalseDiscovery.Find([.. published.Reverse()]));
        Assert.Equal([true, true], FalseDiscovery.Find([0.1, 0.09])); // the second line saves the first
        Assert.Equal([false, false], FalseDiscovery.Find([0.06, 0.11]));
        Assert.Empty(FalseDiscovery.Find([]));
    }

    /// <summary>By hand: c̄ = 0.2, τ² = (2 − 0.16)/(200 − 100 − 1), m = 7.6087; (30 + 1.5217)/107.6087.</summary>
    [Fact]
    public void The_benchmark_is_a_good_segment_without_its_luck()
    {
        Assert.Equal(0.292929, PeerBenchmark.Of([(10, 100), (30, 100), (0, 0)])!.Value, 6);
        Assert.Equal(0.2, PeerBenchmark.Of([(20, 100), (21, 100), (19, 100)])!.Value, 12); // no more than chance
        Assert.Equal(0.2, PeerBenchmark.Of([(20, 100)]));
        Assert.Null(PeerBenchmark.Of([(0, 0)]));
    }

    /// <summary>Who has the one left glove gets 2/3 of the pair's worth, each of the two with a right one 1/6: Shapley (1953), as commonly told.</summary>
    [Fact]
    public void Gloves_are_worth_something_in_pairs()
    {
        var parts = Shapley.Divide(3, set => (set & 1) != 0 && set > 1 ? 6 : 0);

        Assert.Equal([4m, 1m, 1m], parts);
    }

    [Fact]
    public void The_parts_are_the_mean_gain_over_every_order_and_sum_exactly()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            decimal[] values = [.. Enumerable.Range(0, 16).Select(_ => Math.Round(random.Next(-1000, 1000) / 7m, Shapley.Decimals))];
            var mean = new decimal[4];
            var orders = 0;
            foreach (var order in Orders.Of([0, 1, 2, 3]))
            {
                var set = 0;
                foreach (var x in order)
                {
                    mean[x] += values[set | (1 << x)] - values[set];
                    set |= 1 << x;
                }
                orders++;
            }

            var parts = Shapley.Divide(4, set => values[set]);

            Assert.Equal(24, orders);
            Assert.All(mean.Zip(parts), pair => Assert.InRange((pair.First / 24) - pair.Second, -1e-8m, 1e-8m));
            Assert.Equal(values[15] - values[0], parts.Sum());
        }
    }

    static Way WayOf(string name, long journeys, long won, decimal amount) =>
        new(name, 0, journeys, [(journeys, journeys), (journeys, journeys), (journeys, journeys), (journeys, journeys), (won, journeys)], amount);

    /// <summary>By hand: V grows from 100 to 400. N alone brings 100 first or 200 last, and so does a: 150 each.</summary>
    [Fact]
    public void Twice_the_journeys_at_twice_the_amount_share_the_change()
    {
        var change = RevenueChange.Between([WayOf("all", 100, 10, 100)], [WayOf("all", 200, 20, 400)]);

        Assert.Equal((100m, 400m, 150m, 0m, 150m), (change.Before, change.After, change.Volume, change.Mix, change.DealSize));
        Assert.Equal([0, 0, 0, 0, 0], change.Conversions);
    }

    /// <summary>By hand: half of 100 journeys move from a way worth 1 each to one worth 3 each.</summary>
    [Fact]
    public void Journeys_that_come_from_a_better_segment_are_mix()
    {
        var change = RevenueChange.Between(
            [WayOf("small", 100, 10, 100)],
            [WayOf("small", 50, 5, 50), WayOf("large", 50, 10, 150)]);

        Assert.Equal((100m, 200m, 0m, 100m, 0m), (change.Before, change.After, change.Volume, change.Mix, change.DealSize));
    }

    [Fact]
    public void The_parts_of_a_change_sum_to_it_exactly_whatever_is_missing()
    {
        var random = new Random(5);
        for (var round = 0; round < 100; round++)
        {
            var change = RevenueChange.Between(Ways(), Ways());

            Assert.Equal(change.After - change.Before, change.Volume + change.Mix + change.Conversions.Sum() + change.DealSize);
        }

        Way[] Ways() => [.. Enumerable.Range(0, random.Next(4)).Select(way =>
        {
            List<long> counts = [random.Next(1, 300)];
            for (var pair = 0; pair < 5; pair++)
            {
                counts.Add(random.NextInt64(counts[^1] + 1));
            }
            return new Way($"way {way}", 0, counts[0], [.. counts.Skip(1).Zip(counts)], counts[5] * random.Next(1, 900) / 7m);
        })];
    }
}
