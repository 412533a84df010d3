using L2R.Metrics.Domain.Statistics;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>How a target in force stands. One of the three figures is there, by its goal.</summary>
/// <param name="NotUsed">Why no pair and no segment is measured by it. Null where one is.</param>
public sealed record TargetStanding(Target Target, Gap? Conversion, VelocityGap? Velocity, VolumeGap? Volume, string? NotUsed);

/// <summary>How many reached a stage against how many should.</summary>
/// <param name="Period">The last one that had ended by A.</param>
/// <param name="Count">Of the pair's second stage.</param>
public sealed record VolumeGap(Target Target, Period Period, long Count)
{
    public long Aim => ((Goal.Volume)Target.Details.Goal).ReachCount;

    /// <summary>Of the mean of which the count came, 95%.</summary>
    public Interval Interval { get; } = Poisson.Interval(Count);

    /// <summary>Real where the whole interval lies below.</summary>
    public Finding Finding => Count >= Aim ? Finding.AtOrAbove : Interval.High < Aim ? Finding.Real : Finding.WithinChance;
}
