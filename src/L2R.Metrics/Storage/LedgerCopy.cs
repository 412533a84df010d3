using System.Diagnostics;
using L2R.Metrics.Domain.Columns;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>One tenant's journeys in the memory of this process: a copy that every question first brings up to its own instant.</summary>
/// <remarks>
/// The truth is the database's. A process that starts has none: at its first question it reads the last snapshot, or the whole ledger, and from
/// then on what changed.
/// </remarks>
/// <param name="maxJourneys">More are refused by a <see cref="TooManyJourneysException"/>.</param>
sealed class LedgerCopy(NpgsqlDataSource dataSource, SnapshotStore snapshots, string tenant, long maxJourneys) : IDisposable
{
    const int DearLeads = 100; // fewer are folded again in no time
    const int ManyLeads = 50_000; // fewer are read in a second or two, whichever way

    const int SnapshotShare = 50; // a new one where one of so many leads has changed: so few are read in seconds

    readonly SemaphoreSlim _turn = new(1);
    readonly CancellationTokenSource _stop = new();
    LedgerColumns _columns = new();
    DateTimeOffset? _knownAt; // null: not read yet
    long _broughtAt; // how old it is, by a clock that is never set back

    // What the last snapshot lacks, and the one that is being written.
    long _changes;
    Task _snapshot = Task.CompletedTask;

    // The last earlier instant that was dear to go back to: a report of a period's close is asked for again and again. What was known then stays.
    (DateTimeOffset KnownAt, JourneyColumns Columns)? _earlier;

    /// <summary>How many journeys it holds; those of an earlier instant too, of which most are the same.</summary>
    public long Count => _columns.Current.Count + (_earlier?.Columns.Count ?? 0);

    /// <summary>The journeys as the ledger knew them at an instant.</summary>
    /// <param name="knownAt">At most what <see cref="LedgerStore.GetNowAsync"/> gave: up to there nothing is added any more.</param>
    public Task<JourneyColumns> ReadAsync(DateTimeOffset knownAt, CancellationToken cancellationToken) => InTurnAsync(async () =>
    {
        await BringToAsync(knownAt, cancellationToken);
        return _knownAt == knownAt ? _columns.Current : await ReadEarlierAsync(knownAt, cancellationToken);
    }, cancellationToken);

    /// <summary>The same columns as long as nothing changes.</summary>
    public Task<(JourneyColumns Journeys, DateTimeOffset KnownAt)> ReadLatestAsync(
        TimeSpan maxAge, Func<Task<DateTimeOffset>> getNow, CancellationToken cancellationToken) => InTurnAsync(async () =>
    {
        if (_knownAt is null || Stopwatch.GetElapsedTime(_broughtAt) >= maxAge)
        {
            await BringToAsync(await getNow(), cancellationToken);
        }
        return (_columns.Current, _knownAt!.Value);
    }, cancellationToken);

    async Task<T> InTurnAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await read();
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task BringToAsync(DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        if (_knownAt is null)
        {
            await LoadAsync(knownAt, cancellationToken);
        }
        else if (_knownAt < knownAt)
        {
            await FollowAsync(_knownAt.Value, knownAt, cancellationToken);
        }
        KeepSnapshot();
        _broughtAt = Stopwatch.GetTimestamp();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _turn.Dispose();
    }

    async Task LoadAsync(DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        if (await snapshots.ReadAsync(tenant, knownAt, cancellationToken) is not var (columns, taken))
        {
            await ReadLedgerAsync(knownAt, cancellationToken);
            return;
        }
        Check(columns);
        (_columns, _knownAt) = (columns, taken);
        GiveBackMemory(columns);
        await FollowAsync(taken, knownAt, cancellationToken);
    }

    async Task ReadLedgerAsync(DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        var columns = new LedgerColumns();
        await LedgerReader.FoldAsync(dataSource, tenant, null, knownAt, leads => Apply(columns, leads), cancellationToken);
        (_columns, _knownAt, _changes) = (columns, knownAt, columns.Current.Count);
        GiveBackMemory(columns);
    }

    /// <summary>Reading leaves as much behind as it keeps, or many times that, and a process that was given memory rarely gives it back by itself.</summary>
    static void GiveBackMemory(LedgerColumns columns)
    {
        if (columns.Current.Count > ManyLeads)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    void Apply(LedgerColumns columns, IReadOnlyList<FoldedLead> leads)
    {
        columns.Apply(leads);
        Check(columns);
    }

    void Check(LedgerColumns columns)
    {
        if (columns.Current.Count > maxJourneys)
        {
            throw new TooManyJourneysException(maxJourneys);
        }
    }

    async Task FollowAsync(DateTimeOffset since, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        var changed = await LedgerReader.FindChangedAsync(dataSource, tenant, since, knownAt, cancellationToken);
        if (changed.Count > Math.Max(ManyLeads, _columns.Current.Count / 2))
        {
            await ReadLedgerAsync(knownAt, cancellationToken); // as after an import: all in one go is read sooner
        }
        else if (changed.Count > 0)
        {
            // Each lead is replaced as a whole: where this ends half-way, it begins again from the same instant.
            await LedgerReader.FoldAsync(dataSource, tenant, changed, knownAt, leads => Apply(_columns, leads), cancellationToken);
        }
        (_knownAt, _changes) = (knownAt, _changes + changed.Count);
    }

    /// <summary>Beside the questions: what is written never changes.</summary>
    void KeepSnapshot()
    {
        var count = _columns.Current.Count;
        if (snapshots.Keeps(count) && _changes > count / SnapshotShare && _snapshot.IsCompleted)
        {
            var (content, knownAt) = (_columns.Content, _knownAt!.Value);
            _changes = 0;
            _snapshot = Task.Run(() => snapshots.WriteAsync(tenant, content, knownAt, _stop.Token));
        }
    }

    async Task<JourneyColumns> ReadEarlierAsync(DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        if (_earlier is var (known, kept) && known == knownAt)
        {
            return kept;
        }
        var (columns, changed) = _columns.Current.KnownAt(knownAt);
        List<Guid> again = [.. changed, .. _columns.WithdrawnSince(knownAt)];
        List<JourneyChunk> then = [];
        await LedgerReader.FoldAsync(dataSource, tenant, again, knownAt, leads => then.AddRange(_columns.Beside(leads)), cancellationToken);
        var earlier = columns.With(then);
        if (again.Count >= DearLeads)
        {
            _earlier = (knownAt, earlier);
        }
        return earlier;
    }
}
