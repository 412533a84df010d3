using L2R.Cli.Simulation;

namespace L2R.Cli.Tests.Simulation;

public sealed class SimultaneousTests
{
    // Of one rate it is the exact 95% interval, as in the tables of Clopper and Pearson.
    [Theory]
    [InlineData(10, 100, 0.0490, 0.1762)]
    [InlineData(0, 10, 0, 0.3085)]
    [InlineData(10, 10, 0.6915, 1)]
    [InlineData(1, 1, 0.025, 1)]
    [InlineData(500_000, 1_000_000, 0.49902, 0.50098)]
    public void One_rate_has_its_exact_interval(long converted, long n, double low, double high)
    {
        var interval = Simultaneous.OfRate(converted, n, count: 1);

        Assert.Equal((low, high), (Math.Round(interval.Low, low is 0.49902 ? 5 : 4), Math.Round(interval.High, low is 0.49902 ? 5 : 4)));
    }

    // Wilson's interval, made wider, leaves out three times as much where 3 of 300 convert.
    [Theory]
    [InlineData(300, 0.01)]
    [InlineData(60, 0.05)]
    [InlineData(150, 0.2)]
    [InlineData(400, 0.5)]
    public void Each_of_60_rates_misses_the_truth_in_a_sixtieth_of_5_percent_at_most(int n, double truth)
    {
        var (missed, mass) = (0.0, Math.Pow(1 - truth, n));
        for (var converted = 0; converted <= n; converted++)
        {
            var (low, high) = Simultaneous.OfRate(converted, n, count: 60);
            missed += low <= truth && truth <= high ? 0 : mass;
            mass *= (n - converted) / (converted + 1.0) * truth / (1 - truth);
        }

        Assert.InRange(missed, 0.05 / 60 / 10, 0.05 / 60);
    }

    // z of 1 − 0.05/60, two-sided, is 3.3415.
    [Theory]
    [InlineData(0.3, 0.01)]
    [InlineData(0.02, 0.004)]
    [InlineData(0.9, 0.02)]
    public void A_curve_keeps_its_standard_error_and_its_scale(double ratio, double error)
    {
        var (low, high) = LogLog(1.959964);
        var (lowest, highest) = LogLog(3.3415);

        var alone = Simultaneous.OfCurve(ratio, low, high, count: 1);
        var among = Simultaneous.OfCurve(ratio, low, high, count: 60);

        Assert.Equal((low, high), (alone.Low, alone.High));
        Assert.Equal((Math.Round(lowest, 5), Math.Round(highest, 5)), (Math.Round(among.Low, 5), Math.Round(among.High, 5)));

        (double Low, double High) LogLog(double z) => (End(-z), End(z));

        double End(double z) => 1 - Math.Pow(1 - ratio, Math.Exp(z * error / ((1 - ratio) * -Math.Log(1 - ratio))));
    }
}
