using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

[Trait("needs", "postgres")]
public sealed class LedgerStoreTests : IAsyncLifetime
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(LedgerStore).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    static Transition Row() => new()
    {
        TransitionId = Guid.NewGuid(),
        LeadId = Guid.NewGuid(),
        JourneyId = Guid.NewGuid(),
        To = Ledger.Domain.Stage.Lead,
        OccurredAt = Noon,
        RecordedAt = default,
        SourceSeq = 1,
    };

    async Task<int> AppendAsync(params Transition[] rows)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync("acme", Cancelled);
        var count = await LedgerStore.AppendAsync(transaction, "acme", rows, Cancelled);
        await transaction.CommitAsync(Cancelled);
        return count;
    }

    [Fact]
    public async Task Nothing_is_updated_or_deleted()
    {
        await AppendAsync(Row());

        foreach (var sql in new[] { "UPDATE transitions SET reason = 'x'", "DELETE FROM transitions", "TRUNCATE transitions" })
        {
            await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTenantAsync("acme", Cancelled);
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            Assert.Equal(
                PostgresErrorCodes.InsufficientPrivilege,
                (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancelled))).SqlState);
        }
    }

    [Fact]
    public async Task A_row_that_is_known_is_the_same_row()
    {
        var row = Row();

        Assert.Equal(1, await AppendAsync(row));
        Assert.Equal(1, await AppendAsync(row, Row()));
        var twice = Row();
        Assert.Equal(1, await AppendAsync(twice, twice));
    }

    [Fact]
    public async Task What_the_transaction_did_before_a_known_row_stays()
    {
        var row = Row();
        await AppendAsync(row);
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using (var transaction = await connection.BeginTenantAsync("acme", Cancelled))
        {
            Assert.Equal(1, await LedgerStore.AppendAsync(transaction, "acme", [Row()], Cancelled));
            Assert.Equal(1, await LedgerStore.AppendAsync(transaction, "acme", [row, Row()], Cancelled));
            Assert.Equal(1, await LedgerStore.AppendAsync(transaction, "acme", [Row()], Cancelled));
            await transaction.CommitAsync(Cancelled);
        }

        Assert.Equal(4, await _database.ScalarAsync<long>("SELECT count(*) FROM transitions"));
    }

    [Fact]
    public async Task Appends_do_not_wait_for_each_other()
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var open = await connection.BeginTenantAsync("acme", Cancelled);
        await LedgerStore.AppendAsync(open, "acme", [Row()], Cancelled);

        Assert.Equal(1, await AppendAsync(Row()));
    }

    [Fact]
    public async Task Appends_of_the_same_rows_in_any_order_do_not_lock_each_other_out()
    {
        var rows = Enumerable.Range(0, 500).Select(_ => Row()).ToArray();

        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed =>
        {
            var shuffled = rows.ToArray();
            new Random(seed).Shuffle(shuffled);
            return AppendAsync(shuffled);
        }));

        Assert.Equal(500, counts.Sum());
    }

    [Fact]
    public async Task Now_waits_for_the_append_that_was_stamped_before_it()
    {
        await AppendAsync(Row());
        var store = Ledgers.Open(_database.App);
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync("acme", Cancelled);
        await LedgerStore.AppendAsync(transaction, "acme", [Row()], Cancelled);

        var asked = store.GetNowAsync("acme", Cancelled);
        await WaitForWaitingAsync(1);
        await transaction.CommitAsync(Cancelled);

        var journeys = 0;
        await store.FoldAsync("acme", Noon, await asked, _ => journeys++, Cancelled);
        Assert.Equal(2, journeys);
    }

    [Fact]
    public async Task Now_goes_before_the_appends_that_come_after_it()
    {
        var store = Ledgers.Open(_database.App);
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync("acme", Cancelled);
        await LedgerStore.AppendAsync(transaction, "acme", [Row()], Cancelled);
        var asked = store.GetNowAsync("acme", Cancelled);
        await WaitForWaitingAsync(1);
        var later = Row();
        var appended = AppendAsync(later);
        await WaitForWaitingAsync(2);

        await transaction.CommitAsync(Cancelled);
        await Task.WhenAll(asked, appended);

        Assert.True(await RecordedAtAsync(later) > await asked);
    }

    [Fact]
    public async Task No_stamp_falls_behind_an_answer_when_the_clock_is_set_back()
    {
        var store = Ledgers.Open(_database.App);
        await store.GetNowAsync("acme", Cancelled);
        await _database.ScalarAsync<DateTime>("UPDATE ledger_clocks SET recorded_at = '2100-01-01T00:00:00Z' RETURNING recorded_at");

        var now = await store.GetNowAsync("acme", Cancelled);
        var row = Row();
        await AppendAsync(row);

        Assert.Equal(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero), now);
        Assert.True(await RecordedAtAsync(row) > now);
    }

    [Fact]
    public async Task A_process_keeps_as_many_journeys_as_it_may()
    {
        await AppendAsync(Row(), Row(), Row());
        using var store = Ledgers.Open(_database.App, maxJourneys: 4);

        Assert.Equal(3, await CountAsync(store, "acme"));
        Assert.Equal(0, await CountAsync(store, "other"));
        await AppendAsync(Row(), Row());
        Assert.Equal(4, (await Assert.ThrowsAsync<TooManyJourneysException>(() => CountAsync(store, "acme"))).Limit);
        using var fresh = Ledgers.Open(_database.App, maxJourneys: 4);
        await Assert.ThrowsAsync<TooManyJourneysException>(() => CountAsync(fresh, "acme"));
        using var larger = Ledgers.Open(_database.App, maxJourneys: 5);
        Assert.Equal(5, await CountAsync(larger, "acme"));
    }

    [Fact]
    public async Task The_tenant_that_asked_longest_ago_makes_room()
    {
        string[] tenants = ["one", "two", "three"];
        foreach (var tenant in tenants)
        {
            await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTenantAsync(tenant, Cancelled);
            await LedgerStore.AppendAsync(transaction, tenant, [Row(), Row()], Cancelled);
            await transaction.CommitAsync(Cancelled);
        }
        using var copies = new LedgerCopies(_database.App, new(_database.App, long.MaxValue, NullLogger.Instance), maxJourneys: 4);
        var store = Ledgers.Open(_database.App);

        foreach (var tenant in tenants.Concat(tenants).Append("three"))
        {
            Assert.Equal(2, (await copies.ReadAsync(tenant, await store.GetNowAsync(tenant, Cancelled), Cancelled)).Count);
        }

        Assert.Equal(["three", "two"], copies.Held.Order());
    }

    static async Task<long> CountAsync(LedgerStore store, string tenant) =>
        (await store.ReadAsync(tenant, await store.GetNowAsync(tenant, Cancelled), Cancelled)).Count;

    async Task<DateTimeOffset> RecordedAtAsync(Transition row) =>
        new(await _database.ScalarAsync<DateTime>($"SELECT recorded_at FROM transitions WHERE transition_id = '{row.TransitionId}'"));

    Task WaitForWaitingAsync(long count) => Eventually.EqualAsync(count, () => _database.ScalarAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"));
}
