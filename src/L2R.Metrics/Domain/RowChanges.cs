using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Counts the rows that one view of the ledger counts and another one does not, and how late all rows came.</summary>
/// <param name="periods">Null: not by period.</param>
sealed class RowChanges(LedgerView baseline, LedgerView restated, ReportingCalendar? periods)
{
    /// <summary>The upper ends of the buckets, all but the last.</summary>
    static readonly TimeSpan[] Bounds =
    [
        TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30),
        TimeSpan.FromDays(90), TimeSpan.FromDays(365),
    ];

    readonly Dictionary<(RowChangeCause Cause, Origin Origin, Stage Stage, Period? Period), (long Added, long Removed)> _changes = [];
    readonly Dictionary<(Origin Origin, int Bucket), long> _latenesses = [];

    /// <param name="rows">Every row of one lead.</param>
    public void Add(IReadOnlyList<Transition> rows)
    {
        var (before, after) = (baseline.RowsOf(rows), restated.RowsOf(rows));
        foreach (var row in after)
        {
            var lateness = row.RecordedAt - row.OccurredAt;
            var bucket = Array.FindIndex(Bounds, bound => lateness <= bound) is var index and >= 0 ? index : Bounds.Length;
            _latenesses[(row.Origin, bucket)] = _latenesses.GetValueOrDefault((row.Origin, bucket)) + 1;
            if (!before.Contains(row))
            {
                Count(WhyAdded(row), row, added: 1, removed: 0);
            }
        }
        foreach (var row in before.Where(row => !after.Contains(row)))
        {
            Count(WhyRemoved(row, rows), row, added: 0, removed: 1);
        }
    }

    public IReadOnlyList<RowChange> ToChanges() =>
    [
        .. _changes
            .OrderBy(change => change.Key.Cause).ThenBy(change => change.Key.Origin).ThenBy(change => change.Key.Stage)
            .ThenBy(change => change.Key.Period?.From)
            .Select(change => new RowChange(
                change.Key.Cause, change.Key.Origin, change.Key.Stage, change.Key.Period, change.Value.Added, change.Value.Removed)),
    ];

    /// <summary>Without the buckets in which there are none.</summary>
    public IReadOnlyList<Lateness> ToLatenesses() =>
    [
        .. _latenesses
            .OrderBy(lateness => lateness.Key.Origin).ThenBy(lateness => lateness.Key.Bucket)
            .Select(lateness => new Lateness(
                lateness.Key.Origin,
                lateness.Key.Bucket == 0 ? null : Bounds[lateness.Key.Bucket - 1],
                lateness.Key.Bucket == Bounds.Length ? null : Bounds[lateness.Key.Bucket],
                lateness.Value)),
    ];

    void Count(RowChangeCause cause, Transition row, long added, long removed)
    {
        var key = (cause, row.Origin, row.To!.Value, periods?.PeriodOf(row.OccurredAt));
        var (soFarAdded, soFarRemoved) = _changes.GetValueOrDefault(key);
        _changes[key] = (soFarAdded + added, soFarRemoved + removed);
    }

    RowChangeCause WhyAdded(Transition row) =>
        row.RecordedAt <= baseline.KnownAt ? RowChangeCause.AsOf
        : row.Supersedes is not null ? RowChangeCause.Correction
        : row.OccurredAt > baseline.KnownAt ? RowChangeCause.New
        : RowChangeCause.Late;

    RowChangeCause WhyRemoved(Transition row, IReadOnlyList<Transition> rows)
    {
        List<Transition> by = [.. rows.Where(other => other.Supersedes == row.TransitionId && other.RecordedAt <= restated.KnownAt)];
        return by.Count == 0 ? RowChangeCause.AsOf
            : by.TrueForAll(other => other.To is null) ? RowChangeCause.Withdrawal
            : RowChangeCause.Correction;
    }
}

/// <summary>The ledger as of an instant and as known at one.</summary>
readonly record struct LedgerView(DateTimeOffset AsOf, DateTimeOffset KnownAt)
{
    /// <summary>The rows that count: known, superseded by no row that is known, and happened.</summary>
    public HashSet<Transition> RowsOf(IReadOnlyList<Transition> rows)
    {
        var (asOf, knownAt) = this;
        List<Transition> known = [.. rows.Where(row => row.RecordedAt <= knownAt)];
        var superseded = known.Where(row => row.Supersedes is not null).Select(row => row.Supersedes).ToHashSet();
        return new(
            known.Where(row => row.To is not null && row.OccurredAt <= asOf && !superseded.Contains(row.TransitionId)),
            ReferenceEqualityComparer.Instance);
    }
}
