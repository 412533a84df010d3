using System.Numerics;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Shares the wins of a period among the touches before them.</summary>
public sealed class Attribution(AttributionQuery query)
{
    const string Unknown = "";
    readonly List<Won> _won = [];
    readonly MarkovChain _chain = new();
    readonly HashSet<string> _values = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, decimal> _wonAmounts = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, decimal> _untouchedAmounts = new(StringComparer.Ordinal);
    long _wins;
    long _withoutAmount;
    long _untouched;
    long _nonconverting;

    /// <param name="touches">Every touch of the journey's lead that was known at K, in any order.</param>
    /// <exception cref="TooManyGroupsException">More values than the query allows.</exception>
    public void Add(JourneyFacts journey, IReadOnlyList<Touch> touches)
    {
        List<Touch> ordered = [.. touches.OrderBy(touch => touch.At).ThenBy(touch => touch.TouchpointId)];
        var wins = journey.Stays.Where(stay => stay.Stage == Stage.ClosedWon).ToList();
        foreach (var win in wins.Where(win => query.Contains(win.Entered)))
        {
            AddWin(journey, win, Before(ordered, win.Entered));
        }
        if (wins.Count == 0 && (journey.EndedAt is not { } ended || query.Contains(ended)))
        {
            AddNonconverting(Before(ordered, journey.EndedAt ?? query.AsOf));
        }
    }

    public AttributionAnswer ToAnswer()
    {
        var effects = query.Models.Contains(AttributionModel.Markov) ? _chain.RemovalEffects() : new Dictionary<string, double>();
        return new AttributionAnswer(
            _wins, _wonAmounts, _withoutAmount, _untouched, _untouchedAmounts, _nonconverting,
            [.. query.Models.Select(model => new ModelCredits(model, Credits(model, effects)))],
            [.. effects.OrderBy(effect => effect.Key, StringComparer.Ordinal).Select(effect => new RemovalEffect(Named(effect.Key), effect.Value))]);
    }

    void AddWin(JourneyFacts journey, Stay win, List<Touch> touches)
    {
        _wins++;
        _withoutAmount += win.Amount is null ? 1 : 0;
        Sum(_wonAmounts, win);
        if (touches.Count == 0)
        {
            _untouched++;
            Sum(_untouchedAmounts, win);
            return;
        }
        var path = new AttributionPath(
            Values(touches),
            [.. touches.Select(touch => win.Entered - touch.At)],
            LastUpTo(journey.Reach(Stage.Mql)?.At),
            LastUpTo(OpportunityEntry(journey, win)));
        _won.Add(new Won(path, win));
        _chain.Add(path.Values, isWon: true);

        int LastUpTo(DateTimeOffset? instant) => touches.FindLastIndex(touch => touch.At <= instant);
    }

    void AddNonconverting(List<Touch> touches)
    {
        if (touches.Count > 0)
        {
            _nonconverting++;
            _chain.Add(Values(touches), isWon: false);
        }
    }

    /// <summary>Of the opportunity that was won; of the journey where no row names it.</summary>
    static DateTimeOffset? OpportunityEntry(JourneyFacts journey, Stay win)
    {
        foreach (var stay in journey.Stays)
        {
            if (stay.Stage == Stage.Opportunity && stay.OpportunityId is { } id && id == win.OpportunityId)
            {
                return stay.Entered;
            }
        }
        return journey.Reach(Stage.Opportunity)?.At;
    }

    List<Touch> Before(List<Touch> ordered, DateTimeOffset close) =>
        [.. ordered.Where(touch => touch.At <= close && close - touch.At <= query.Lookback)];

    string[] Values(List<Touch> touches)
    {
        string[] values = [.. touches.Select(touch => (query.By == AttributionKey.Channel ? touch.Channel : touch.Campaign) ?? Unknown)];
        _values.UnionWith(values);
        return _values.Count <= query.MaxValues ? values : throw new TooManyGroupsException(query.MaxValues, longer: null, from: null);
    }

    List<Credit> Credits(AttributionModel model, IReadOnlyDictionary<string, double> effects)
    {
        var wins = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        var amounts = new Dictionary<string, SortedDictionary<string, decimal>>(StringComparer.Ordinal);
        foreach (var (path, win) in _won)
        {
            var weights = path.Weigh(model, query.HalfLife, effects);
            var shares = CreditSplit.ByWeight(CreditSplit.One, weights);
            var parts = win.Amount is { } amount ? CreditSplit.ByWeight(new BigInteger(amount * CreditSplit.One), weights) : null;
            for (var index = 0; index < weights.Length; index++)
            {
                var value = path.Values[index];
                wins[value] = wins.GetValueOrDefault(value) + shares[index];
                amounts.TryAdd(value, new(StringComparer.Ordinal));
                if (parts is not null)
                {
                    amounts[value][win.Currency!] = amounts[value].GetValueOrDefault(win.Currency!) + ((decimal)parts[index] / CreditSplit.One);
                }
            }
        }
        return [.. wins.Select(win => new Credit(Named(win.Key), (long)win.Value, amounts[win.Key]))];
    }

    static string? Named(string value) => value == Unknown ? null : value;

    static void Sum(SortedDictionary<string, decimal> amounts, Stay win)
    {
        if (win is { Amount: { } amount, Currency: { } currency })
        {
            amounts[currency] = amounts.GetValueOrDefault(currency) + amount;
        }
    }

    readonly record struct Won(AttributionPath Path, Stay Win);
}
