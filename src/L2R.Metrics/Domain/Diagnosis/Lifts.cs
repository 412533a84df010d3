namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>What V would be if conversions were higher: each way's won amount times the factors of the pairs that are lifted.</summary>
/// <param name="ways">Whose amounts sum to V.</param>
/// <param name="factorOf">By how much a pair of a way is lifted, by the pair's index: 1 or more. No conversion rises above 1.</param>
public sealed class Lifts(IReadOnlyList<Way> ways, Func<Way, int, decimal> factorOf)
{
    // The factors of each way, capped; 1 where there is nothing to lift.
    readonly decimal[][] _factors =
    [
        .. ways.Select(way => Enumerable.Range(0, Way.Pairs).Select(pair => way.Amount == 0 || way.Steps[pair].Converted == 0
            ? 1
            : Math.Min(factorOf(way, pair), (decimal)way.Steps[pair].N / way.Steps[pair].Converted)).ToArray()),
    ];

    /// <summary>V with some pairs lifted.</summary>
    public decimal Value(IReadOnlyCollection<int> pairs) => Math.Round(
        ways.Zip(_factors).Sum(way => pairs.Aggregate(way.First.Amount, (value, pair) => value * way.Second[pair])), Shapley.Decimals);

    /// <summary>What lifting one pair alone adds.</summary>
    public decimal Alone(int pair) => Value([pair]) - Value([]);

    /// <summary>Divides what lifting all of them adds.</summary>
    /// <param name="pairs">At least one.</param>
    /// <returns>In their order; the parts sum to V(all) − V exactly.</returns>
    public IReadOnlyList<decimal> Together(IReadOnlyList<int> pairs) =>
        Shapley.Divide(pairs.Count, set => Value([.. pairs.Where((_, index) => (set & (1u << index)) != 0)]));

    /// <summary>
    /// Of what lifting one pair adds. Per way V²(1 − c)/(nc) + impact²(Σ over later pairs (1 − c_j)/(n_j·c_j) + var(a)/(w·a²)), w journeys won.
    /// </summary>
    /// <returns>Null where fewer than two journeys are won. A way with one takes var(a)/a² from all of them.</returns>
    public double? StandardError(int pair)
    {
        if (Spread(ways.Sum(way => way.Won), ways.Sum(way => way.Amount), ways.Sum(way => way.SquaredAmounts)) is not { } spreadOfAll)
        {
            return null;
        }
        var variance = 0.0;
        foreach (var (way, factors) in ways.Zip(_factors).Where(way => way.Second[pair] > 1))
        {
            var (value, impact) = ((double)way.Amount, (double)(way.Amount * (factors[pair] - 1)));
            var later = Enumerable.Range(pair + 1, Way.Pairs - pair - 1).Sum(next => Relative(way.Steps[next]));
            var spread = Spread(way.Won, way.Amount, way.SquaredAmounts) ?? spreadOfAll;
            variance += (value * value * Relative(way.Steps[pair])) + (impact * impact * (later + (spread / way.Won)));
        }
        return Math.Sqrt(variance);
    }

    /// <summary>(1 − c)/(nc): the variance of a rate over its square.</summary>
    static double Relative((long Converted, long N) step) => (1.0 / step.Converted) - (1.0 / step.N);

    /// <summary>var(a)/a² of the amounts of journeys won.</summary>
    static double? Spread(long won, decimal amount, double squares)
    {
        if (won < 2 || amount == 0)
        {
            return null;
        }
        var mean = (double)amount / won;
        return Math.Max(0, squares - (won * mean * mean)) / (won - 1) / (mean * mean); // rounding may leave -1e-20
    }
}
