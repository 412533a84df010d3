namespace L2R.Metrics.Domain;

/// <summary>How touches follow each other until a win or the end, as a Markov chain of order 1.</summary>
/// <remarks>
/// Anderl, Becker, von Wangenheim, Schumann, Mapping the customer journey, International Journal of Research in Marketing 33 (2016). Removing
/// a value sends who comes to it to the end, so P(win without c) = P(win) − P(ever at c) · P(win from c).
/// </remarks>
public sealed class MarkovChain
{
    const string Start = "\0start";
    readonly Dictionary<string, int> _states = new(StringComparer.Ordinal) { [Start] = 0 };
    readonly Dictionary<(int From, int To), long> _moves = [];
    readonly Dictionary<int, long> _wins = [];
    readonly Dictionary<int, long> _visits = [];

    /// <param name="values">Of one path, in the order of time. At least one.</param>
    /// <param name="count">How many such paths there are.</param>
    public void Add(IEnumerable<string> values, bool isWon, long count = 1)
    {
        var at = 0;
        foreach (var value in values)
        {
            if (!_states.TryGetValue(value, out var next))
            {
                _states.Add(value, next = _states.Count);
            }
            Count(_moves, (at, next), count);
            Count(_visits, at, count);
            at = next;
        }
        Count(_visits, at, count);
        Count(_wins, at, isWon ? count : 0);
    }

    /// <returns>By value, 1 − P(win without it) / P(win), from 0 to 1; 0 where nothing was won.</returns>
    public IReadOnlyDictionary<string, double> RemovalEffects()
    {
        var visits = Inverse();
        var size = _states.Count;
        var win = new double[size];
        for (var from = 0; from < size; from++)
        {
            for (var last = 0; last < size; last++)
            {
                win[from] += visits[from, last] * Share(_wins.GetValueOrDefault(last), last);
            }
        }
        return _states.Where(state => state.Value > 0).ToDictionary(
            state => state.Key,
            state => win[0] > 0 ? Math.Clamp(visits[0, state.Value] / visits[state.Value, state.Value] * win[state.Value] / win[0], 0, 1) : 0,
            StringComparer.Ordinal);
    }

    double Share(long count, int of) => _visits.GetValueOrDefault(of) is var visits and > 0 ? (double)count / visits : 0;

    /// <summary>(I − Q)⁻¹ by Gauss and Jordan: the expected visits to each state. No pivoting: I − Q is diagonally dominant.</summary>
    double[,] Inverse()
    {
        var size = _states.Count;
        var (left, right) = (new double[size, size], new double[size, size]);
        for (var index = 0; index < size; index++)
        {
            (left[index, index], right[index, index]) = (1, 1);
        }
        foreach (var (move, count) in _moves)
        {
            left[move.From, move.To] -= Share(count, move.From);
        }
        for (var pivot = 0; pivot < size; pivot++)
        {
            var by = left[pivot, pivot];
            for (var column = 0; column < size; column++)
            {
                (left[pivot, column], right[pivot, column]) = (left[pivot, column] / by, right[pivot, column] / by);
            }
            for (var row = 0; row < size; row++)
            {
                if (row == pivot || left[row, pivot] == 0)
                {
                    continue;
                }
                var factor = left[row, pivot];
                for (var column = 0; column < size; column++)
                {
                    left[row, column] -= factor * left[pivot, column];
                    right[row, column] -= factor * right[pivot, column];
                }
            }
        }
        return right;
    }

    static void Count<TKey>(Dictionary<TKey, long> counts, TKey key, long count)
        where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + count;
}
