using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class QuantileTests
{
    /// <summary>By the rule that PostgreSQL documents: interpolated between adjacent items, with positions 0 to n − 1.</summary>
    [Theory]
    [InlineData(0, 10)]
    [InlineData(0.5, 25)]
    [InlineData(0.75, 32.5)]
    [InlineData(0.9, 37)]
    [InlineData(1, 40)]
    public void It_is_percentile_cont(double share, double expected) =>
        Assert.Equal(expected, Quantile.Of([10, 20, 30, 40], share)!.Value, 1e-9);

    [Fact]
    public void Of_one_it_is_that_one_and_of_none_it_is_none()
    {
        Assert.Equal(7, Quantile.Of([7], 0.9));
        Assert.Null(Quantile.Of([], 0.5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(1_000)]
    [InlineData(long.MaxValue)]
    public void Without_sorting_it_is_the_same(long kinds)
    {
        var random = new Random(5);
        foreach (var count in Enumerable.Range(0, 70).Append(513).Append(2_000).Append(20_000))
        {
            long[] values = [.. Enumerable.Range(0, count).Select(_ => long.MaxValue - random.NextInt64(kinds))];
            long[] sorted = [.. values.Order()];
            foreach (var order in new[] { values, sorted, [.. sorted.Reverse()] })
            {
                var (span, placed) = (order.ToArray(), 0);
                double[] shares = [0, 0.5, 0.5, 0.75, 0.9, 1];

                Assert.Equal(shares.Select(share => Quantile.Of(sorted, share)), shares.Select(share => Quantile.Select(span, share, ref placed)));
                Assert.Equal(sorted, span.Order());
            }
        }
    }

    [Fact]
    public void A_mean_of_more_than_64_bits_of_ticks_is_right()
    {
        var span = TimeSpan.MaxValue;

        Assert.Equal(new Velocity(3, span, span, span, span, 0), Velocity.Of([span.Ticks, span.Ticks, span.Ticks], 0));
    }
}
