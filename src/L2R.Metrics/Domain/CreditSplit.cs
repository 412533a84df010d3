using System.Numerics;

namespace L2R.Metrics.Domain;

/// <summary>Shares a whole into parts without losing any of it.</summary>
public static class CreditSplit
{
    /// <summary>Billionths of one: the unit in which wins and amounts are shared.</summary>
    public const long One = 1_000_000_000;

    /// <summary>By largest remainder: what rounding down leaves goes, one by one, to the largest fractions, the earlier of equals first.</summary>
    /// <param name="whole">Of any sign.</param>
    /// <param name="weights">At least one, none below 0. All 0 count as equal.</param>
    /// <returns>One part for each weight; their sum is the whole.</returns>
    public static BigInteger[] ByWeight(BigInteger whole, IReadOnlyList<long> weights)
    {
        var sum = weights.Aggregate(BigInteger.Zero, (total, weight) => total + weight);
        if (sum.IsZero)
        {
            return ByWeight(whole, [.. weights.Select(_ => 1L)]);
        }
        var parts = new BigInteger[weights.Count];
        var remainders = new BigInteger[weights.Count];
        for (var index = 0; index < parts.Length; index++)
        {
            parts[index] = BigInteger.DivRem(BigInteger.Abs(whole) * weights[index], sum, out remainders[index]);
        }
        var left = (int)(BigInteger.Abs(whole) - parts.Aggregate(BigInteger.Zero, (total, part) => total + part));
        foreach (var index in Enumerable.Range(0, parts.Length).OrderByDescending(index => remainders[index]).Take(left))
        {
            parts[index]++;
        }
        return whole.Sign < 0 ? [.. parts.Select(part => -part)] : parts;
    }
}
