using FsCheck;
using FsCheck.Fluent;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Statistics;
using Xunit;

namespace L2R.Metrics.Tests.Domain.Statistics;

public sealed class ConversionCurvesTests
{
    static CurveAnswer Ask(RandomCase random, Pair pair, Dimension? dimension, int maxPoints = 200, int maxGroups = 100)
    {
        var query = random.Query;
        return random.Facts().Gather(() => new ConversionCurves(new(
            new JourneyScope
            {
                AsOf = query.AsOf,
                KnownAt = query.KnownAt,
                From = query.From,
                To = query.To,
                Filters = query.Filters,
                Journeys = query.Journeys,
            },
            pair,
            dimension,
            maxPoints,
            maxGroups))).ToAnswer();
    }

    /// <summary>The waterfall asks for F at given times; here the curve itself chooses them.</summary>
    [Fact]
    public void The_curve_runs_through_the_points_of_the_waterfall() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(RandomCase.Any, random =>
    {
        for (var index = 0; index < Pair.All.Count; index++)
        {
            var curve = Assert.Single(Ask(random, Pair.All[index], null).Curves);
            var figures = random.With(query => query with
            {
                Periods = null,
                GroupBy = [],
                CohortBy = null,
                CurveTimes = [.. curve.Steps.Select(step => step.Point.Time)],
            }).Answer().Groups[0].Pairs[index];

            Assert.Equal(figures.Curve, curve.Steps.Select(step => step.Point));
            Assert.Equal(
                (figures.Cohort, figures.StartedAbove, figures.ToDate.Converted, figures.Open),
                (curve.Quantiles.N, curve.StartedAbove, curve.Converted, curve.Open));
        }
    }));

    [Fact]
    public void Groups_part_the_whole_and_two_of_them_are_compared() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(RandomCase.Any, random =>
    {
        var whole = Assert.Single(Ask(random, Pair.All[0], null).Curves);
        var parts = Ask(random, Pair.All[0], Dimension.Channel);

        Assert.Equal((whole.Quantiles.N, whole.Converted), (parts.Curves.Sum(curve => curve.Quantiles.N), parts.Curves.Sum(curve => curve.Converted)));
        Assert.Equal(parts.Curves.Count == 2, parts.Comparison is not null);
    }));

    [Fact]
    public void A_thinned_curve_keeps_its_ends_and_each_kept_point() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(RandomCase.Any, random =>
    {
        var (whole, thin) = (Ask(random, Pair.All[0], null).Curves[0].Steps, Ask(random, Pair.All[0], null, maxPoints: 2).Curves[0].Steps);

        Assert.Equal(whole.Count > 2 ? [whole[0], whole[^1]] : whole, thin);
    }));
}
