using L2R.Metrics.Domain;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class AalenJohansenTests
{
    /// <summary>
    /// With one kind of event the curve is one minus Kaplan and Meier's, the variance Greenwood's. Remission under 6-MP: Freireich et al.,
    /// Blood 21 (1963); estimates as in Kleinbaum and Klein, Survival Analysis, chapter 2; errors by Greenwood, intervals on the
    /// log-log scale, as R's survfit has them.
    /// </summary>
    [Theory]
    [InlineData(6, 0.857, 0.0764, 0.620, 0.952, 21)]
    [InlineData(7, 0.807, 0.0869, 0.563, 0.923, 17)]
    [InlineData(10, 0.753, 0.0963, 0.503, 0.889, 15)]
    [InlineData(13, 0.690, 0.1068, 0.432, 0.849, 12)]
    [InlineData(16, 0.627, 0.1141, 0.368, 0.805, 11)]
    [InlineData(22, 0.538, 0.1282, 0.268, 0.747, 7)]
    [InlineData(23, 0.448, 0.1346, 0.188, 0.680, 6)]
    public void Without_a_competing_event_it_is_Kaplan_and_Meiers(
        int week, double survival, double standardError, double low, double high, long atRisk)
    {
        var point = Assert.Single(AalenJohansen.Estimate(
            [6, 6, 6, 7, 10, 13, 16, 22, 23], [], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], [new TimeSpan(week)]));

        Assert.Equal(survival, Math.Round(1 - point.Value!.Value, 3));
        Assert.Equal(standardError, Math.Round(point.StandardError!.Value, 4));
        Assert.Equal((low, high), (Math.Round(1 - point.Interval!.Value.High, 3), Math.Round(1 - point.Interval!.Value.Low, 3)));
        Assert.Equal(atRisk, point.AtRisk);
    }

    /// <summary>
    /// By hand. At 1: n 5, d 1, F = 1/5, S = 4/5. At 2: n 4, one ends, S = 3/5, then one is censored. At 3: n 2, d 1, F = 1/5 + 3/5·1/2.
    /// Var F(3) = (0.3²·1/(5·4) + 4/125 − 2·0.3·1/25) + 0.3²·1/(4·3) + 0.6²·1/8 = 0.065.
    /// </summary>
    [Fact]
    public void Who_ended_otherwise_cannot_convert_any_more()
    {
        var points = AalenJohansen.Estimate([3, 1], [2], [4, 2], [new(0), new(1), new(2), new(3), new(100)]);

        Assert.Equal(
            [(0, 0, 5), (0.2, 0.032, 5), (0.2, 0.032, 4), (0.5, 0.065, 2), (0.5, 0.065, 0)],
            points.Select(point =>
                (Math.Round(point.Value!.Value, 12), Math.Round(Math.Pow(point.StandardError!.Value, 2), 12), point.AtRisk)));
    }

    [Fact]
    public void There_is_no_interval_where_none_or_all_converted()
    {
        Assert.Equal([new CurvePoint(new(1), 0, 0, null, 2)], AalenJohansen.Estimate([], [1], [2], [new(1)]));
        Assert.Equal([new CurvePoint(new(2), 1, 0, null, 1)], AalenJohansen.Estimate([1, 2], [], [], [new(2)]));
    }

    [Fact]
    public void Without_anybody_to_follow_there_is_no_value() =>
        Assert.Equal([new CurvePoint(new(1), null, null, null, 0)], AalenJohansen.Estimate([], [], [], [new(1)]));

    /// <summary>The variance as its formula has it, each term from the curve's own value: what is kept in sums must not be lost by subtraction.</summary>
    [Fact]
    public void The_error_of_many_is_that_of_the_formula()
    {
        var random = new Random(3);
        List<long> Times(int count) => [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(1, 2_000))];
        var (conversions, ends, censored) = (Times(4_000), Times(6_000), Times(30_000));
        TimeSpan[] times = [new(1_999), new(5), new(700), new(2_500)];

        var points = AalenJohansen.Estimate(conversions, ends, censored, times);

        List<(double N, double D, double Events, double S, double F)> steps = [];
        var (survival, incidence) = (1.0, 0.0);
        for (var time = 0; time < 2_000; time++)
        {
            double n = conversions.Count(at => at >= time) + ends.Count(at => at >= time) + censored.Count(at => at >= time);
            double d = conversions.Count(at => at == time);
            var events = d + ends.Count(at => at == time);
            incidence += survival * d / n;
            steps.Add((n, d, events, survival, incidence));
            survival *= (n - events) / n;
        }
        foreach (var (time, point) in times.Zip(points))
        {
            var until = steps.Take((int)Math.Min(2_000, time.Ticks + 1)).ToList();
            var f = until[^1].F;
            var variance = until.Sum(step => Math.Pow(f - step.F, 2) * step.Events / (step.N * (step.N - step.Events)))
                + until.Sum(step => step.S * step.S * step.D * (step.N - step.D) / Math.Pow(step.N, 3))
                - (2 * until.Sum(step => (f - step.F) * step.S * step.D / (step.N * step.N)));
            Assert.Equal((time, 1.0, 1.0), (point.Time, Math.Round(point.Value!.Value / f, 9), Math.Round(point.StandardError!.Value / Math.Sqrt(variance), 9)));
        }
    }
}
