namespace L2R.Metrics.Domain;

/// <summary>Answers one question to the waterfall at two views of the ledger, from the rows of one lead after the other.</summary>
public sealed class KnownComparison
{
    readonly WaterfallQuery _baseline;
    readonly WaterfallQuery _restated;
    readonly Waterfall _before;
    readonly Waterfall _after;
    readonly RowChanges _rows;
    long _changedLeads;

    /// <param name="baseline">As reported.</param>
    /// <param name="restated">The same question at a later known_at, another as_of, or both.</param>
    public KnownComparison(WaterfallQuery baseline, WaterfallQuery restated)
    {
        (_baseline, _restated) = (baseline, restated);
        (_before, _after) = (new Waterfall(baseline), new Waterfall(restated));
        _rows = new RowChanges(new(baseline.AsOf, baseline.KnownAt), new(restated.AsOf, restated.KnownAt), restated.Periods);
    }

    /// <summary>Journeys on the two sides.</summary>
    public (long Baseline, long Restated) Journeys { get; private set; }

    /// <param name="rows">Every row of one lead that the restated side knows.</param>
    /// <param name="baselineLead">What Intake had last said of the lead by the baseline's known_at; null when it never changed.</param>
    /// <param name="restatedLead">The same for the restated side.</param>
    public void Add(IReadOnlyList<Transition> rows, LeadVersion? baselineLead = null, LeadVersion? restatedLead = null)
    {
        var before = Fold.Lead(rows, _baseline.AsOf, _baseline.KnownAt, baselineLead);
        var after = Fold.Lead(rows, _restated.AsOf, _restated.KnownAt, restatedLead);
        foreach (var journey in before)
        {
            _before.Add(journey);
        }
        foreach (var journey in after)
        {
            _after.Add(journey);
        }
        Journeys = (Journeys.Baseline + before.Count, Journeys.Restated + after.Count);
        _rows.Add(rows);
        _changedLeads += baselineLead == restatedLead ? 0 : 1;
    }

    /// <exception cref="TooManyGroupsException">A side has more groups than its question allows.</exception>
    public KnownComparisonAnswer ToAnswer()
    {
        var (baseline, restated) = (_before.ToAnswer(), _after.ToAnswer());
        return new(baseline, restated, [.. MovedFigures.Between(baseline, restated)], _rows.ToChanges(), _changedLeads, _rows.ToLatenesses());
    }
}
