namespace L2R.Metrics.Domain;

/// <summary>The share that has converted by a time, where those still open are followed as far as they go.</summary>
/// <param name="Value">F(t), 0 to 1. Null where nobody was followed.</param>
/// <param name="StandardError">Of <paramref name="Value"/>.</param>
/// <param name="Interval">95%, on the log-log scale. Null where F is 0 or 1: the scale has no such point.</param>
/// <param name="AtRisk">How many were followed up to that time, and neither converted nor ended before it.</param>
public sealed record CurvePoint(TimeSpan Time, double? Value, double? StandardError, Interval? Interval, long AtRisk);

/// <summary>Cumulative incidence of conversion, with ending otherwise as the competing event.</summary>
/// <remarks>
/// Aalen and Johansen, An Empirical Transition Matrix for Non-Homogeneous Markov Chains Based on Censored Observations, Scandinavian
/// Journal of Statistics 5 (1978). Variance: Marubini and Valsecchi, Analysing Survival Data from Clinical Trials and Observational
/// Studies (1995), chapter 10; log-log interval: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data (2002).
/// </remarks>
public static class AalenJohansen
{
    /// <summary>Estimates F at <paramref name="times"/>, in one pass over all that happened.</summary>
    /// <param name="conversions">Times to conversion in ticks, of those who converted. Sorted in place, as are the next two.</param>
    /// <param name="ends">Times to the exit that stands, of those who ended without converting.</param>
    /// <param name="censored">How long the others have been followed. At equal times events come first.</param>
    public static IReadOnlyList<CurvePoint> Estimate(
        List<long> conversions, List<long> ends, List<long> censored, IReadOnlyList<TimeSpan> times)
    {
        conversions.Sort();
        ends.Sort();
        censored.Sort();
        var points = new CurvePoint[times.Count];
        var walk = new Walk(conversions, ends, censored);
        foreach (var index in Enumerable.Range(0, times.Count).OrderBy(index => times[index]))
        {
            var time = times[index];
            var atRisk = CountFrom(conversions, time.Ticks) + CountFrom(ends, time.Ticks) + CountFrom(censored, time.Ticks);
            walk.GoTo(time.Ticks);
            points[index] = conversions.Count + ends.Count + censored.Count == 0
                ? new CurvePoint(time, null, null, null, 0)
                : new CurvePoint(time, walk.Incidence, walk.StandardError, LogLog(walk.Incidence, walk.StandardError), atRisk);
        }
        return points;
    }

    /// <summary>The curve up to an instant that moves on.</summary>
    /// <remarks>
    /// Of the variance Σ (F − F_j)² a_j + Σ c_j − 2 Σ (F − F_j) b_j the sums over a, b and c, and those with F_j in them, are kept, so that F may be that of any
    /// instant: a_j = D_j/(n_j(n_j − D_j)), b_j = S_j d_j/n_j², c_j = S_j² d_j(n_j − d_j)/n_j³.
    /// </remarks>
    sealed class Walk(List<long> conversions, List<long> ends, List<long> censored)
    {
        int _converted;
        int _ended;
        int _lost;
        double _survival = 1;
        double _a;
        double _aF;
        double _aFF;
        double _b;
        double _bF;
        double _c;

        public double Incidence { get; private set; }

        // Rounding may leave -1e-20.
        public double StandardError => Math.Sqrt(Math.Max(
            0, (Incidence * Incidence * _a) - (2 * Incidence * _aF) + _aFF + _c - (2 * ((Incidence * _b) - _bF))));

        /// <param name="until">Ticks, included.</param>
        public void GoTo(long until)
        {
            while (true)
            {
                var time = Math.Min(
                    _converted < conversions.Count ? conversions[_converted] : long.MaxValue,
                    _ended < ends.Count ? ends[_ended] : long.MaxValue);
                if (time > until || (_converted == conversions.Count && _ended == ends.Count))
                {
                    return;
                }
                while (_lost < censored.Count && censored[_lost] < time)
                {
                    _lost++;
                }
                Step(time);
            }
        }

        /// <summary>An instant at which anybody converted or ended.</summary>
        void Step(long time)
        {
            double n = conversions.Count - _converted + ends.Count - _ended + censored.Count - _lost; // at risk just before
            double d = Advance(conversions, ref _converted, time);
            var events = d + Advance(ends, ref _ended, time);
            Incidence += _survival * d / n;
            var (a, b) = (n == events ? 0 : events / (n * (n - events)), _survival * d / (n * n));
            _a += a;
            _aF += a * Incidence;
            _aFF += a * Incidence * Incidence;
            _b += b;
            _bF += b * Incidence;
            _c += _survival * _survival * d * (n - d) / (n * n * n);
            _survival *= (n - events) / n;
        }

        /// <summary>Moves past every entry at <paramref name="time"/>, and counts them.</summary>
        static int Advance(List<long> sorted, ref int index, long time)
        {
            var start = index;
            while (index < sorted.Count && sorted[index] == time)
            {
                index++;
            }
            return index - start;
        }
    }

    static Interval? LogLog(double incidence, double error)
    {
        if (incidence is <= 0 or >= 1)
        {
            return null;
        }
        var left = 1 - incidence;
        var width = Interval.Z * error / (left * Math.Abs(Math.Log(left)));
        return new Interval(1 - Math.Pow(left, Math.Exp(-width)), 1 - Math.Pow(left, Math.Exp(width)));
    }

    /// <summary>How many times are not before another one.</summary>
    internal static long CountFrom(List<long> sorted, long time)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < time ? (middle + 1, high) : (low, middle);
        }
        return sorted.Count - low;
    }
}
