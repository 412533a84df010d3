namespace L2R.Cli.Simulation;

/// <summary>Intervals of several shares that all cover what is true in at least 95 of 100 simulations: each leaves out its part of the 5%.</summary>
/// <remarks>
/// Bonferroni's parts: they hold however the shares hang together. Of a rate the interval is Clopper and Pearson's, The Use of Confidence or
/// Fiducial Limits, Biometrika 26 (1934): so far out Wilson's leaves out several times its part where few have converted.
/// </remarks>
static class Simultaneous
{
    const double Error = 0.05;
    const double Invisible = 1e-18;
    const int Halvings = 60;

    /// <summary>The probabilities under which neither so few nor so many would convert less often than the part allows.</summary>
    /// <param name="count">How many shares are judged together.</param>
    public static (double Low, double High) OfRate(long converted, long n, int count) => (LowEnd(converted, n, count), 1 - LowEnd(n - converted, n, count));

    /// <summary>A 95% interval on the log-log scale, which says what the standard error is, made as much wider as it must be.</summary>
    public static (double Low, double High) OfCurve(double ratio, double low, double high, int count)
    {
        // 1 − (1 − F)^exp(±z·s): the quotient of the logarithms of both ends is exp(2·z·s).
        var wider = Math.Pow(Math.Log(1 - high) / Math.Log(1 - low), Normal(count) / (2 * Normal(count: 1)));
        return (1 - Math.Pow(1 - ratio, 1 / wider), 1 - Math.Pow(1 - ratio, wider));
    }

    static double LowEnd(long converted, long n, int count) => converted == 0 ? 0 : Find(0, 1, probability => AtLeast(converted, n, probability) < Error / count / 2);

    /// <summary>How many standard errors to each side.</summary>
    static double Normal(int count) => Find(0, 8, z => DelayGrid.Normal(-z) > Error / count / 2);

    /// <summary>Where something that holds at the low end holds no more.</summary>
    static double Find(double low, double high, Func<double, bool> holds)
    {
        for (var halving = 0; halving < Halvings; halving++)
        {
            var middle = (low + high) / 2;
            (low, high) = holds(middle) ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    /// <summary>The probability that at least <paramref name="least"/> of <paramref name="n"/> convert, each with the same probability.</summary>
    static double AtLeast(long least, long n, double probability)
    {
        // Relative to the most probable number, and from there to both sides as far as anything can be seen: no factorial is needed.
        var (odds, mode) = (probability / (1 - probability), (long)(n * probability));
        var (all, reached) = (1.0, mode >= least ? 1.0 : 0.0);
        for (var (k, mass) = (mode, 1.0); k < n && mass > Invisible; k++)
        {
            Add(k + 1, mass *= (n - k) / (k + 1.0) * odds);
        }
        for (var (k, mass) = (mode, 1.0); k > 0 && mass > Invisible; k--)
        {
            Add(k - 1, mass *= k / (n - k + 1.0) / odds);
        }
        return reached / all;

        void Add(long k, double mass)
        {
            all += mass;
            reached += k >= least ? mass : 0;
        }
    }
}
