namespace L2R.Metrics.Domain;

/// <summary>A 95% interval, both ends included.</summary>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The normal quantile of two-sided 95%.</summary>
    public const double Z = 1.959963984540054;
}

/// <summary>A share of journeys.</summary>
/// <param name="N">Of how many journeys.</param>
/// <param name="Value">0 to 1. Null where N is 0: <paramref name="Missing"/> then says why.</param>
/// <param name="Interval">Wilson's, 95%.</param>
public sealed record Rate(long Converted, long N, double? Value, Interval? Interval, string? Missing)
{
    /// <param name="whyMissing">What to say where <paramref name="n"/> is 0.</param>
    public static Rate Of(long converted, long n, string whyMissing) => n == 0
        ? new Rate(converted, n, null, null, whyMissing)
        : new Rate(converted, n, (double)converted / n, Wilson.Interval(converted, n), null);
}
