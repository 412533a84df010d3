namespace L2R.Metrics.Domain;

/// <summary>A question to the cohorts of one pair of stages.</summary>
public sealed record CohortQuery
{
    public required JourneyScope Scope { get; init; }

    public required Pair Pair { get; init; }

    /// <summary>Rows by the period of R of the first stage. Null: not by period.</summary>
    public ReportingCalendar? Periods { get; init; }

    /// <summary>Rows by dimension values. At most two.</summary>
    public IReadOnlyList<Dimension> GroupBy { get; init; } = [];

    /// <summary>How many values of each dimension have rows of their own; the rest is other. At least 1.</summary>
    public int TopValues { get; init; } = int.MaxValue;

    /// <summary>The columns.</summary>
    public IReadOnlyList<TimeSpan> Horizons { get; init; } = [];

    /// <summary>A question with more rows is refused by a <see cref="TooManyGroupsException"/>. At least 1.</summary>
    public int MaxRows { get; init; } = int.MaxValue;
}

/// <summary>One value of a dimension, or the rest of them.</summary>
/// <param name="Name">Null: unknown, or other.</param>
/// <param name="IsOther">All values beyond the top ones. Unknown is never among them.</param>
public readonly record struct CohortValue(string? Name, bool IsOther = false);

/// <param name="Values">One for each dimension grouped by.</param>
/// <param name="Cohort">Journeys that reached the first stage and were at risk there.</param>
/// <param name="StartedAbove">Journeys in the reach of the first stage that started above it.</param>
/// <param name="ToDate">Of the cohort, those that reached the second stage by as_of.</param>
/// <param name="Open">Of the cohort, those that neither reached the second stage nor stand in an exit.</param>
/// <param name="Cells">One for each horizon.</param>
public sealed record CohortRow(
    Period? Period,
    IReadOnlyList<CohortValue> Values,
    long Cohort,
    long StartedAbove,
    Rate ToDate,
    long Open,
    IReadOnlyList<HorizonFigures> Cells);

/// <param name="Rows">By values, then by period. A cohort without journeys has none.</param>
public sealed record CohortAnswer(IReadOnlyList<CohortRow> Rows);
