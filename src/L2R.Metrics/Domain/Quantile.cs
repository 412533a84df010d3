using System.Numerics;

namespace L2R.Metrics.Domain;

/// <summary>The one way in which this service takes quantiles.</summary>
public static class Quantile
{
    /// <summary>Linear interpolation between order statistics: PostgreSQL's <c>percentile_cont</c>, R's type 7.</summary>
    /// <remarks>Hyndman and Fan, Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), definition 7.</remarks>
    /// <param name="sorted">In ascending order.</param>
    /// <param name="share">0 to 1: 0.5 gives the median.</param>
    /// <returns>Null where there is nothing to take it of.</returns>
    public static double? Of(IReadOnlyList<long> sorted, double share) => Between(sorted.Count, share, index => sorted[index]);

    /// <summary>The same of shares or days.</summary>
    public static double? OfFigures(IReadOnlyList<double> sorted, double share) => Between(sorted.Count, share, index => sorted[index]);

    static double? Between(int count, double share, Func<int, double> sorted)
    {
        if (count == 0)
        {
            return null;
        }
        var position = share * (count - 1);
        var below = (int)Math.Floor(position);
        var above = (int)Math.Ceiling(position);
        return sorted(below) + ((position - below) * (sorted(above) - sorted(below)));
    }

    /// <summary>The same of values in any order, in a time that grows as their number. Puts them into another order.</summary>
    /// <remarks>Hoare, Algorithm 65: Find, Communications of the ACM 4 (1961); sorts what few are left.</remarks>
    /// <param name="share">0 to 1. From one call on the same values to the next it does not fall.</param>
    /// <param name="placed">0 at the first call: how many values on the left later calls need not look at.</param>
    public static double? Select(Span<long> values, double share, ref int placed)
    {
        if (values.Length == 0)
        {
            return null;
        }
        var position = share * (values.Length - 1);
        var below = (int)Math.Floor(position);
        Place(values[placed..], below - placed);
        placed = below;
        if (position == below)
        {
            return values[below];
        }
        var above = Least(values[(below + 1)..]);
        return values[below] + ((position - below) * ((double)above - values[below]));
    }

    /// <summary>Puts the value that has so many before it there, the smaller ones before it and the greater ones after it.</summary>
    static void Place(Span<long> values, int index)
    {
        const int few = 32;
        while (values.Length > few)
        {
            var pivot = Pivot(values, index);
            var below = MoveToFront(values, pivot);
            if (index < below)
            {
                values = values[..below];
                continue;
            }
            if (below == 0)
            {
                // The pivot is the least: then it and its equals go, so that each round leaves fewer.
                below = pivot == long.MaxValue ? values.Length : MoveToFront(values, pivot + 1);
                if (index < below)
                {
                    return;
                }
            }
            values = values[below..];
            index -= below;
        }
        values.Sort();
    }

    /// <summary>One of the values that about as many are smaller than as are wanted before the index: of a few it stands where the index does of all.</summary>
    static long Pivot(ReadOnlySpan<long> values, int index)
    {
        const int most = 15;
        const int enough = 512; // for so many values that a better pivot saves more than it costs
        Span<long> sample = stackalloc long[most];
        sample = sample[..(values.Length < enough ? 5 : most)];
        for (var taken = 0; taken < sample.Length; taken++)
        {
            sample[taken] = values[(int)((long)taken * (values.Length - 1) / (sample.Length - 1))];
        }
        sample.Sort();
        return sample[Math.Clamp((int)((long)index * sample.Length / values.Length), 1, sample.Length - 2)];
    }

    /// <summary>Brings the values below a bound to the front.</summary>
    /// <remarks>Every value is moved, and counted or not: a jump that nobody can foretell would cost more than the moves.</remarks>
    /// <returns>How many they are.</returns>
    static int MoveToFront(Span<long> values, long bound)
    {
        var below = 0;
        for (var index = 0; index < values.Length; index++)
        {
            var value = values[index];
            values[index] = values[below];
            values[below] = value;
            below += value < bound ? 1 : 0;
        }
        return below;
    }

    static long Least(ReadOnlySpan<long> values)
    {
        var least = long.MaxValue;
        var lanes = new Vector<long>(least);
        while (values.Length >= Vector<long>.Count)
        {
            lanes = Vector.Min(lanes, new Vector<long>(values));
            values = values[Vector<long>.Count..];
        }
        for (var lane = 0; lane < Vector<long>.Count; lane++)
        {
            least = Math.Min(least, lanes[lane]);
        }
        foreach (var value in values)
        {
            least = Math.Min(least, value);
        }
        return least;
    }
}
