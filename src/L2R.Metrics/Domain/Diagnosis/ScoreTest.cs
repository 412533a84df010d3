using L2R.Metrics.Domain.Statistics;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>Whether a rate lies below its target by more than chance explains: one-sided, z = (c − t)/√(t(1 − t)/n).</summary>
public static class ScoreTest
{
    const long LeastJourneys = 30;
    const double LeastExpected = 5;

    /// <param name="target">t, 0 to 1.</param>
    /// <returns>The p-value; null where there is not enough data: n under 30, or n·min(t, 1 − t) under 5.</returns>
    public static double? PValue(long converted, long n, double target)
    {
        if (n < LeastJourneys || n * Math.Min(target, 1 - target) < LeastExpected)
        {
            return null;
        }
        return Normal.Below((((double)converted / n) - target) / Math.Sqrt(target * (1 - target) / n));
    }
}
