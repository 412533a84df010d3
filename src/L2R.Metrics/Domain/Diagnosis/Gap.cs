namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>What a rate is measured against.</summary>
public enum Yardstick
{
    None,

    /// <summary>The target of the pair.</summary>
    Target,

    /// <summary>The target of the pair and the segment.</summary>
    SegmentTarget,

    /// <summary>What good segments reach: <see cref="PeerBenchmark"/>.</summary>
    PeerBenchmark,
}

/// <summary>What comes of a comparison.</summary>
public enum Finding
{
    NothingToCompare,
    NotEnoughData,
    AtOrAbove,

    /// <summary>Below, and no more than chance explains.</summary>
    WithinChance,

    /// <summary>Below by more than chance explains.</summary>
    Real,
}

/// <summary>A rate against what it should be.</summary>
/// <param name="Target">Where the yardstick is one.</param>
/// <param name="Aim">What the rate should be. Null without a yardstick.</param>
/// <param name="Actual">At the target's horizon; without a target the chain's.</param>
/// <param name="PValue">Of the score test. Null where there is nothing to compare, or not enough data.</param>
public sealed record Gap(Yardstick Yardstick, Target? Target, double? Aim, Rate Actual, double? PValue, Finding Finding)
{
    /// <summary>Under which a single test is taken for real.</summary>
    public const double Significant = 0.05;

    /// <summary>The rate less its aim: below 0 is short of it.</summary>
    public double? Value => Actual.Value - Aim;

    /// <summary>Whether the rate lies below its aim, and enough data says so.</summary>
    public bool IsBelow => Finding is Finding.WithinChance or Finding.Real;

    /// <summary>t/c of a rate below its aim. Null where nobody converted: not estimable. 1 where it does not lie below.</summary>
    public decimal? Factor => !IsBelow ? 1 : Actual.Converted == 0 ? null : (decimal)Aim!.Value * Actual.N / Actual.Converted;

    /// <summary>By a target.</summary>
    public static Gap Of(Target target, Rate actual) => Of(
        target.Details.Segment is null ? Yardstick.Target : Yardstick.SegmentTarget, target, ((Goal.Conversion)target.Details.Goal).Ratio, actual);

    /// <summary>By the benchmark of the segments; by nothing where there is none.</summary>
    public static Gap Of(double? benchmark, Rate chain) =>
        Of(benchmark is null ? Yardstick.None : Yardstick.PeerBenchmark, null, benchmark, chain);

    static Gap Of(Yardstick yardstick, Target? target, double? aim, Rate actual)
    {
        var p = aim is { } t ? ScoreTest.PValue(actual.Converted, actual.N, t) : null;
        return new(yardstick, target, aim, actual, p, (aim, p) switch
        {
            (null, _) => Finding.NothingToCompare,
            (_, null) => Finding.NotEnoughData,
            _ when actual.Value >= aim => Finding.AtOrAbove,
            _ => p < Significant ? Finding.Real : Finding.WithinChance,
        });
    }
}
