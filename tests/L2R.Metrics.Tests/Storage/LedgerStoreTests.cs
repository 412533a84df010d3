using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using L2R.TestSupport;
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
    }

    [Fact]
    public async Task Commits_at_once_are_stamped_one_after_the_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AppendAsync(Row(), Row())));

        Assert.Equal(20L, await _database.ScalarAsync<long>("SELECT count(DISTINCT recorded_at) FROM transitions"));
    }

    [Fact]
    public async Task Now_waits_for_the_append_that_was_stamped_before_it()
    {
        await AppendAsync(Row());
        var store = new LedgerStore(_database.App);
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync("acme", Cancelled);
        await LedgerStore.AppendAsync(transaction, "acme", [Row()], Cancelled);

        var asked = store.GetNowAsync("acme", Cancelled);
        await Eventually.EqualAsync(1L, () => _database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"));
        await transaction.CommitAsync(Cancelled);

        var journeys = 0;
        await store.FoldAsync("acme", Noon, await asked, _ => journeys++, Cancelled);
        Assert.Equal(2, journeys);
    }
}
