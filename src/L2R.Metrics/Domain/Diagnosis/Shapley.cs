using System.Numerics;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>Divides what several changes do together among them, whatever order they are made in.</summary>
public static class Shapley
{
    /// <summary>Decimals of a value, those of an amount of money on the wire: on such a grid sums are exact up to 10¹⁸, in whatever order.</summary>
    public const int Decimals = 9;

    /// <summary>φ_x = Σ over the sets T without x of |T|!(n − 1 − |T|)!/n! · (V(T∪x) − V(T)).</summary>
    /// <remarks>Shapley, A Value for n-Person Games (1953). 2ⁿ values are taken.</remarks>
    /// <param name="count">n, 1 to 20.</param>
    /// <param name="value">V of a set, of at most <see cref="Decimals"/> decimals: bit x is set where change x is made.</param>
    /// <returns>One part for each change; they sum to V(all) − V(none) exactly.</returns>
    public static IReadOnlyList<decimal> Divide(int count, Func<uint, decimal> value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 20);
        decimal[] values = [.. Enumerable.Range(0, 1 << count).Select(set => value((uint)set))];
        var parts = new decimal[count];
        for (var x = 0; x < count; x++)
        {
            // Summed by size first, so that each size is divided once: n · (n − 1 over |T|) orders.
            var gains = new decimal[count];
            for (uint set = 0; set < values.Length; set++)
            {
                if ((set & (1u << x)) == 0)
                {
                    gains[BitOperations.PopCount(set)] += values[set | (1u << x)] - values[set];
                }
            }
            parts[x] = gains.Select((gain, size) => gain / (count * Choose(count - 1, size))).Sum();
            parts[x] = Math.Round(parts[x], Decimals);
        }

        // A third has no end in decimals: what rounding leaves goes to the largest part.
        var largest = Array.IndexOf(parts, parts.MaxBy(Math.Abs));
        parts[largest] += values[^1] - values[0] - parts.Sum();
        return parts;
    }

    static decimal Choose(int n, int k)
    {
        var result = 1m;
        for (var step = 1; step <= k; step++)
        {
            result = result * (n - k + step) / step;
        }
        return result;
    }
}
