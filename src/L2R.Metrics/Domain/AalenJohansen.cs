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
    /// <summary>One instant at which anybody converted or ended.</summary>
    /// <param name="N">At risk just before.</param>
    /// <param name="Conversions">d.</param>
    /// <param name="Events">D: conversions and ends.</param>
    /// <param name="Survival">S just before: the share to which nothing had happened.</param>
    /// <param name="Incidence">F, this instant included.</param>
    public readonly record struct Step(long Time, double N, double Conversions, double Events, double Survival, double Incidence)
    {
        /// <summary>S just after.</summary>
        public double SurvivalAfter => Survival * (N - Events) / N;
    }

    /// <summary>Estimates F at <paramref name="times"/>, in one pass over all that happened.</summary>
    /// <param name="conversions">Times to conversion in ticks, of those who converted. Sorted in place, as are the next two.</param>
    /// <param name="ends">Times to the exit that stands, of those who ended without converting.</param>
    /// <param name="censored">How long the others have been followed. At equal times events come first.</param>
    public static IReadOnlyList<CurvePoint> Estimate(
        List<long> conversions, List<long> ends, List<long> censored, IReadOnlyList<TimeSpan> times)
    {
        Ascending.Sort(conversions);
        Ascending.Sort(ends);
        Ascending.Sort(censored);
        var points = new CurvePoint[times.Count];
        using var walk = new Walk(Steps(conversions, ends, censored));
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

    /// <summary>Every instant at which anybody converted or ended, by time.</summary>
    /// <param name="conversions">Sorted, as are the next two.</param>
    /// <param name="beyond">How many more are at risk all the time.</param>
    public static IEnumerable<Step> Steps(List<long> conversions, List<long> ends, List<long> censored, long beyond = 0)
    {
        var (survival, incidence) = (1.0, 0.0);
        var (converted, ended, lost) = (0, 0, 0);
        while (converted < conversions.Count || ended < ends.Count)
        {
            var time = Math.Min(
                converted < conversions.Count ? conversions[converted] : long.MaxValue,
                ended < ends.Count ? ends[ended] : long.MaxValue);
            while (lost < censored.Count && censored[lost] < time)
            {
                lost++;
            }
            double n = conversions.Count - converted + ends.Count - ended + censored.Count - lost + beyond;
            double d = Advance(conversions, ref converted, time);
            var events = d + Advance(ends, ref ended, time);
            incidence += survival * d / n;
            var step = new Step(time, n, d, events, survival, incidence);
            survival = step.SurvivalAfter;
            yield return step;
        }
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

    /// <summary>The curve up to an instant that moves on.</summary>
    /// <remarks>
    /// Of the variance Σ (F − F_j)² a_j + Σ c_j − 2 Σ (F − F_j) b_j the sums over a, b and c, and those with F_j in them, are kept, so that F may be that of any
    /// instant: a_j = D_j/(n_j(n_j − D_j)), b_j = S_j d_j/n_j², c_j = S_j² d_j(n_j − d_j)/n_j³.
    /// </remarks>
    sealed class Walk(IEnumerable<Step> steps) : IDisposable
    {
        readonly IEnumerator<Step> _steps = steps.GetEnumerator();
        bool _isAhead; // at a step that does not count yet
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
            while ((_isAhead || _steps.MoveNext()) && !(_isAhead = _steps.Current.Time > until))
            {
                Add(_steps.Current);
            }
        }

        public void Dispose() => _steps.Dispose();

        void Add(in Step step)
        {
            var (_, n, d, events, survival, incidence) = step;
            Incidence = incidence;
            var (a, b) = (n == events ? 0 : events / (n * (n - events)), survival * d / (n * n));
            _a += a;
            _aF += a * incidence;
            _aFF += a * incidence * incidence;
            _b += b;
            _bF += b * incidence;
            _c += survival * survival * d * (n - d) / (n * n * n);
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
