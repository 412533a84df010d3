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
            var pivot = MedianOf(values[0], values[values.Length / 2], values[^1]);
            var (left, right) = (0, values.Length - 1);
            while (left <= right)
            {
                while (values[left] < pivot)
                {
                    left++;
                }
                while (values[right] > pivot)
                {
                    right--;
                }
                if (left <= right)
                {
                    (values[left], values[right]) = (values[right], values[left]);
                    left++;
                    right--;
                }
            }
            if (index <= right)
            {
                values = values[..(right + 1)];
            }
            else if (index >= left)
            {
                values = values[left..];
                index -= left;
            }
            else
            {
                return;
            }
        }
        values.Sort();
    }

    static long MedianOf(long a, long b, long c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));

    static long Least(ReadOnlySpan<long> values)
    {
        var least = long.MaxValue;
        foreach (var value in values)
        {
            least = Math.Min(least, value);
        }
        return least;
    }
}
