namespace L2R.Metrics.Domain;

/// <summary>The one way in which this service takes quantiles.</summary>
public static class Quantile
{
    /// <summary>Linear interpolation between order statistics: PostgreSQL's <c>percentile_cont</c>, R's type 7.</summary>
    /// <remarks>Hyndman and Fan, Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), definition 7.</remarks>
    /// <param name="sorted">In ascending order.</param>
    /// <param name="share">0 to 1: 0.5 gives the median.</param>
    /// <returns>Null where there is nothing to take it of.</returns>
    public static double? Of(IReadOnlyList<long> sorted, double share)
    {
        if (sorted.Count == 0)
        {
            return null;
        }
        var position = share * (sorted.Count - 1);
        var below = (int)Math.Floor(position);
        var above = (int)Math.Ceiling(position);
        return sorted[below] + ((position - below) * ((double)sorted[above] - sorted[below]));
    }
}
