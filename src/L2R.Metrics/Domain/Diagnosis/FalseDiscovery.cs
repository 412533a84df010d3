namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>Of many tests, those that are taken for real.</summary>
/// <remarks>Benjamini and Hochberg, Controlling the False Discovery Rate, Journal of the Royal Statistical Society B 57 (1995).</remarks>
public static class FalseDiscovery
{
    /// <summary>The share of false ones among those that are taken for real.</summary>
    public const double Rate = 0.1;

    /// <summary>The largest k for which the k-th smallest p-value is at most k/m of <see cref="Rate"/>: it and all smaller ones.</summary>
    /// <returns>For each p-value, in their order, whether it is taken for real.</returns>
    public static IReadOnlyList<bool> Find(IReadOnlyList<double> pValues)
    {
        var limit = -1.0;
        foreach (var (index, p) in pValues.Order().Index())
        {
            if (p <= Rate * (index + 1) / pValues.Count)
            {
                limit = p;
            }
        }
        return [.. pValues.Select(p => p <= limit)];
    }
}
