using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Credits as the definitions say them, in shares of one, win by win.</summary>
sealed class NaiveAttribution
{
    readonly AttributionQuery _query;
    readonly List<(Transition Win, List<Touch> Touches, DateTimeOffset? Mql, DateTimeOffset? Opportunity)> _wins = [];
    readonly List<(List<string> Values, bool IsWon)> _paths = [];

    public NaiveAttribution(IReadOnlyList<NaiveJourney> journeys, Func<Guid, IEnumerable<Touch>> touchesOf, AttributionQuery query)
    {
        _query = query;
        foreach (var journey in journeys)
        {
            List<Touch> Before(DateTimeOffset close) =>
                [.. touchesOf(journey.Lead).Where(touch => touch.At <= close && touch.At >= close - query.Lookback).OrderBy(touch => (touch.At, touch.TouchpointId))];
            var wins = journey.Rows.Where(row => row.To == Stage.ClosedWon).ToList();
            foreach (var win in wins.Where(win => InTime(win.OccurredAt)))
            {
                var entry = win.OpportunityId is { } id ? journey.Rows.Find(row => row.To == Stage.Opportunity && row.OpportunityId == id) : null;
                _wins.Add((win, Before(win.OccurredAt), journey.Reach(Stage.Mql)?.OccurredAt, (entry ?? journey.Reach(Stage.Opportunity))?.OccurredAt));
            }
            if (wins.Count == 0 && (journey.End is null || InTime(journey.End.OccurredAt)))
            {
                _paths.Add(([.. Before(journey.End?.OccurredAt ?? query.AsOf).Select(ValueOf)], false));
            }
        }
        Untouched = _wins.Count(win => win.Touches.Count == 0);
        Nonconverting = _paths.Count(path => path.Values.Count > 0);
        _paths.AddRange(_wins.Select(win => (win.Touches.Select(ValueOf).ToList(), true)));
        _paths.RemoveAll(path => path.Values.Count == 0);

        bool InTime(DateTimeOffset at) => !(at < query.From) && !(at >= query.To);
    }

    public int Wins => _wins.Count;

    public int Untouched { get; }

    public int Nonconverting { get; }

    /// <summary>By value: wins, and euros.</summary>
    public SortedDictionary<string, (double Wins, double Euros)> Credits(AttributionModel model)
    {
        var credits = new SortedDictionary<string, (double Wins, double Euros)>(StringComparer.Ordinal);
        foreach (var (win, touches, mql, opportunity) in _wins.Where(win => win.Touches.Count > 0))
        {
            var weights = Weights(model, win.OccurredAt, touches, mql, opportunity);
            foreach (var (touch, weight) in touches.Zip(weights))
            {
                var (wins, euros) = credits.GetValueOrDefault(ValueOf(touch));
                var share = weight / weights.Sum();
                credits[ValueOf(touch)] = (wins + share, euros + (win.Currency == "EUR" ? share * (double)win.Amount!.Value : 0));
            }
        }
        return credits;
    }

    public double RemovalEffect(string value) => WinWithout(null) is > 0 and var win ? Math.Clamp(1 - (WinWithout(value) / win), 0, 1) : 0;

    public static string ValueOf(Touch touch) => touch.Channel ?? "";

    double[] Weights(AttributionModel model, DateTimeOffset close, List<Touch> touches, DateTimeOffset? mql, DateTimeOffset? opportunity)
    {
        var last = touches.Count - 1;
        switch (model)
        {
            case AttributionModel.FirstTouch:
                return [.. touches.Select((_, index) => index == 0 ? 1.0 : 0)];
            case AttributionModel.LastTouch:
                return [.. touches.Select((_, index) => index == last ? 1.0 : 0)];
            case AttributionModel.Linear:
                return [.. touches.Select(_ => 1.0)];
            case AttributionModel.UShaped:
                return Anchored(40, 20, [0, last]);
            case AttributionModel.WShaped:
                return Anchored(30, 10, [0, LastBy(mql), LastBy(opportunity)]);
            case AttributionModel.TimeDecay:
                return [.. touches.Select(touch => Math.Pow(2, -((close - touch.At) / _query.HalfLife)))];
            default:
                double[] effects = [.. touches.Select((touch, index) => touches.FindIndex(other => ValueOf(other) == ValueOf(touch)) == index ? RemovalEffect(ValueOf(touch)) : 0)];
                return effects.Sum() < 1e-12 ? [.. touches.Select(_ => 1.0)] : effects;
        }

        int LastBy(DateTimeOffset? instant) => touches.FindLastIndex(touch => touch.At <= instant);
        double[] Anchored(double each, double others, int[] anchors)
        {
            var between = touches.Count - anchors.Where(anchor => anchor >= 0).Distinct().Count();
            return [.. touches.Select((_, index) => anchors.Contains(index) ? each * anchors.Count(anchor => anchor == index) : others / between)];
        }
    }

    /// <summary>The chance of a win where nobody comes past a value, by following the chain for long enough.</summary>
    double WinWithout(string? removed)
    {
        var moves = _paths.SelectMany(path => path.Values.Prepend("start").Zip([.. path.Values, path.IsWon ? "win" : "end"])).ToList();
        var chances = moves.Select(move => move.First).Append("end").Distinct().ToDictionary(state => state, _ => 0.0);
        chances["win"] = 1;
        var shares = moves.GroupBy(move => move.First)
            .Select(from => (from.Key, To: from.GroupBy(move => move.Second).Select(to => (to.Key, Share: (double)to.Count() / from.Count())).ToArray())).ToArray();
        for (var step = 0; step < 1_000; step++)
        {
            foreach (var (from, to) in shares)
            {
                chances[from] = to.Sum(next => next.Key == removed ? 0 : next.Share * chances[next.Key]);
            }
        }
        return chances.GetValueOrDefault("start");
    }
}
