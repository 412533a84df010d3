using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Which of a lead's journeys count.</summary>
public enum JourneySelection
{
    Any,

    /// <summary>Number 1.</summary>
    First,

    /// <summary>The highest number at the query's as_of and known_at. A later journey rewrites past cohorts.</summary>
    Latest,
}

/// <summary>Keeps what has one of some values.</summary>
/// <param name="Values">Null among them stands for unknown.</param>
public sealed record DimensionFilter(Dimension Dimension, IReadOnlyCollection<string?> Values);

/// <summary>A question to the waterfall.</summary>
public sealed record WaterfallQuery
{
    /// <summary>A: maturity, censoring and stock are taken here. The facts must have been folded at the same.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>K. The facts must have been folded at the same.</summary>
    public required DateTimeOffset KnownAt { get; init; }

    /// <summary>The first instant of the time in question. Null: since ever.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The first instant after the time in question. Null: up to as_of.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>
    /// Null: every figure belongs to its own instant; the reach of SAL and the cohort SAL→SQL to R_SAL, an entry to the entry. A stage: all
    /// that a journey did up to as_of belongs to the instant at which it reached that stage.
    /// </summary>
    public Stage? CohortBy { get; init; }

    /// <summary>One group for each of its periods. Null: no grouping by period.</summary>
    public ReportingCalendar? Periods { get; init; }

    /// <summary>One group for each combination of values. At most two.</summary>
    public IReadOnlyList<Dimension> GroupBy { get; init; } = [];

    /// <summary>All of them must hold.</summary>
    public IReadOnlyList<DimensionFilter> Filters { get; init; } = [];

    public JourneySelection Journeys { get; init; }

    /// <summary>Between which stages conversion and velocity are taken.</summary>
    public IReadOnlyList<Pair> Pairs { get; init; } = Pair.All;

    /// <summary>Whether velocity is taken: it costs about half of an answer.</summary>
    public bool HasVelocity { get; init; } = true;

    /// <summary>For cohort conversion.</summary>
    public IReadOnlyList<TimeSpan> Horizons { get; init; } = [];

    /// <summary>For the curve.</summary>
    public IReadOnlyList<TimeSpan> CurveTimes { get; init; } = [];

    /// <summary>A question with more groups is refused by a <see cref="TooManyGroupsException"/>. At least 1.</summary>
    public int MaxGroups { get; init; } = int.MaxValue;
}
