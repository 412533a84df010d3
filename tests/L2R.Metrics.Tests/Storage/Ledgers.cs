using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace L2R.Metrics.Tests.Storage;

static class Ledgers
{
    /// <summary>A store as a process that starts has it: it keeps no snapshots unless asked to.</summary>
    public static LedgerStore Open(NpgsqlDataSource dataSource, long maxJourneys = long.MaxValue, long snapshotFromJourneys = long.MaxValue) => new(
        dataSource,
        new() { MaxJourneysInMemory = maxJourneys, SnapshotFromJourneys = snapshotFromJourneys },
        NullLogger<LedgerStore>.Instance);

    /// <summary>Visits every journey of the tenant.</summary>
    public static async Task FoldAsync(
        this LedgerStore store, string tenant, DateTimeOffset asOf, DateTimeOffset knownAt, Action<JourneyFacts> visit, CancellationToken cancellationToken)
    {
        foreach (var journey in (await store.ReadAsync(tenant, knownAt, cancellationToken)).Facts(asOf))
        {
            visit(journey);
        }
    }
}
