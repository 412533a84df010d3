using L2R.Ledger.Domain;
using L2R.Metrics.V1;

namespace L2R.Cli.Simulation;

/// <summary>What attribution and economics of simulated leads must show, by channel, computed from the touches and wins as they were drawn.</summary>
/// <remarks>Independent of how Metrics shares a win: by the sentences of docs/metric-catalogue.md, in plain fractions.</remarks>
/// <param name="asOf">Journeys that are open then are paths without a win.</param>
sealed class SimulatedCredits(DateTimeOffset asOf)
{
    public const string Cost = "touch cost EUR";
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

    readonly Dictionary<(string Channel, string Figure), double> _figures = [];
    readonly List<(string[] Channels, decimal Amount)> _won = [];
    readonly TouchChain _chain = new();

    public static IReadOnlyList<AttributionModel> Models { get; } =
    [
        AttributionModel.FirstTouch, AttributionModel.LastTouch, AttributionModel.Linear, AttributionModel.UShaped,
        AttributionModel.WShaped, AttributionModel.TimeDecay, AttributionModel.Markov,
    ];

    public long Touches { get; private set; }

    /// <summary>Wins that a model credits to a channel.</summary>
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
            Count(touch.Channel, Cost, (double)touch.Cost);
            Count("", Cost, (double)touch.Cost);
        }
        foreach (var journey in journeys)
        {
            if (!journey.Rows.Any(row => row.To == Stage.ClosedWon))
            {
                var last = journey.Rows[^1];
                var path = Before(touches, last.To.IsExit() ? last.At : asOf);
                Count("", OtherPaths, path.Count > 0 ? 1 : 0);
                _chain.Add(Channels(path), isWon: false);
                continue;
            }
            Count(journey.Channel.Name, NewCustomers, 1);
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

    /// <returns>By channel and figure; of all channels together under the empty name. What is not there is 0.</returns>
    public IReadOnlyDictionary<(string Channel, string Figure), double> ToFigures()
    {
        var figures = new Dictionary<(string Channel, string Figure), double>(_figures);
        foreach (var ((channel, _), cost) in _figures.Where(figure => figure.Key.Figure == Cost))
        {
            if (_figures.TryGetValue((channel, NewCustomers), out var customers))
            {
                figures[(channel, CostPerCustomer)] = cost / customers;
            }
        }
        var effects = _chain.RemovalEffects();
        foreach (var (channel, effect) in effects)
        {
            figures[(channel, RemovalEffect)] = effect;
        }
        foreach (var (channels, amount) in _won)
        {
            var distinct = channels.Distinct().ToList();
            Credit(figures, AttributionModel.Markov, distinct, [.. distinct.Select(channel => effects[channel])], amount);
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
        var (channels, last) = (Channels(touches), touches.Count - 1);
        _chain.Add(channels, isWon: true);
        _won.Add((channels, amount));
        Share(AttributionModel.FirstTouch, Anchored(1, 0, 0));
        Share(AttributionModel.LastTouch, Anchored(1, 0, last));
        Share(AttributionModel.Linear, Anchored(0, 1));
        Share(AttributionModel.UShaped, Anchored(0.4, 0.2, 0, last));
        Share(AttributionModel.WShaped, Anchored(0.3, 0.1, 0, LastUpTo(reachedMql), LastUpTo(opened)));
        Share(AttributionModel.TimeDecay, [.. touches.Select(touch => Math.Pow(2, -((win.At - touch.At) / HalfLife)))]);

        int LastUpTo(DateTimeOffset instant) => touches.FindLastIndex(touch => touch.At <= instant);

        void Share(AttributionModel model, double[] weights) => Credit(_figures, model, channels, weights, amount);

        // A part for each anchor that there is, and one for all the others together.
        double[] Anchored(double part, double rest, params int[] anchors)
        {
            var others = touches.Count - anchors.Where(index => index >= 0).Distinct().Count();
            return [.. touches.Select((_, index) => anchors.Contains(index) ? part * anchors.Count(anchor => anchor == index) : rest / others)];
        }
    }

    static void Credit(
        Dictionary<(string Channel, string Figure), double> figures, AttributionModel model, IReadOnlyList<string> channels, double[] weights, decimal amount)
    {
        foreach (var (channel, weight) in channels.Zip(weights))
        {
            var share = weight / weights.Sum();
            figures[(channel, Wins(model))] = figures.GetValueOrDefault((channel, Wins(model))) + share;
            figures[(channel, Amounts(model))] = figures.GetValueOrDefault((channel, Amounts(model))) + (share * (double)amount);
        }
    }

    static List<Touch> Before(List<Touch> touches, DateTimeOffset close) => [.. touches.Where(touch => touch.At <= close && close - touch.At <= Lookback)];

    static string[] Channels(List<Touch> touches) => [.. touches.Select(touch => touch.Channel)];

    void Count(string channel, string figure, double by) => _figures[(channel, figure)] = _figures.GetValueOrDefault((channel, figure)) + by;
}
