namespace L2R.Metrics.Domain.Statistics;

/// <summary>How far a count may lie from what was to be expected.</summary>
public static class Poisson
{
    /// <summary>Up to here the interval is exact; beyond it Byar's approximation is off by less than 0.001.</summary>
    public const long Exact = 1_000;

    const double Tail = 0.025;

    /// <summary>The 95% interval of the mean of which a count came: below its lower end so many or more, above its upper end so few or fewer, come once in 40.</summary>
    /// <remarks>Garwood, Fiducial Limits for the Poisson Distribution, Biometrika 28 (1936); Byar's form of Wilson and Hilferty (1931) for large counts.</remarks>
    /// <param name="count">0 or more.</param>
    public static Interval Interval(long count)
    {
        if (count > Exact)
        {
            return new(Byar(count, -Domain.Interval.Z), Byar(count + 1, Domain.Interval.Z));
        }
        var wide = 10 + count + (6 * Math.Sqrt(count)); // surely beyond the upper end
        return new(
            count == 0 ? 0 : Solve(mean => 1 - AtMost(count - 1, mean), 0, count),
            Solve(mean => -AtMost(count, mean) + (2 * Tail), count, wide));
    }

    /// <summary>P(X &lt;= count), 0 to 1.</summary>
    /// <param name="mean">Over 0.</param>
    static double AtMost(long count, double mean)
    {
        // From the largest term down, so that none overflows.
        var largest = Math.Min(count, (long)mean);
        var log = -mean + (largest * Math.Log(mean));
        for (var k = 2; k <= largest; k++)
        {
            log -= Math.Log(k);
        }
        var first = Math.Exp(log);
        var (sum, term) = (first, first);
        for (var k = largest; k > 0 && term > 1e-18; k--)
        {
            sum += term *= k / mean;
        }
        term = first;
        for (var k = largest + 1; k <= count && term > 1e-18; k++)
        {
            sum += term *= mean / k;
        }
        return sum;
    }

    /// <summary>Where a growing function is a <see cref="Tail"/>.</summary>
    static double Solve(Func<double, double> grows, double low, double high)
    {
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = grows(middle) < Tail ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    static double Byar(double count, double z) => count * Math.Pow(1 - (1 / (9 * count)) + (z / (3 * Math.Sqrt(count))), 3);
}
