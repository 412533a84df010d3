namespace L2R.Metrics.Domain;

/// <summary>Which journeys a question is about, and when.</summary>
public sealed record JourneyScope
{
    /// <summary>A: maturity, censoring, stock and age are taken here. The facts must have been folded at the same.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>K. The facts must have been folded at the same.</summary>
    public required DateTimeOffset KnownAt { get; init; }

    /// <summary>The first instant of the time in question. Null: since ever.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The first instant after the time in question. Null: up to as_of.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>All of them must hold.</summary>
    public IReadOnlyList<DimensionFilter> Filters { get; init; } = [];

    public JourneySelection Journeys { get; init; }

    /// <summary>Whether a journey counts by its number among those of its lead.</summary>
    public bool Selects(JourneyFacts journey) => Journeys switch
    {
        JourneySelection.First => journey.Number == 1,
        JourneySelection.Latest => journey.IsLatest,
        _ => true,
    };

    /// <summary>The waterfall of the same journeys in one group, without any pair: for counts alone.</summary>
    public WaterfallQuery ToWaterfall() => new()
    {
        AsOf = AsOf,
        KnownAt = KnownAt,
        From = From,
        To = To,
        Filters = Filters,
        Journeys = Journeys,
        Pairs = [],
        HasVelocity = false,
    };

    public bool InTime(DateTimeOffset instant) => !(instant < From) && !(instant >= To);

    /// <param name="values">As known at the entry that is being counted.</param>
    public bool Matches(JourneyFacts journey, Dimensions values)
    {
        foreach (var filter in Filters)
        {
            if (!filter.Values.Contains(filter.Dimension.ValueOf(journey, values)))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>R of a stage, where it is in time and passes the filters.</summary>
    public Reached? Reach(JourneyFacts journey, Ledger.Domain.Stage stage) =>
        journey.Reach(stage) is { } reached && InTime(reached.At) && Matches(journey, reached.Values) ? reached : null;
}
