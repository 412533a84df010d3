using L2R.Cli.Simulation;

namespace L2R.Cli.Tests.Simulation;

public sealed class SimulatedTruthTests
{
    static readonly SimulationOptions Options = new(30_000, Months: 18, Seed: 11, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
    static readonly Lazy<IReadOnlyList<SimulatedJourney>> Drawn = new(() => [.. new Generator(Options).Journeys()]);
    static readonly Lazy<SimulatedTruth> Truth = new(() => SimulatedTruth.Of(Options));

    public static TheoryData<int, string?> Groups => new(
        from pair in Enumerable.Range(0, 6)
        from channel in new[] { null, "web-form", "outbound", "event" }
        select (pair, channel));

    // With this seed each is within three standard errors, which are a few times larger than what a wrong formula would make of it.
    [Theory]
    [MemberData(nameof(Groups))]
    public void Is_what_journeys_that_are_drawn_come_to(int pair, string? channel)
    {
        var journeys = Drawn.Value.Where(journey => channel is null || journey.Channel.Name == channel).ToList();
        var truth = Truth.Value.Find(channel, pair);

        var (n, converted) = Naive.Count(journeys, pair, Options.Until);
        var error = Math.Sqrt(truth.Rate!.Value * (1 - truth.Rate.Value) / n);
        Assert.InRange((double)converted / n, truth.Rate.Value - (3 * error), truth.Rate.Value + (3 * error));
        Assert.InRange(Naive.Curve(journeys, pair, Options.Until), truth.Curve!.Value - (3 * error), truth.Curve.Value + (3 * error));
    }
}
