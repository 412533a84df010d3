using L2R.Ledger.Domain;
using L2R.Metrics.V1;

namespace L2R.Cli.Simulation;

/// <summary>What attribution and economics of simulated leads must show, by channel or campaign, computed from the touches and wins as they were drawn.</summary>
/// <remarks>Independent of how Metrics shares a win: by the sentences of docs/metric-catalogue.md, in plain fractions.</remarks>
/// <param name="asOf">Journeys that are open then are paths without a win.</param>
/// <param name="byCampaign">Credits campaigns instead of channels.</param>
sealed class SimulatedCredits(DateTimeOffset asOf, bool byCampaign = false)
{
    public const string Cost = "cost EUR";
    public const string TouchCost = "touch cost EUR";
    public const string SpendCost = "spend cost EUR";
    public const string Unknown = "(unknown)";
    public const string NewCustomers = "new customers";
    public const string CostPerCustomer = "CAC EUR";
    public const string RemovalEffect = "removal effect";
    public const string AllWins = "wins";
    public const string AllAmounts = "won EUR";
    public const string Untouched = "untouched wins";
    public const string UntouchedAmounts = "untouched EUR";
    public const string OtherPaths = "paths without a win";

    public static readonly TimeSpan Lookback = TimeSpan.FromDays(90);
    public static readonly TimeSpan HalfLife = TimeSpan.FromDays(7);

    readonly Dictionary<(string Value, string Figure), double> _figures = [];
    readonly List<(string[] Values, decimal Amount)> _won = [];
    readonly TouchChain _chain = new();

    public static IReadOnlyList<AttributionModel> Models { get; } =
    [
        AttributionModel.FirstTouch, AttributionModel.LastTouch, AttributionModel.Linear, AttributionModel.UShaped,
        AttributionModel.WShaped, AttributionModel.TimeDecay, AttributionModel.Markov,
    ];

    public long Touches { get; private set; }

    /// <summary>Wins that a model credits to a value.</summary>
    public static string Wins(AttributionModel model) => $"wins by {model}";

    /// <summary>The amounts of those.</summary>
    public static string Amounts(AttributionModel model) => $"EUR by {model}";

    /// <param name="journeys">All of one lead.</param>
    /// <param name="touchesOf">Of a journey.</param>
    public void Add(IReadOnlyList<SimulatedJourney> journeys, Func<SimulatedJourney, IReadOnlyList<Touch>> touchesOf)
    {
        List<Touch> touches = [.. journeys.SelectMany(touchesOf).OrderBy(touch => touch.At)];
        Touches += touches.Count;
        foreach (var touch in touches.Where(touch => touch.Cost > 0))
        {
            CountCost(ValueOf(touch), TouchCost, (double)touch.Cost);
        }
        foreach (var journey in journeys)
        {
            if (!journey.Rows.Any(row => row.To == Stage.ClosedWon))
            {
                var last = journey.Rows[^1];
                var path = Before(touches, last.To.IsExit() ? last.At : asOf);
                Count("", OtherPaths, path.Count > 0 ? 1 : 0);
                _chain.Add(Values(path), isWon: false);
                continue;
            }
            Count(byCampaign ? journey.Campaign : journey.Channel.Name, NewCustomers, 1);
            Count("", NewCustomers, 1);
            SimulatedRow? opened = null;
            foreach (var row in journey.Rows)
            {
                opened = row.To == Stage.Opportunity ? row : opened;
                if (row.To == Stage.ClosedWon)
                {
                    AddWin(Before(touches, row.At), row, reachedMql: journey.Rows.First(reached => reached.To >= Stage.Mql).At, opened!.At);
                }
            }
        }
    }

    public void Add(SimulatedSpend spend) => CountCost(byCampaign ? Unknown : spend.Channel, SpendCost, spend.CostUntil(asOf));

    /// <returns>By channel or campaign, and figure; of all of them together under the empty name. What is not there is 0.</returns>
    public IReadOnlyDictionary<(string Value, string Figure), double> ToFigures()
    {
        var figures = new Dictionary<(string Value, string Figure), double>(_figures);
        foreach (var ((value, _), cost) in _figures.Where(figure => figure.Key.Figure == Cost))
        {
            if (_figures.TryGetValue((value, NewCustomers), out var customers))
            {
                figures[(value, CostPerCustomer)] = cost / customers;
            }
        }
        var effects = _chain.RemovalEffects();
        foreach (var (value, effect) in effects)
        {
            figures[(value, RemovalEffect)] = effect;
        }
        foreach (var (values, amount) in _won)
        {
            var distinct = values.Distinct().ToList();
            Credit(figures, AttributionModel.Markov, distinct, [.. distinct.Select(value => effects[value])], amount);
        }
        return figures;
    }

    void AddWin(List<Touch> touches, SimulatedRow win, DateTimeOffset reachedMql, DateTimeOffset opened)
    {
        var amount = win.Amount!.Value;
        Count("", AllWins, 1);
        Count("", AllAmounts, (double)amount);
        if (touches.Count == 0)
        {
            Count("", Untouched, 1);
            Count("", UntouchedAmounts, (double)amount);
            return;
        }
        var (values, last) = (Values(touches), touches.Count - 1);
        _chain.Add(values, isWon: true);
        _won.Add((values, amount));
        Share(AttributionModel.FirstTouch, Anchored(1, 0, 0));
        Share(AttributionModel.LastTouch, Anchored(1, 0, last));
        Share(AttributionModel.Linear, Anchored(0, 1));
        Share(AttributionModel.UShaped, Anchored(0.4, 0.2, 0, last));
        Share(AttributionModel.WShaped, Anchored(0.3, 0.1, 0, LastUpTo(reachedMql), LastUpTo(opened)));
        Share(AttributionModel.TimeDecay, [.. touches.Select(touch => Math.Pow(2, -((win.At - touch.At) / HalfLife)))]);

        int LastUpTo(DateTimeOffset instant) => touches.FindLastIndex(touch => touch.At <= instant);

        void Share(AttributionModel model, double[] weights) => Credit(_figures, model, values, weights, amount);

        // A part for each anchor that there is, and one for all the others together.
        double[] Anchored(double part, double rest, params int[] anchors)
        {
            var others = touches.Count - anchors.Where(index => index >= 0).Distinct().Count();
            return [.. touches.Select((_, index) => anchors.Contains(index) ? part * anchors.Count(anchor => anchor == index) : rest / others)];
        }
    }

    static void Credit(
        Dictionary<(string Value, string Figure), double> figures, AttributionModel model, IReadOnlyList<string> values, double[] weights, decimal amount)
    {
        foreach (var (value, weight) in values.Zip(weights))
        {
            var share = weight / weights.Sum();
            figures[(value, Wins(model))] = figures.GetValueOrDefault((value, Wins(model))) + share;
            figures[(value, Amounts(model))] = figures.GetValueOrDefault((value, Amounts(model))) + (share * (double)amount);
        }
    }

    static List<Touch> Before(List<Touch> touches, DateTimeOffset close) => [.. touches.Where(touch => touch.At <= close && close - touch.At <= Lookback)];

    string[] Values(List<Touch> touches) => [.. touches.Select(ValueOf)];

    string ValueOf(Touch touch) => byCampaign ? touch.Campaign : touch.Channel;

    void CountCost(string value, string figure, double cost)
    {
        foreach (var of in new[] { value, "" })
        {
            Count(of, figure, cost);
            Count(of, Cost, cost);
        }
    }

    void Count(string value, string figure, double by) => _figures[(value, figure)] = _figures.GetValueOrDefault((value, figure)) + by;
}
