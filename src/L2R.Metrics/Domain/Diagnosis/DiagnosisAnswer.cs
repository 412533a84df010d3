namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>A question where the waterfall falls short.</summary>
/// <param name="Ways">The time of its scope is that of the journeys' starts.</param>
/// <param name="Targets">All that are in force.</param>
/// <param name="MaxSegments">How many of the worst segments to tell of. At least 1.</param>
public sealed record DiagnosisQuery(WaysQuery Ways, IReadOnlyList<Target> Targets, int MaxSegments)
{
    /// <summary>The tenant's own dimensions: segments of targets may be of them.</summary>
    public CustomDimensions Custom { get; init; } = CustomDimensions.None;

    /// <summary>Of each kind that a target of volume has, the last period that had ended by A.</summary>
    public IReadOnlyDictionary<PeriodKind, Period> LastPeriods { get; init; } = new Dictionary<PeriodKind, Period>();

    /// <summary>The conversion target of a pair.</summary>
    /// <param name="segment">Null: that of all journeys.</param>
    public Target? ConversionTarget(Pair pair, Segment? segment = null) => Targets.FirstOrDefault(
        target => target.Details.Pair == pair && target.Details.Segment == segment && target.Details.Goal is Goal.Conversion);

    /// <summary>The velocity target of a pair, of all journeys.</summary>
    public Target? VelocityTarget(Pair pair) => Targets.FirstOrDefault(
        target => target.Details.Pair == pair && target.Details.Segment is null && target.Details.Goal is Goal.Velocity);
}

/// <summary>A median against a target.</summary>
/// <param name="N">Journeys that converted within the target's horizon, neither end inferred.</param>
/// <param name="Median">Null where there are fewer than <see cref="CurveQuantiles.Enough"/>.</param>
/// <param name="ADay">What each day gained pulls forward, once: V over the days of the period. Null where the period has no length.</param>
public sealed record VelocityGap(Target Target, int N, TimeSpan? Median, decimal? ADay)
{
    public Goal.Velocity Aim => (Goal.Velocity)Target.Details.Goal;

    /// <summary>How much longer than the target it takes, 0 or more. Null without a median.</summary>
    public TimeSpan? Excess => Median is { } median ? TimeSpan.FromTicks(Math.Max(0, (median - Aim.Median).Ticks)) : null;

    public decimal? PulledForward => Excess is { } excess ? ADay * (decimal)excess.TotalDays : null;
}

/// <param name="Chain">The chain conversion of all journeys.</param>
/// <param name="NoLever">Why closing the gap has no price. Null where it has.</param>
/// <param name="Velocity">Where there is a velocity target.</param>
public sealed record PairDiagnosis(Pair Pair, Rate Chain, Gap Gap, string? NoLever, VelocityGap? Velocity);

/// <param name="Value">Null: unknown.</param>
/// <param name="Impact">Of lifting this segment alone to its aim. Null where it cannot be estimated.</param>
public sealed record SegmentDiagnosis(Pair Pair, string? Value, Rate Chain, Gap Gap, decimal? Impact);

/// <summary>What closing the gap of one pair adds to V.</summary>
/// <param name="Alone">With this gap alone closed.</param>
/// <param name="StandardError">Of <paramref name="Alone"/>. Null where fewer than two journeys are won.</param>
/// <param name="Together">Its Shapley part of closing all of them.</param>
public sealed record Lever(Pair Pair, decimal Alone, double? StandardError, decimal Together)
{
    const double Cautious = 1.28; // the normal quantile of 90%

    public decimal? AtLeast => StandardError is { } error ? Alone - (decimal)(Cautious * error) : null;
}

/// <param name="Pairs">The five adjacent ones.</param>
/// <param name="Segments">The worst.</param>
/// <param name="Tested">Segments of all pairs that were tested.</param>
/// <param name="Untested">Segments of all pairs with something to compare and not enough data.</param>
/// <param name="Levers">What to fix first.</param>
/// <param name="Targets">Every one that is in force.</param>
public sealed record DiagnosisAnswer(
    RevenueOfPeriod Revenue,
    IReadOnlyList<PairDiagnosis> Pairs,
    IReadOnlyList<SegmentDiagnosis> Segments,
    int Tested,
    int Untested,
    IReadOnlyList<Lever> Levers,
    IReadOnlyList<TargetStanding> Targets)
{
    public decimal AllTogether => Levers.Sum(lever => lever.Together);
}
