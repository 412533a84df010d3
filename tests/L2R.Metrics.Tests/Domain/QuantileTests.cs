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

    [Fact]
    public void A_mean_of_more_than_64_bits_of_ticks_is_right()
    {
        var span = TimeSpan.MaxValue;

        Assert.Equal(new Velocity(3, span, span, span, span, 0), Velocity.Of([span.Ticks, span.Ticks, span.Ticks], 0));
    }
}
