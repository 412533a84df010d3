using L2R.Handoff.Domain;
using L2R.Handoff.Storage;
using L2R.Handoff.Tests.Domain;
using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Owners;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Npgsql;

namespace L2R.Handoff.Tests.Storage;

[Trait("needs", "postgres")]
public sealed class RoutingTests : IAsyncLifetime
{
    const string Tenant = "acme";

    TestDatabase _database = null!;
    OutboxSignal _signal = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(ImportServer).Assembly, typeof(HandoffStore).Assembly);
        _signal = new OutboxSignal();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _signal.Dispose();
    }

    RepStore Reps => new(_database.App, _signal);

    Task<RepOutcome> AddRepAsync(string? subject = null) =>
        Reps.CreateAsync(Tenant, requestId: null, [], new RepDetails("Ann", subject, "inside-sales", Active: true), Examples.Noon, Cancelled);

    static SalesJourney Mql() => new()
    {
        JourneyId = Guid.NewGuid(),
        LeadId = Guid.NewGuid(),
        Position = new JourneyPosition(Stage.Mql, Examples.Noon, 2),
        Version = 1,
    };

    [Fact]
    public async Task A_rep_who_becomes_active_while_an_mql_comes_in_misses_nothing()
    {
        var journey = Mql();
        Task<RepOutcome> adding;
        await using (var connection = await _database.App.OpenConnectionAsync(Cancelled))
        {
            await using (var before = await connection.BeginTenantAsync(Tenant, Cancelled))
            {
                await Routing.LockAsync(before, Tenant, Cancelled); // there is a cursor
                await before.CommitAsync(Cancelled);
            }
            await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
            var last = await Routing.LockAsync(transaction, Tenant, Cancelled);
            await HandoffStore.HearAsync(transaction, Tenant, [journey], Cancelled);
            Assert.Empty(await Routing.AssignWaitingAsync(transaction, Tenant, last, Examples.Noon, Cancelled));
            adding = AddRepAsync();
            await Eventually.EqualAsync(1L, () => _database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
            await transaction.CommitAsync(Cancelled);
        }

        var rep = Assert.IsType<RepOutcome.Done>(await adding).Rep;

        Assert.Equal(
            journey with { QueueTime = Examples.Noon, Owner = rep.AsAssignee, AssignTime = Examples.Noon, Version = 2 },
            await new HandoffQueue(_database.App).FindAsync(Tenant, journey.JourneyId, Cancelled));
        Assert.Equal(1L, await _database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE event_type = 'l2r.handoff.v1.HandoffsAssigned'"));
    }

    [Fact]
    public async Task An_assignment_that_rolls_back_gives_its_turn_back()
    {
        await AddRepAsync();
        async Task HearAsync(SalesJourney journey, bool commit)
        {
            await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
            var last = await Routing.LockAsync(transaction, Tenant, Cancelled);
            await HandoffStore.HearAsync(transaction, Tenant, [journey], Cancelled);
            Assert.Single(await Routing.AssignWaitingAsync(transaction, Tenant, last, Examples.Noon, Cancelled));
            if (commit)
            {
                await transaction.CommitAsync(Cancelled);
            }
        }

        await HearAsync(Mql(), commit: false);
        await HearAsync(Mql(), commit: true);

        Assert.Equal(1L, await _database.ScalarAsync<long>("SELECT turn_count FROM routing_cursors"));
    }

    [Fact]
    public async Task Two_events_of_a_new_journey_at_once_are_both_heard()
    {
        var mql = Mql();
        var sql = mql with { Position = new JourneyPosition(Stage.Opportunity, Examples.One, 5) };
        Task hearing;
        await using (var connection = await _database.App.OpenConnectionAsync(Cancelled))
        {
            await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
            await HandoffStore.HearAsync(transaction, Tenant, [mql], Cancelled);
            hearing = Task.Run(
                async () =>
                {
                    await using var other = await _database.App.OpenConnectionAsync(Cancelled);
                    await using var overlapping = await other.BeginTenantAsync(Tenant, Cancelled);
                    await HandoffStore.HearAsync(overlapping, Tenant, [sql], Cancelled);
                    await overlapping.CommitAsync(Cancelled);
                },
                Cancelled);
            await Eventually.EqualAsync(1L, () => _database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
            await transaction.CommitAsync(Cancelled);
        }
        await hearing;

        Assert.Equal(
            mql with { Position = sql.Position, QueueTime = Examples.Noon, Version = 2 },
            await new HandoffQueue(_database.App).FindAsync(Tenant, mql.JourneyId, Cancelled));
    }

    [Fact]
    public async Task A_name_is_kept_apart_and_out_of_events()
    {
        await AddRepAsync("ann");

        Assert.Equal("Ann", await _database.ScalarAsync<string>("SELECT display_name FROM rep_names"));
        Assert.Equal(0L, await _database.ScalarAsync<long>("SELECT count(*) FROM information_schema.columns WHERE column_name LIKE '%name%' AND table_name IN ('reps', 'handoffs')"));
    }

    [Fact]
    public async Task Without_a_tenant_there_is_an_error_and_never_an_empty_answer()
    {
        foreach (var table in new[] { "handoffs", "reps", "rep_names", "routing_cursors", "imported_stages" })
        {
            await using var command = _database.App.CreateCommand($"SELECT count(*) FROM {table}");

            var exception = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync(Cancelled));

            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, exception.SqlState);
        }
    }
}
