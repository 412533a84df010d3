using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using L2R.Metrics.Domain.Columns;
using Npgsql;

namespace L2R.Metrics.Storage;

/// <summary>Section <c>Ledger</c> of the configuration.</summary>
sealed class LedgerOptions
{
    const long BytesOfTouch = 150;
    const long BytesOfJourney = 150; // 111 were measured; the rest is what a question needs beside them

    /// <summary>
    /// How many journeys of all tenants a process keeps in memory, 1,000 to 1 billion. Unless given, what fits into half of the memory that
    /// the process may use. Beyond it the tenant that asked longest ago is forgotten until it asks again.
    /// </summary>
    [Range(1_000L, 1_000_000_000L)]
    public long MaxJourneysInMemory { get; init; } =
        Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / BytesOfJourney, 1_000, 1_000_000_000);

    /// <summary>
    /// How many touches a question to attribution may read, 1 to 1 billion. Unless given, what fits into an eighth of the memory that the
    /// process may use.
    /// </summary>
    [Range(1L, 1_000_000_000L)]
    public long MaxTouchesOfQuestion { get; init; } =
        Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 / BytesOfTouch, 1_000, 1_000_000_000);

    /// <summary>From how many journeys on a tenant's are kept in the database too, as they are in memory, so that a start need not read its ledger.</summary>
    [Range(1L, long.MaxValue)]
    public long SnapshotFromJourneys { get; init; } = 100_000;
}

/// <summary>One tenant alone has more journeys than this process may keep in memory.</summary>
/// <param name="limit">How many it may keep.</param>
sealed class TooManyJourneysException(long limit) : Exception($"The tenant has more than {limit} journeys.")
{
    public long Limit => limit;
}

/// <summary>The copies of the tenants that asked last, as many as fit.</summary>
sealed class LedgerCopies(NpgsqlDataSource dataSource, SnapshotStore snapshots, long maxJourneys) : IDisposable
{
    readonly ConcurrentDictionary<string, LedgerCopy> _copies = new();
    readonly ConcurrentDictionary<string, long> _askedAt = new();
    long _clock;

    /// <summary>The tenants whose journeys are in memory.</summary>
    public IEnumerable<string> Held => _copies.Keys;

    /// <exception cref="TooManyJourneysException">The tenant's don't fit.</exception>
    public Task<JourneyColumns> ReadAsync(string tenant, DateTimeOffset knownAt, CancellationToken cancellationToken) =>
        ReadAsync(tenant, copy => copy.ReadAsync(knownAt, cancellationToken));

    /// <param name="getNow">Asked where what there is is older than <paramref name="maxAge"/>.</param>
    public Task<(JourneyColumns Journeys, DateTimeOffset KnownAt)> ReadLatestAsync(
        string tenant, TimeSpan maxAge, Func<Task<DateTimeOffset>> getNow, CancellationToken cancellationToken) =>
        ReadAsync(tenant, copy => copy.ReadLatestAsync(maxAge, getNow, cancellationToken));

    async Task<T> ReadAsync<T>(string tenant, Func<LedgerCopy, Task<T>> read)
    {
        _askedAt[tenant] = Interlocked.Increment(ref _clock);
        var journeys = await read(_copies.GetOrAdd(tenant, name => new LedgerCopy(dataSource, snapshots, name, maxJourneys)));
        foreach (var other in _copies.Keys.Where(other => other != tenant).OrderBy(other => _askedAt.GetValueOrDefault(other)))
        {
            if (_copies.Values.Sum(copy => copy.Count) <= maxJourneys)
            {
                break;
            }
            _copies.TryRemove(other, out _); // who reads it just now keeps what was read
        }
        return journeys;
    }

    public void Dispose()
    {
        foreach (var copy in _copies.Values)
        {
            copy.Dispose();
        }
    }
}
