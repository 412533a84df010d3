using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

/// <summary>A process that starts reads the last snapshot and what came after it, or the ledger where there is none for it.</summary>
/// <remarks>Each test takes a row out of the ledger behind the service's back: who still counts it has read the snapshot.</remarks>
[Trait("needs", "postgres")]
public sealed class SnapshotTests : IAsyncLifetime
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(LedgerStore).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_start_reads_it_and_what_came_after()
    {
        var (kept, changing) = await KeepAsync();
        await AppendAsync(Row(changing, Stage.Mql));
        await AppendAsync(Row(Guid.NewGuid(), Stage.Lead));

        using var started = Ledgers.Open(_database.App);

        Assert.Equal([(kept, "Lead"), (changing, "Lead Mql")], (await SayAsync(started)).Take(2));
        Assert.Equal(3, (await SayAsync(started)).Count);
    }

    [Theory]
    [InlineData("UPDATE ledger_snapshots SET build = 'of another build' RETURNING 1")]
    [InlineData("DELETE FROM ledger_snapshots WHERE part = 1 RETURNING 1")]
    [InlineData("UPDATE ledger_snapshots SET content = substring(content for 60) WHERE part = 1 RETURNING 1")]
    [InlineData("UPDATE ledger_snapshots SET content = '\\x00' WHERE part = 0 RETURNING 1")]
    [InlineData("UPDATE ledger_snapshots SET known_at = '2100-01-01' RETURNING 1")] // no answer is from the future
    public async Task One_that_is_not_whole_or_not_of_this_build_is_not_read(string damage)
    {
        var (_, changing) = await KeepAsync();
        await _database.ScalarAsync<int>(damage);

        using var started = Ledgers.Open(_database.App);

        Assert.Equal([(changing, "Lead")], await SayAsync(started));
    }

    [Fact]
    public async Task A_new_one_takes_its_place_when_much_has_changed()
    {
        await KeepAsync();
        using var store = Ledgers.Open(_database.App, snapshotFromJourneys: 1);
        var first = await KnownAtAsync();
        for (var number = 0; number < 3; number++)
        {
            await AppendAsync(Row(Guid.NewGuid(), Stage.Lead));
            await SayAsync(store);
        }

        await Eventually.IsTrueAsync("a later snapshot", async () => await KnownAtAsync() > first);
        Assert.Equal(1, await _database.ScalarAsync<long>("SELECT count(DISTINCT known_at) FROM ledger_snapshots"));
    }

    [Fact]
    public async Task Small_tenants_have_none()
    {
        await AppendAsync(Row(Guid.NewGuid(), Stage.Lead));
        using var small = Ledgers.Open(_database.App, snapshotFromJourneys: 2);
        await SayAsync(small);
        await AppendAsync(Row(Guid.NewGuid(), Stage.Lead));
        Assert.Equal(0, await CountAsync());

        await SayAsync(small);
        await Eventually.EqualAsync(2L, CountAsync);
    }

    [Fact]
    public async Task A_process_that_may_not_keep_so_many_says_so()
    {
        await KeepAsync();
        using var started = Ledgers.Open(_database.App, maxJourneys: 1);

        await Assert.ThrowsAsync<TooManyJourneysException>(() => SayAsync(started));
    }

    /// <summary>Two leads in the ledger and in a snapshot; then the first one's row is gone from the ledger.</summary>
    async Task<(Guid Kept, Guid Changing)> KeepAsync()
    {
        var (kept, changing) = (new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8]));
        await AppendAsync(Row(kept, Stage.Lead), Row(changing, Stage.Lead));
        using var store = Ledgers.Open(_database.App, snapshotFromJourneys: 1);
        Assert.Equal(2, (await SayAsync(store)).Count);
        await Eventually.EqualAsync(2L, CountAsync);
        await _database.ScalarAsync<Guid>($"DELETE FROM transitions WHERE lead_id = '{kept}' RETURNING lead_id");
        return (kept, changing);
    }

    Task<long> CountAsync() => _database.ScalarAsync<long>("SELECT count(*) FROM ledger_snapshots");

    Task<DateTime> KnownAtAsync() => _database.ScalarAsync<DateTime>("SELECT max(known_at) FROM ledger_snapshots");

    static async Task<IReadOnlyList<(Guid Lead, string Stages)>> SayAsync(LedgerStore store)
    {
        List<(Guid Lead, string)> said = [];
        await store.FoldAsync(
            "acme", Noon.AddDays(1), await store.GetNowAsync("acme", Cancelled),
            journey => said.Add((journey.LeadId, string.Join(' ', journey.Stays.Select(stay => stay.Stage)))),
            Cancelled);
        return [.. said.OrderBy(journey => journey.Lead)];
    }

    async Task AppendAsync(params Transition[] rows)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync("acme", Cancelled);
        await LedgerStore.AppendAsync(transaction, "acme", rows, Cancelled);
        await transaction.CommitAsync(Cancelled);
    }

    static Transition Row(Guid lead, Stage to) => new()
    {
        TransitionId = Guid.NewGuid(),
        LeadId = lead,
        JourneyId = lead,
        To = to,
        OccurredAt = Noon.AddHours((int)to),
        RecordedAt = default,
        SourceSeq = (int)to,
    };
}
