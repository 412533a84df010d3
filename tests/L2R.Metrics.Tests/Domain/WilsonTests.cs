using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class WilsonTests
{
    /// <summary>
    /// Newcombe, Two-Sided Confidence Intervals for the Single Proportion: Comparison of Seven Methods, Statistics in Medicine 17 (1998),
    /// table I, method 3.
    /// </summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void The_interval_is_the_published_one(long converted, long n, double low, double high)
    {
        var interval = Wilson.Interval(converted, n);

        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void None_and_all_end_exactly_at_the_share()
    {
        for (var n = 1; n < 200; n++)
        {
            Assert.Equal(0, Wilson.Interval(0, n).Low);
            Assert.Equal(1, Wilson.Interval(n, n).High);
        }
    }

    [Fact]
    public void A_share_of_nothing_has_no_value_and_says_why() =>
        Assert.Equal(new Rate(0, 0, null, null, "nobody came"), Rate.Of(0, 0, "nobody came"));
}
