using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Domain;

/// <summary>Says what moved between two answers to one question, and which rows moved it.</summary>
/// <param name="baseline">As reported.</param>
/// <param name="restated">The same question at a later known_at, another as_of, or both.</param>
public sealed class KnownComparison(WaterfallQuery baseline, WaterfallQuery restated)
{
    readonly RowChanges _rows = new(new(baseline.AsOf, baseline.KnownAt), new(restated.AsOf, restated.KnownAt), restated.Periods);
    long _changedLeads;
    long _mergedLeads;

    /// <summary>Counts the rows of one lead; of leads that are one, each row with any of them.</summary>
    /// <param name="rows">Every one that the restated side knows.</param>
    /// <param name="isSaidAnew">Whether Intake said its segment or region anew between the two instants known_at.</param>
    /// <param name="isMergedAnew">Whether it was merged into another lead on one side, and not or into another one on the other.</param>
    /// <param name="renamed">Of the leads whose rows these are, those that one side counts under another name than the other side does.</param>
    public void Add(IReadOnlyList<Transition> rows, bool isSaidAnew = false, bool isMergedAnew = false, IReadOnlyCollection<Guid>? renamed = null)
    {
        _rows.Add(rows, renamed ?? []);
        _changedLeads += isSaidAnew ? 1 : 0;
        _mergedLeads += isMergedAnew ? 1 : 0;
    }

    /// <summary>Counts the rows of every lead of which nothing was learnt between the two instants known_at, but for a few.</summary>
    /// <param name="same">Those leads, as known at either.</param>
    /// <returns>The few: they are to be added with their rows.</returns>
    public IReadOnlyList<Guid> AddUnchanged(JourneyColumns same, System.Threading.CancellationToken cancellationToken) =>
        _rows.AddUnchanged(same, cancellationToken);

    /// <param name="before">The answer to the baseline.</param>
    /// <param name="after">The answer to the restated question.</param>
    public KnownComparisonAnswer ToAnswer(WaterfallAnswer before, WaterfallAnswer after) =>
        new(before, after, [.. MovedFigures.Between(before, after)], _rows.ToChanges(), _changedLeads, _mergedLeads, _rows.ToLatenesses());
}
