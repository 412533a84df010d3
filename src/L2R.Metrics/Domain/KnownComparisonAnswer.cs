using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <param name="Moved">Every count and amount that is not the same in both, in the order of the tables.</param>
/// <param name="Rows">The rows that one side counts and the other does not.</param>
/// <param name="ChangedLeads">Leads whose segment or region was said anew between the two.</param>
/// <param name="MergedLeads">Leads that a merge or an undo between the two counts under another name: the same rows make other journeys.</param>
public sealed record KnownComparisonAnswer(
    WaterfallAnswer Baseline,
    WaterfallAnswer Restated,
    IReadOnlyList<MovedFigure> Moved,
    IReadOnlyList<RowChange> Rows,
    long ChangedLeads,
    long MergedLeads,
    IReadOnlyList<Lateness> Latenesses);

/// <summary>What a figure counts.</summary>
public enum FigureKind
{
    Reach,
    Inferred,
    Entries,
    Departures,
    StockEnd,
    Cohort,
    StartedAbove,
    ToDate,
    Open,
    Mature,
    Converted,
    WonAmount,
}

/// <summary>Which figure of a group.</summary>
/// <param name="Stage">Of a pair, the first one. Null for a won amount.</param>
/// <param name="To">The second stage of a pair.</param>
/// <param name="Horizon">For mature and converted.</param>
/// <param name="Currency">For a won amount.</param>
public readonly record struct FigureId(FigureKind Kind, Stage? Stage = null, Stage? To = null, TimeSpan? Horizon = null, string? Currency = null);

/// <param name="Baseline">0 where that side has no such group.</param>
public sealed record MovedFigure(GroupKey Group, FigureId Figure, decimal Baseline, decimal Restated);

/// <summary>Why a row counts on one side only.</summary>
public enum RowChangeCause
{
    /// <summary>It happened by the baseline's known_at, and the ledger learnt of it later.</summary>
    Late,

    /// <summary>It superseded an earlier row, or was superseded by one.</summary>
    Correction,
    Withdrawal,

    /// <summary>It happened after the baseline's known_at.</summary>
    New,

    /// <summary>Known to both; it happened between the two instants as_of.</summary>
    AsOf,

    /// <summary>Both count it, each of another lead: a merge or an undo between the two. It is added and removed.</summary>
    Merge,
}

/// <param name="Stage">What the rows enter.</param>
/// <param name="Period">Of the instant at which it happened. Null where the question is not by period.</param>
/// <param name="Added">Rows that only the restated side counts.</param>
/// <param name="Removed">Rows that only the baseline counts.</param>
public sealed record RowChange(RowChangeCause Cause, Origin Origin, Stage Stage, Period? Period, long Added, long Removed);

/// <summary>How many rows the ledger learnt of so long after they happened.</summary>
/// <param name="Over">Null: no time at all, or recorded before it happened by the little that clocks differ.</param>
/// <param name="UpTo">Included. Null: without end.</param>
public sealed record Lateness(Origin Origin, TimeSpan? Over, TimeSpan? UpTo, long Count);
