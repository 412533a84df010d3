namespace L2R.Metrics.Domain;

/// <summary>Quantiles of the curve of conversion: those still open count for as long as they have been followed.</summary>
/// <param name="N">Journeys of the cohort.</param>
/// <param name="Median">F⁻¹(½). Null where the curve stays below.</param>
/// <param name="Followed">τ, the longest time for which <see cref="Enough"/> journeys have been followed. Null where there are fewer.</param>
/// <param name="Incidence">F(τ). Null without τ.</param>
/// <param name="MedianByFollowed">F⁻¹(½F(τ)): of those who convert by τ. Null where F(τ) is 0.</param>
public sealed record CurveQuantiles(long N, TimeSpan? Median, TimeSpan? Followed, double? Incidence, TimeSpan? MedianByFollowed)
{
    /// <summary>How many must be mature for the curve to be read so far.</summary>
    public const int Enough = 30;

    // Sums of shares miss a share such as ½ by an ulp or so.
    const double Rounding = 1e-12;

    /// <summary>F⁻¹(p) = the earliest t with F(t) >= p, F as <see cref="AalenJohansen"/> has it.</summary>
    /// <param name="conversions">Times to conversion in ticks, of those who converted. Sorted in place, as are the next two.</param>
    /// <param name="ends">Times to the exit that stands, of those who ended without converting.</param>
    /// <param name="censored">How long the others have been followed.</param>
    /// <param name="followed">How long each of them all has been followed, whatever came of it.</param>
    public static CurveQuantiles Of(List<long> conversions, List<long> ends, List<long> censored, List<long> followed)
    {
        Ascending.Sort(conversions);
        Ascending.Sort(ends);
        Ascending.Sort(censored);

        List<AalenJohansen.Step> curve = [.. AalenJohansen.Steps(conversions, ends, censored).Where(step => step.Conversions > 0)];
        TimeSpan? Inverse(double share)
        {
            var index = curve.FindIndex(point => point.Incidence >= share - Rounding);
            return index < 0 ? null : TimeSpan.FromTicks(curve[index].Time);
        }

        if (followed.Count < Enough)
        {
            return new(followed.Count, Inverse(0.5), null, null, null);
        }
        var tau = Greatest(followed, Enough);
        var incidence = curve.LastOrDefault(point => point.Time <= tau).Incidence;
        return new(followed.Count, Inverse(0.5), TimeSpan.FromTicks(tau), incidence, incidence > 0 ? Inverse(incidence / 2) : null);
    }

    /// <summary>The value that has so many at or above it, itself included.</summary>
    static long Greatest(List<long> values, int count)
    {
        var greatest = new PriorityQueue<long, long>(count);
        foreach (var value in values)
        {
            if (greatest.Count < count)
            {
                greatest.Enqueue(value, value);
            }
            else if (value > greatest.Peek())
            {
                greatest.EnqueueDequeue(value, value);
            }
        }
        return greatest.Peek();
    }
}
