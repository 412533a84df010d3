using L2R.Metrics.Domain.Columns;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>One tenant's journeys in the memory of this process: a copy that every question first brings up to its own instant.</summary>
/// <remarks>The truth is the database's. A process that starts has none, reads the whole at its first question, and from then on what changed.</remarks>
sealed class LedgerCopy(NpgsqlDataSource dataSource, string tenant) : IDisposable
{
    readonly SemaphoreSlim _turn = new(1);
    LedgerColumns _columns = new();
    DateTimeOffset? _knownAt; // null: not read yet

    /// <summary>How many journeys it holds.</summary>
    public long Count => _columns.Current.Count;

    /// <summary>The journeys as the ledger knew them at an instant.</summary>
    /// <param name="knownAt">At most what <see cref="LedgerStore.GetNowAsync"/> gave: up to there nothing is added any more.</param>
    public async Task<JourneyColumns> ReadAsync(DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_knownAt is null)
            {
                await LoadAsync(knownAt, cancellationToken);
            }
            else if (_knownAt < knownAt)
            {
                await FollowAsync(_knownAt.Value, knownAt, cancellationToken);
            }
            return _knownAt == knownAt ? _columns.Current : await ReadEarlierAsync(knownAt, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    async Task LoadAsync(DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        var columns = new LedgerColumns();
        await LedgerReader.FoldAsync(dataSource, tenant, null, knownAt, columns.Apply, cancellationToken);
        (_columns, _knownAt) = (columns, knownAt);
    }

    async Task FollowAsync(DateTimeOffset since, DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        var changed = await LedgerReader.FindChangedAsync(dataSource, tenant, since, knownAt, cancellationToken);
        if (changed.Count > 0)
        {
            // Each lead is replaced as a whole: where this ends half-way, it begins again from the same instant.
            await LedgerReader.FoldAsync(dataSource, tenant, changed, knownAt, _columns.Apply, cancellationToken);
        }
        _knownAt = knownAt;
    }

    async Task<JourneyColumns> ReadEarlierAsync(DateTimeOffset knownAt, CancellationToken cancellationToken)
    {
        var (columns, changed) = _columns.Current.KnownAt(knownAt);
        List<JourneyChunk> then = [];
        await LedgerReader.FoldAsync(
            dataSource, tenant, [.. changed, .. _columns.WithdrawnSince(knownAt)], knownAt, leads => then.AddRange(_columns.Beside(leads)), cancellationToken);
        return columns.With(then);
    }
}
