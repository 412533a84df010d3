using L2R.Ledger.Domain;
using L2R.Metrics.Domain.Columns;

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
    readonly long[,] _latenesses = new long[Enum.GetValues<Origin>().Length, Bounds.Length + 1];

    /// <param name="rows">Every row of one lead.</param>
    /// <param name="renamed">Leads whose rows one side counts for another lead than the other side does.</param>
    public void Add(IReadOnlyList<Transition> rows, IReadOnlyCollection<Guid> renamed)
    {
        var (before, after) = (baseline.RowsOf(rows), restated.RowsOf(rows));
        foreach (var row in after)
        {
            CountLateness(row.Origin, (row.RecordedAt - row.OccurredAt).Ticks);
            if (!before.Contains(row))
            {
                Count(WhyAdded(row), row.Origin, row.To!.Value, row.OccurredAt, added: 1, removed: 0);
            }
            else if (renamed.Contains(row.LeadId))
            {
                Count(RowChangeCause.Merge, row.Origin, row.To!.Value, row.OccurredAt, added: 1, removed: 1);
            }
        }
        foreach (var row in before.Where(row => !after.Contains(row)))
        {
            Count(WhyRemoved(row, rows), row.Origin, row.To!.Value, row.OccurredAt, added: 0, removed: 1);
        }
    }

    /// <summary>Counts the leads of which nothing was learnt between the two views, as far as their rows are in the columns.</summary>
    /// <param name="same">As known at the baseline's known_at.</param>
    /// <returns>The leads that have other rows too: nothing of them was counted.</returns>
    public IReadOnlyList<Guid> AddUnchanged(JourneyColumns same, System.Threading.CancellationToken cancellationToken)
    {
        List<Guid> others = [];
        foreach (var view in same.Chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (first, end) in view.Chunk.LeadRuns())
            {
                var (allMarks, isThere) = ((byte)0, false);
                for (var journey = first; journey < end; journey++)
                {
                    (allMarks, isThere) = ((byte)(allMarks | view.Chunk.Marks[journey]), isThere || !view.IsGone(journey));
                }
                if (!isThere)
                {
                    continue;
                }
                if ((allMarks & JourneyChunk.HasOtherRows) != 0)
                {
                    others.Add(view.Chunk.Leads[first]);
                    continue;
                }
                for (var stay = view.Chunk.FirstStays[first]; stay < view.Chunk.FirstStays[end]; stay++)
                {
                    AddUnchanged(view.Chunk, stay);
                }
            }
        }
        return others;
    }

    void AddUnchanged(JourneyChunk chunk, int stay)
    {
        var (entered, origin) = (chunk.Entered[stay], (Origin)chunk.RowOrigins[stay]);
        var (isBefore, isAfter) = (entered <= baseline.AsOf.UtcTicks, entered <= restated.AsOf.UtcTicks);
        if (isAfter)
        {
            CountLateness(origin, chunk.Recorded[stay] - entered);
        }
        if (isBefore != isAfter)
        {
            Count(
                RowChangeCause.AsOf, origin, JourneyChunk.StageOf(chunk.Stages[stay]), new DateTimeOffset(entered, TimeSpan.Zero),
                isAfter ? 1 : 0, isBefore ? 1 : 0);
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
        .. from origin in Enum.GetValues<Origin>()
           from bucket in Enumerable.Range(0, Bounds.Length + 1)
           let count = _latenesses[(int)origin, bucket]
           where count > 0
           select new Lateness(origin, bucket == 0 ? null : Bounds[bucket - 1], bucket == Bounds.Length ? null : Bounds[bucket], count),
    ];

    void CountLateness(Origin origin, long ticks)
    {
        var bucket = 0;
        while (bucket < Bounds.Length && ticks > Bounds[bucket].Ticks)
        {
            bucket++;
        }
        _latenesses[(int)origin, bucket]++;
    }

    void Count(RowChangeCause cause, Origin origin, Stage to, DateTimeOffset occurredAt, long added, long removed)
    {
        var key = (cause, origin, to, periods?.PeriodOf(occurredAt));
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
