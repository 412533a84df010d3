using System.Globalization;
using L2R.Cli.Simulation;
using L2R.Ledger.Domain;

namespace L2R.Cli.Tests.Simulation;

public sealed class SimulatedTruthTests
{
    static readonly SimulationOptions Options = new(30_000, Months: 18, Seed: 11, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
    static readonly Lazy<IReadOnlyList<SimulatedJourney>> Drawn = new(() => [.. new Generator(Options).Journeys()]);
    static readonly Lazy<SimulatedTruth> Truth = new(() => SimulatedTruth.Of(Options));

    public static TheoryData<int, string?> Groups => new(
        from pair in Enumerable.Range(0, 6)
        from name in new[] { null, "web-form", "outbound", "event", "enterprise" }
        select (pair, name));

    // With this seed each is within three standard errors.
    [Theory]
    [MemberData(nameof(Groups))]
    public void Is_what_journeys_that_are_drawn_come_to(int pair, string? group)
    {
        var journeys = Drawn.Value.Where(journey => group is null || journey.Channel.Name == group || journey.Segment.Name == group).ToList();
        var truth = Truth.Value.Find(group, pair);

        var (n, converted) = Naive.Count(journeys, pair, Options.Until);
        var error = Math.Sqrt(truth.Rate!.Value * (1 - truth.Rate.Value) / n);
        Assert.InRange((double)converted / n, truth.Rate.Value - (3 * error), truth.Rate.Value + (3 * error));
        Assert.InRange(Naive.Curve(journeys, pair, Options.Until), truth.Curve!.Value - (3 * error), truth.Curve.Value + (3 * error));
        var expected = truth.Cohort * Options.Journeys;
        Assert.InRange(n, expected - (3 * Math.Sqrt(expected)), expected + (3 * Math.Sqrt(expected)));
    }

    [Theory]
    [InlineData(10)] // a good month
    [InlineData(12)] // the worst one
    public void Knows_the_season(int month)
    {
        var options = Options with { Months = 2, Until = new DateTimeOffset(2025, month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(2) };
        var truth = SimulatedTruth.Of(options).Find(null, 0);

        var (n, converted) = Naive.Count(new Generator(options).Journeys(), 0, options.Until);
        var error = Math.Sqrt(truth.Rate!.Value * (1 - truth.Rate.Value) / n);
        Assert.InRange((double)converted / n, truth.Rate.Value - (3 * error), truth.Rate.Value + (3 * error));
    }

    // The last one is followed for 30 days only in its first half, and the one after it not at all.
    [Theory]
    [InlineData("2025-01-01")]
    [InlineData("2025-08-01")]
    [InlineData("2025-12-01")]
    [InlineData("2026-05-01")]
    public void Each_month_has_its_season(string first)
    {
        var options = Options with { Seed = 12, Until = Options.Until.AddDays(-15) };
        var month = DateTimeOffset.Parse($"{first}T00:00:00Z", CultureInfo.InvariantCulture);
        var truth = SimulatedTruth.Of(options).FindMonth(month);

        var (n, converted) = Naive.Count(
            new Generator(options).Journeys().Where(journey => journey.Rows[0].At >= month && journey.Rows[0].At < month.AddMonths(1)), 0, options.Until);
        var error = Math.Sqrt(truth.Rate!.Value * (1 - truth.Rate.Value) / n);
        Assert.InRange((double)converted / n, truth.Rate.Value - (3 * error), truth.Rate.Value + (3 * error));
        var expected = truth.Cohort * options.Journeys;
        Assert.InRange(n, expected - (3 * Math.Sqrt(expected)), expected + (3 * Math.Sqrt(expected)));
        Assert.Equal(new PairTruth(30, 0, null, null), SimulatedTruth.Of(options).FindMonth(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_kind_of_reps_has_its_own_pace(int kind)
    {
        var reps = SimulatedWorld.Reps[kind];
        var laws = SimulatedWorld.Channels.SelectMany(channel => SimulatedWorld.Segments.Select(segment => (channel, segment)))
            .ToDictionary(pair => pair, pair => new ClassFlow(pair.channel, pair.segment, reps, days: 60).LawOf((int)Stage.Sql).Converted[30]);
        var journeys = Drawn.Value
            .Where(journey => journey.Rows.Any(row => row.To == Stage.Sql && reps.Names.Contains(row.Rep) && row.At.AddDays(30) <= Options.Until)).ToList();

        var expected = journeys.Sum(journey => laws[(journey.Channel, journey.Segment)]);
        var (n, converted) = Naive.Count(journeys, (int)Stage.Sql, Options.Until);
        var truth = Truth.Value.Find(reps.Kind, (int)Stage.Sql).Rate!.Value;
        Assert.InRange((double)converted / n, truth - (3 * Math.Sqrt(truth * (1 - truth) / n)), truth + (3 * Math.Sqrt(truth * (1 - truth) / n)));
        Assert.InRange(converted, expected - (3 * Math.Sqrt(expected / 2)), expected + (3 * Math.Sqrt(expected / 2)));
    }

    // Sums of two log-normal times against the same by numeric integration.
    [Theory]
    [InlineData(1, 1.0, 6, 0.9, 20)]
    [InlineData(10, 0.8, 40, 0.7, 60)]
    [InlineData(1.5, 1.2, 1.2, 1.0, 14)]
    public void Sums_of_times_are_right_to_a_fraction_of_a_percent(double median, double spread, double nextMedian, double nextSpread, int days)
    {
        var sum = DelayGrid.Cumulate(DelayGrid.Sum(DelayGrid.OfLogNormal(median, spread, 200), DelayGrid.OfLogNormal(nextMedian, nextSpread, 200)))[days];

        const int steps = 20_000;
        var exact = Enumerable.Range(0, steps).Sum(step =>
            (DelayGrid.LogNormal((step + 1.0) * days / steps, median, spread) - DelayGrid.LogNormal((double)step * days / steps, median, spread))
            * DelayGrid.LogNormal(days - ((step + 0.5) * days / steps), nextMedian, nextSpread));
        Assert.Equal(exact, sum, 0.006);
    }
}
