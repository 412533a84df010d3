using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>What a waterfall of simulated journeys must show exactly, counted from the journeys as they were drawn.</summary>
/// <remarks>Independent of how Metrics counts: it knows that simulated journeys only go forward, and are won once and for all.</remarks>
sealed class SimulatedCounts
{
    readonly SortedDictionary<string, decimal> _figures = new(StringComparer.Ordinal);

    /// <summary>The five adjacent pairs, then LEAD to CLOSED_WON.</summary>
    public static IReadOnlyList<(Stage From, Stage To)> Pairs { get; } =
        [.. Stages.Waterfall.Zip(Stages.Waterfall.Skip(1)), (Stage.Lead, Stage.ClosedWon)];

    public long Journeys { get; private set; }

    /// <summary>By name, such as <c>reach of MQL</c>. Those that are 0 may be missing.</summary>
    public IReadOnlyDictionary<string, decimal> Figures => _figures;

    public void Add(SimulatedJourney journey)
    {
        Journeys++;
        var entered = journey.Rows.Select(row => row.To).ToList();
        var (first, furthest) = (entered[0], entered.Where(stage => stage.IsStage()).Max());
        var stands = furthest == Stage.ClosedWon ? furthest : entered[^1];
        foreach (var stage in entered)
        {
            Count("entries", stage);
        }
        Count("stock", stands);
        for (var stage = Stage.Lead; stage <= furthest; stage++)
        {
            Count("reach", stage);
            Count("inferred", stage, entered.Contains(stage) ? 0 : 1);
        }
        foreach (var (from, to) in Pairs.Where(pair => furthest >= pair.From))
        {
            var isConverted = furthest >= to;
            Add(Name(first > from ? "started above" : "cohort", from, to), 1);
            Add(Name("converted", from, to), first <= from && isConverted ? 1 : 0);
            Add(Name("open", from, to), first <= from && !isConverted && !stands.IsExit() ? 1 : 0);
        }
        Add("won EUR", journey.Rows.Where(row => row.To == Stage.ClosedWon).Sum(row => row.Amount!.Value));
        Add("mismatched", CountStale(journey));
    }

    public static string Name(string figure, Stage from, Stage to) => $"{figure} of {from.Name()} → {to.Name()}";

    public static string Name(string figure, Stage stage) => $"{figure} of {stage.Name()}";

    /// <summary>Rows that were told before the late one, with a belief of where the journey stood that is not right any more.</summary>
    static int CountStale(SimulatedJourney journey)
    {
        if (journey.Late is not { } late)
        {
            return 0;
        }
        var now = journey.Froms();
        return journey.Froms(without: late).Count(then => then.Value != now[then.Key]);
    }

    void Count(string figure, Stage stage, int by = 1) => Add(Name(figure, stage), by);

    void Add(string name, decimal by) => _figures[name] = _figures.GetValueOrDefault(name) + by;
}
