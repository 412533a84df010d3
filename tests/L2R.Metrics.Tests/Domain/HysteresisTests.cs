using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Statistics;
using Xunit;

namespace L2R.Metrics.Tests.Domain;

public sealed class HysteresisTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    static Condition.Metric When(Comparison comparison, double threshold, double rearm) =>
        new(Pair.All[0], null, new Measure.Conversion(TimeSpan.FromDays(30)), PeriodKind.Month, comparison, threshold, rearm);

    static Reading Read(double? value, double? low, double? high) => new(
        Pair.All[0], null, new Measure.Conversion(TimeSpan.FromDays(30)), new Period("2026-01", Noon, Noon.AddDays(1)), 100, value,
        low is { } from && high is { } to ? new Interval(from, to) : null, Noon, Noon);

    [Theory]
    [InlineData(Comparison.Below, 0.25, 0.22, 0.29, Verdict.Fired)]
    [InlineData(Comparison.Below, 0.25, 0.22, 0.30, Verdict.Quiet)] // the bound at the threshold is not beyond it
    [InlineData(Comparison.Below, 0.29, 0.25, 0.34, Verdict.Quiet)] // the figure is below, but may be so by chance
    [InlineData(Comparison.Above, 0.35, 0.31, 0.40, Verdict.Fired)]
    [InlineData(Comparison.Above, 0.35, 0.30, 0.40, Verdict.Quiet)]
    public void Fires_where_the_whole_interval_is_beyond_the_threshold(Comparison comparison, double value, double low, double high, Verdict verdict) =>
        Assert.Equal((verdict, verdict != Verdict.Fired), Hysteresis.Decide(When(comparison, 0.3, 0.3), Read(value, low, high), armed: true));

    [Fact]
    public void Fires_again_only_after_the_figure_was_back()
    {
        var (armed, seen) = (true, new List<Verdict>());
        foreach (var value in new[] { 0.2, 0.2, 0.32, 0.2, 0.349, 0.35, 0.2 })
        {
            (var verdict, armed) = Hysteresis.Decide(When(Comparison.Below, 0.3, 0.35), Read(value, value - 0.05, value + 0.05), armed);
            seen.Add(verdict);
        }

        Assert.Equal([Verdict.Fired, Verdict.Held, Verdict.Held, Verdict.Held, Verdict.Held, Verdict.Quiet, Verdict.Fired], seen);
    }

    [Fact]
    public void Above_is_back_when_it_is_low_again()
    {
        var when = When(Comparison.Above, 0.3, 0.25);

        Assert.Equal((Verdict.Held, false), Hysteresis.Decide(when, Read(0.26, 0.2, 0.3), armed: false));
        Assert.Equal((Verdict.Quiet, true), Hysteresis.Decide(when, Read(0.25, 0.2, 0.3), armed: false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_figure_or_its_interval_nothing_changes(bool armed)
    {
        Assert.Equal((Verdict.NoData, armed), Hysteresis.Decide(When(Comparison.Below, 0.3, 0.3), Read(null, null, null), armed));
        Assert.Equal((Verdict.NoData, armed), Hysteresis.Decide(When(Comparison.Below, 0.3, 0.3), Read(0.1, null, null), armed));
    }

    [Fact]
    public void A_count_is_compared_itself()
    {
        var when = When(Comparison.Below, 100, 100) with { Measure = new Measure.Volume() };
        Reading Count(long count) => Read(count, null, null) with { Measure = new Measure.Volume() };

        Assert.Equal((Verdict.Fired, false), Hysteresis.Decide(when, Count(99), armed: true));
        Assert.Equal((Verdict.Quiet, true), Hysteresis.Decide(when, Count(100), armed: true));
        Assert.Equal((Verdict.Quiet, true), Hysteresis.Decide(when, Count(100), armed: false));
    }

    [Fact]
    public void A_count_fires_by_the_interval_of_its_mean_as_every_figure()
    {
        var when = When(Comparison.Below, 100, 100) with { Measure = new Measure.Volume() };
        Reading Count(long count) => Read(count, Poisson.Interval(count).Low, Poisson.Interval(count).High) with { Measure = new Measure.Volume() };

        Assert.Equal((Verdict.Quiet, true), Hysteresis.Decide(when, Count(90), armed: true)); // 72.4 to 110.6
        Assert.Equal((Verdict.Fired, false), Hysteresis.Decide(when, Count(80), armed: true)); // 63.4 to 99.6
    }
}
