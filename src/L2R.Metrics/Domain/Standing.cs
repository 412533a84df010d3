namespace L2R.Metrics.Domain;

/// <summary>One figure that tells how things stand.</summary>
/// <param name="Goal">What it should be. Null: there is no target.</param>
public sealed record Standing(Pair Pair, Segment? Segment, Measure Measure, PeriodKind Period, Goal? Goal)
{
    // So that an agenda stays one.
    const int MostTargets = 50;

    static readonly Measure Usual = new Measure.Conversion(TimeSpan.FromDays(30));

    /// <summary>The figure of each target, and by the month the conversion within 30 days of each pair that has no target of its own.</summary>
    /// <param name="inForce">Of more than 50 the first 50.</param>
    public static IReadOnlyList<Standing> Of(IEnumerable<Target> inForce)
    {
        var targets = inForce.Take(MostTargets).Select(target => target.Details).ToList();
        return
        [
            .. Pair.All
                .Where(pair => !targets.Any(target => target is { Segment: null, Goal: Goal.Conversion } && target.Pair == pair))
                .Select(pair => new Standing(pair, null, Usual, PeriodKind.Month, null)),
            .. targets.Select(target => target.Goal switch
            {
                Goal.Conversion(_, var horizon) => new Standing(target.Pair, target.Segment, new Measure.Conversion(horizon), PeriodKind.Month, target.Goal),
                Goal.Velocity(_, var horizon) => new Standing(target.Pair, target.Segment, new Measure.Velocity(horizon), PeriodKind.Month, target.Goal),
                _ => new Standing(target.Pair, target.Segment, new Measure.Volume(), ((Goal.Volume)target.Goal).Period, target.Goal),
            }),
        ];
    }
}
