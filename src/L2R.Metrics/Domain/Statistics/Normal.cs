namespace L2R.Metrics.Domain.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    /// <summary>P(Z &lt;= z).</summary>
    /// <remarks>
    /// Within 4: the series z + z³/3 + z⁵/15 + … of Marsaglia, Evaluating the Normal Distribution, Journal of Statistical Software 11 (2004).
    /// Beyond: Laplace's continued fraction, which keeps the digits of a small tail.
    /// </remarks>
    public static double Below(double z)
    {
        if (z < -4)
        {
            return Tail(-z);
        }
        if (z > 4)
        {
            return 1 - Tail(z);
        }
        var (sum, term) = (z, z);
        for (var odd = 3; Math.Abs(term) > 1e-17; odd += 2)
        {
            term *= z * z / odd;
            sum += term;
        }
        return 0.5 + (sum * Density(z));
    }

    /// <summary>P(|Z| >= z), 0 to 1.</summary>
    /// <param name="z">0 or more.</param>
    public static double TwoSided(double z) => Math.Min(1, 2 * Below(-z));

    static double Tail(double z)
    {
        var fraction = z;
        for (var k = 60; k > 0; k--)
        {
            fraction = z + (k / fraction);
        }
        return Density(z) / fraction;
    }

    static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
}
