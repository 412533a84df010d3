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
}
