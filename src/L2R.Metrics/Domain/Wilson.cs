namespace L2R.Metrics.Domain;

/// <summary>The score interval of a binomial share.</summary>
public static class Wilson
{
    /// <summary>(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n), at 95%.</summary>
    /// <remarks>
    /// Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927). Unlike p ± z·se it stays within
    /// 0 and 1, and says something where all or none converted.
    /// </remarks>
    /// <param name="converted">0 to <paramref name="n"/>.</param>
    /// <param name="n">At least 1.</param>
    public static Interval Interval(long converted, long n)
    {
        const double z2 = Domain.Interval.Z * Domain.Interval.Z;
        var p = (double)converted / n;
        var centre = p + (z2 / (2 * n));
        var half = Domain.Interval.Z * Math.Sqrt((p * (1 - p) / n) + (z2 / (4.0 * n * n)));
        var scale = 1 + (z2 / n);

        // At the ends the bound is the share itself; rounding would miss it by an ulp.
        return new Interval(
            converted == 0 ? 0 : (centre - half) / scale,
            converted == n ? 1 : (centre + half) / scale);
    }
}
