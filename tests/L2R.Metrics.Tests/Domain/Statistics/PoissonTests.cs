using L2R.Metrics.Domain.Statistics;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Statistics;

public sealed class PoissonTests
{
    /// <summary>As tables have it: Pearson and Hartley, Biometrika Tables for Statisticians I (1966), table 40.</summary>
    [Theory]
    [InlineData(0, 0, 3.69)]
    [InlineData(1, 0.0253, 5.57)]
    [InlineData(5, 1.62, 11.67)]
    [InlineData(10, 4.80, 18.39)]
    [InlineData(50, 37.11, 65.92)]
    public void Encloses_the_mean_as_the_tables_say(long count, double low, double high)
    {
        var interval = Poisson.Interval(count);

        Assert.Equal(low, interval.Low, 0.005);
        Assert.Equal(high, interval.High, 0.005);
    }

    [Fact]
    public void Large_counts_go_on_where_the_exact_ones_end()
    {
        var (last, first) = (Poisson.Interval(Poisson.Exact), Poisson.Interval(Poisson.Exact + 1));

        Assert.InRange(first.Low - last.Low, 0.9, 1.1);
        Assert.InRange(first.High - last.High, 0.9, 1.1);
        Assert.Equal(1_000_000 - (1.96 * 1_000), Poisson.Interval(1_000_000).Low, 5.0);
    }
}
