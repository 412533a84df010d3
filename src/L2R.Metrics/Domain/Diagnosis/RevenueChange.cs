namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>What changed the expected revenue V = Σ N·m·Πc·a between two periods, in parts that sum to the change exactly.</summary>
/// <param name="Volume">N: more or fewer journeys.</param>
/// <param name="Mix">m: other segments, or other starting stages.</param>
/// <param name="Conversions">c of each of the five pairs.</param>
/// <param name="DealSize">a: won amount per won journey.</param>
public sealed record RevenueChange(decimal Before, decimal After, decimal Volume, decimal Mix, IReadOnlyList<decimal> Conversions, decimal DealSize)
{
    const int Pairs = Way.Pairs;

    /// <summary>Compares two periods. A way, rate or amount that one of them lacks is taken from the other.</summary>
    public static RevenueChange Between(IReadOnlyList<Way> before, IReadOnlyList<Way> after)
    {
        (Way? Old, Way? New)[] ways = [.. before.Concat(after).Select(way => (way.Value, way.Start)).Distinct().Select(key =>
            (before.FirstOrDefault(way => (way.Value, way.Start) == key), after.FirstOrDefault(way => (way.Value, way.Start) == key)))];
        var (oldCount, newCount) = (before.Sum(way => way.Journeys), after.Sum(way => way.Journeys));
        Factor[] factors = [.. ways.Select(way => new Factor(way.Old, way.New, oldCount, newCount))];

        decimal Value(uint set) => Math.Round(factors.Sum(factor => factor.Value(set, IsNew(set, 0) ? newCount : oldCount)), Shapley.Decimals);
        var parts = Shapley.Divide(Pairs + 3, Value);
        return new(Value(0), Value((1u << (Pairs + 3)) - 1), parts[0], parts[1], [.. parts.Skip(2).Take(Pairs)], parts[^1]);
    }

    static bool IsNew(uint set, int index) => (set & (1u << index)) != 0;

    /// <summary>One way in both periods: index 0 is the old one.</summary>
    sealed class Factor(Way? before, Way? after, long oldCount, long newCount)
    {
        readonly decimal?[] _share = Both(Ratio(before?.Journeys ?? 0, oldCount), Ratio(after?.Journeys ?? 0, newCount));
        readonly decimal?[][] _rates = [.. Enumerable.Range(0, Pairs).Select(pair => Both(Rate(before, pair), Rate(after, pair)))];
        readonly decimal?[] _amount = Both(AmountEach(before), AmountEach(after));

        public decimal Value(uint set, long journeys)
        {
            var value = journeys * (_share[IsNew(set, 1) ? 1 : 0] ?? 0) * (_amount[IsNew(set, Pairs + 2) ? 1 : 0] ?? 0);
            for (var pair = 0; pair < Pairs; pair++)
            {
                value *= _rates[pair][IsNew(set, pair + 2) ? 1 : 0] ?? 1; // above the start in both: no step of this way
            }
            return value;
        }

        static decimal? Rate(Way? way, int pair) => way is null ? null : Ratio(way.Steps[pair].Converted, way.Steps[pair].N);

        static decimal? AmountEach(Way? way) => way is null || way.Won == 0 ? null : way.Amount / way.Won;

        static decimal? Ratio(long part, long whole) => whole == 0 ? null : (decimal)part / whole;

        static decimal?[] Both(decimal? old, decimal? other) => [old ?? other, other ?? old];
    }
}
