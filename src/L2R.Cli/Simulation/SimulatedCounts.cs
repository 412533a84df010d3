using System.Globalization;
using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>What a waterfall of simulated journeys must show exactly, counted from the journeys as they were drawn.</summary>
/// <remarks>Independent of how Metrics counts: it knows that simulated journeys only go forward, and are won once and for all.</remarks>
sealed class SimulatedCounts
{
    public const string Stock = "stock";
    public const string Mismatched = "mismatched";

    readonly SortedDictionary<string, decimal> _figures = new(StringComparer.Ordinal);

    /// <summary>The five adjacent pairs, then LEAD to CLOSED_WON.</summary>
    public static IReadOnlyList<(Stage From, Stage To)> Pairs { get; } =
        [.. Stages.Waterfall.Zip(Stages.Waterfall.Skip(1)), (Stage.Lead, Stage.ClosedWon)];

    public long Journeys { get; private set; }

    /// <summary>By name, such as <c>reach of MQL</c>. Those that are 0 may be missing.</summary>
    public IReadOnlyDictionary<string, decimal> Figures => _figures;

    /// <summary>Adds a journey to each of its groups (all, under the empty name; its channel; its segment), and what it did to the months in which it did it.</summary>
    public static void Add(SimulatedJourney journey, Dictionary<string, SimulatedCounts> groups, Dictionary<string, SimulatedCounts> months)
    {
        var figures = FiguresOf(journey).ToList();
        foreach (var group in new[] { "", journey.Channel.Name, journey.Segment.Name })
        {
            Of(groups, group).Journeys++;
            foreach (var (name, _, by) in figures)
            {
                groups[group].Add(name, by);
            }
        }
        foreach (var (name, at, by) in figures)
        {
            if (at is { } instant)
            {
                Of(months, MonthOf(instant)).Add(name, by);
            }
        }

        static SimulatedCounts Of(Dictionary<string, SimulatedCounts> counts, string name)
        {
            if (!counts.TryGetValue(name, out var found))
            {
                counts.Add(name, found = new SimulatedCounts());
            }
            return found;
        }
    }

    /// <summary>As Metrics names it: <c>2026-01</c>.</summary>
    public static string MonthOf(DateTimeOffset instant) => instant.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>Whether a figure is of what happened, and so of a month; the others are of where journeys stand now.</summary>
    public static bool HasMonth(string figure) => figure != Mismatched && !figure.StartsWith(Stock, StringComparison.Ordinal);

    /// <summary>What a journey adds to which figure, and when: reach and entries at their own instant, what is of a pair when the journey reached the first stage.</summary>
    /// <returns>Without an instant what has no month.</returns>
    static IEnumerable<(string Name, DateTimeOffset? At, decimal By)> FiguresOf(SimulatedJourney journey)
    {
        var entered = journey.Rows.Select(row => row.To).ToList();
        var (first, furthest) = (entered[0], entered.Where(stage => stage.IsStage()).Max());
        var stands = furthest == Stage.ClosedWon ? furthest : entered[^1];
        foreach (var row in journey.Rows)
        {
            yield return (Name("entries", row.To), row.At, 1);
        }
        yield return (Name(Stock, stands), null, 1);
        for (var stage = Stage.Lead; stage <= furthest; stage++)
        {
            yield return (Name("reach", stage), Reached(stage), 1);
            yield return (Name("inferred", stage), Reached(stage), entered.Contains(stage) ? 0 : 1);
        }
        foreach (var (from, to) in Pairs.Where(pair => furthest >= pair.From))
        {
            var isConverted = furthest >= to;
            yield return (Name(first > from ? "started above" : "cohort", from, to), Reached(from), 1);
            yield return (Name("converted", from, to), Reached(from), first <= from && isConverted ? 1 : 0);
            yield return (Name("open", from, to), Reached(from), first <= from && !isConverted && !stands.IsExit() ? 1 : 0);
        }
        foreach (var row in journey.Rows.Where(row => row.To == Stage.ClosedWon))
        {
            yield return ("won EUR", row.At, row.Amount!.Value);
        }
        yield return (Mismatched, null, CountStale(journey));

        DateTimeOffset Reached(Stage stage) => journey.Rows.First(row => row.To.IsStage() && row.To >= stage).At;
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

    void Add(string name, decimal by) => _figures[name] = _figures.GetValueOrDefault(name) + by;
}
