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

    /// <summary>Estimates F at <paramref name="times"/>.</summary>
    /// <param name="conversions">Times to conversion in ticks, of those who converted. Sorted in place, as are the next two.</param>
    /// <param name="ends">Times to the exit that stands, of those who ended without converting.</param>
    /// <param name="censored">How long the others have been followed. At equal times events come first.</param>
    public static IReadOnlyList<CurvePoint> Estimate(
        List<long> conversions, List<long> ends, List<long> censored, IReadOnlyList<TimeSpan> times)
    {
        conversions.Sort();
        ends.Sort();
        censored.Sort();
        var steps = Steps(conversions, ends, censored);

        return [.. times.Select(time =>
        {
            var atRisk = CountFrom(conversions, time.Ticks) + CountFrom(ends, time.Ticks) + CountFrom(censored, time.Ticks);
            return conversions.Count + ends.Count + censored.Count == 0
                ? new CurvePoint(time, null, null, null, 0)
                : Point(time, steps.TakeWhile(step => step.Time <= time.Ticks), atRisk);
        })];
    }

    /// <summary>Every instant at which anybody converted or ended, by time.</summary>
    /// <param name="conversions">Sorted, as are the next two.</param>
    public static List<Step> Steps(List<long> conversions, List<long> ends, List<long> censored)
    {
        var steps = new List<Step>();
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

            double n = conversions.Count - converted + ends.Count - ended + censored.Count - lost;
            double d = Advance(conversions, ref converted, time);
            var events = d + Advance(ends, ref ended, time);
            incidence += survival * d / n;
            steps.Add(new Step(time, n, d, events, survival, incidence));
            survival = steps[^1].SurvivalAfter;
        }
        return steps;
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

    static CurvePoint Point(TimeSpan time, IEnumerable<Step> until, long atRisk)
    {
        List<Step> steps = [.. until];
        var incidence = steps.Count > 0 ? steps[^1].Incidence : 0;
        var variance = 0.0;
        foreach (var (_, n, d, events, survival, sofar) in steps)
        {
            var rest = incidence - sofar;
            variance += n == events ? 0 : rest * rest * events / (n * (n - events));
            variance += survival * survival * d * (n - d) / (n * n * n);
            variance -= 2 * rest * survival * d / (n * n);
        }

        var error = Math.Sqrt(Math.Max(0, variance)); // rounding may leave -1e-20
        return new CurvePoint(time, incidence, error, LogLog(incidence, error), atRisk);
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

    /// <summary>How many of some sorted times are not before one.</summary>
    public static long CountFrom(List<long> sorted, long time)
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
