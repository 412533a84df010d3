using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Owners;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Npgsql;

namespace L2R.Scoring.Tests.Storage;

[Trait("needs", "postgres")]
public sealed class JourneyStoreTests : IAsyncLifetime
{
    const string Tenant = "acme";

    static readonly LeadAttributes Enterprise = new() { Segment = "enterprise" };

    readonly Guid _lead = Guid.NewGuid();
    readonly Guid _journey = Guid.NewGuid();
    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database =
        await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(ImportServer).Assembly, typeof(JourneyStore).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    async Task InTransactionAsync(Func<NpgsqlTransaction, Task> act, string tenant = Tenant)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(tenant, Cancelled);
        await act(transaction);
        await transaction.CommitAsync(Cancelled);
    }

    Task HearLeadAsync(long version = 1) =>
        InTransactionAsync(transaction => JourneyStore.HearLeadsAsync(transaction, Tenant, [new(_lead, version, Enterprise)], [], SomeLead.Noon, Cancelled));

    Task HearMoveAsync(Stage stage, long sourceSeq, string motion = "new") =>
        InTransactionAsync(transaction => JourneyStore.HearMovesAsync(
            transaction, Tenant, [new(_lead, new(_journey, stage, SomeLead.Noon, sourceSeq, Imported: false), motion)], SomeLead.Noon, Cancelled));

    Task HearTouchAsync(string kind, Guid? touchpointId = null) =>
        InTransactionAsync(transaction => JourneyStore.HearTouchesAsync(
            transaction, Tenant, [new(_lead, _journey, touchpointId ?? Guid.NewGuid(), kind, SomeLead.Noon)], SomeLead.Noon, Cancelled));

    Task<Score?> ScoreAsync(string tenant = Tenant) => new ScoreStore(_database.App).FindAsync(tenant, _journey, Cancelled);

    [Fact]
    public async Task All_at_once_makes_one_MQL()
    {
        await Task.WhenAll(
        [
            HearLeadAsync(),
            HearMoveAsync(Stage.Lead, 1),
            .. Enumerable.Range(0, 20).Select(_ => HearTouchAsync("demo-request")),
        ]);

        Assert.Equal(1L, await _database.ScalarAsync<long>("SELECT count(*) FROM outbox"));
        Assert.Equal((ScoreState.Qualified, SomeLead.Noon), ((await ScoreAsync())!.State, (await ScoreAsync())!.QualifyTime));
    }

    [Fact]
    public async Task All_at_once_below_the_threshold_loses_no_touch()
    {
        await Task.WhenAll(
        [
            HearLeadAsync(),
            HearMoveAsync(Stage.Lead, 1),
            .. Enumerable.Range(0, 10).Select(_ => HearTouchAsync("page-view")),
        ]);

        Assert.Equal(
            [(1, new Contribution("segment-enterprise", 15, "segment is enterprise")), (1, new("page-view", 20, "10 × page-view"))],
            (await ScoreAsync())!.Contributions);
    }

    [Fact]
    public async Task A_touch_counts_once_under_its_id()
    {
        var touchpointId = Guid.NewGuid();
        await HearLeadAsync();
        await HearMoveAsync(Stage.Lead, 1);

        await HearTouchAsync("email-click", touchpointId);
        await HearTouchAsync("email-click", touchpointId);

        Assert.Equal(20, (await ScoreAsync())!.Points);
    }

    [Fact]
    public async Task Touches_of_many_leads_count_each_for_its_own()
    {
        var (otherLead, otherJourney) = (Guid.NewGuid(), Guid.NewGuid());
        await InTransactionAsync(transaction => JourneyStore.HearLeadsAsync(
            transaction, Tenant,
            [new(_lead, 1, Enterprise), new(otherLead, 1, Enterprise)],
            [Opens(_lead, _journey), Opens(otherLead, otherJourney)],
            SomeLead.Noon, Cancelled));

        await InTransactionAsync(transaction => JourneyStore.HearTouchesAsync(
            transaction, Tenant,
            [Touches(_lead, _journey, "page-view"), Touches(otherLead, otherJourney, "demo-request"), Touches(_lead, _journey, "page-view")],
            SomeLead.Noon, Cancelled));

        Assert.Equal((19, ScoreState.Open), ((await ScoreAsync())!.Points, (await ScoreAsync())!.State));
        var other = await new ScoreStore(_database.App).FindAsync(Tenant, otherJourney, Cancelled);
        Assert.Equal((65, ScoreState.Qualified), (other!.Points, other.State));

        static HeardMove Opens(Guid lead, Guid journey) => new(lead, new(journey, Stage.Lead, SomeLead.Noon, 1, Imported: false), "new");
        static HeardTouch Touches(Guid lead, Guid journey, string kind) => new(lead, journey, Guid.NewGuid(), kind, SomeLead.Noon);
    }

    [Fact]
    public async Task A_journey_keeps_its_motion_where_a_later_row_does_not_say()
    {
        await HearMoveAsync(Stage.Lead, 1, motion: "expansion");
        await HearMoveAsync(Stage.Sal, 2, motion: "");

        Assert.Equal("expansion", await _database.ScalarAsync<string>("SELECT motion FROM journeys"));
    }

    [Fact]
    public async Task Another_tenant_sees_nothing_and_no_tenant_is_an_error()
    {
        await HearLeadAsync();
        await HearMoveAsync(Stage.Lead, 1);
        await HearTouchAsync("page-view");
        string[] tables = ["leads", "journeys", "touches", "contributions", "scoring_policies"];

        foreach (var table in tables)
        {
            Assert.True(await _database.ScalarAsync<long>($"SELECT count(*) FROM {table}") > 0, table);
            await InTransactionAsync(async transaction =>
            {
                await using var command = new NpgsqlCommand($"SELECT count(*) FROM {table}", transaction.Connection, transaction);
                Assert.Equal(0L, await command.ExecuteScalarAsync(Cancelled));
            }, tenant: "other");
            await using var nobody = _database.App.CreateCommand($"SELECT count(*) FROM {table}");
            var exception = await Assert.ThrowsAsync<PostgresException>(() => nobody.ExecuteScalarAsync(Cancelled));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, exception.SqlState);
        }
        Assert.Null(await ScoreAsync("other"));
    }

    [Fact]
    public async Task Everybody_who_comes_first_finds_the_same_default()
    {
        var policies = new PolicyStore(_database.App, new OutboxSignal());

        var found = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => policies.FindAsync(Tenant, version: null, SomeLead.Noon, Cancelled)));

        Assert.Single(found.Select(policy => policy!.Id).Distinct());
        Assert.Equivalent(DefaultPolicy.Rules, found[0]!.Rules, strict: true);
        Assert.Equal(DefaultPolicy.Header, found[0]!.Header);
    }
}
