using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Opportunity.Domain;
using L2R.Opportunity.Storage;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Npgsql;

namespace L2R.Opportunity.Tests.Storage;

[Trait("needs", "postgres")]
public sealed class DealStoreTests : IAsyncLifetime
{
    const string Tenant = "acme";
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    readonly OutboxSignal _signal = new();
    TestDatabase _database = null!;
    DealStore _store = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(Owners.ImportServer).Assembly, typeof(DealStore).Assembly);
        _store = new DealStore(_database.App, _signal);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _signal.Dispose();
    }

    async Task HearAsync(params JourneyPosition[] heard)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
        await JourneyRows.HearAsync(transaction, Tenant, heard, Cancelled);
        await transaction.CommitAsync(Cancelled);
    }

    async Task<JourneyPosition?> PositionAsync(Guid journeyId)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
        return await JourneyRows.LockAsync(transaction, Tenant, journeyId, Cancelled);
    }

    static JourneyPosition Qualified() => new(Guid.NewGuid(), Guid.NewGuid(), Stage.Sql, Noon, 4);

    Task<DealOutcome> CreateAsync(JourneyPosition journey, DealDetails details) =>
        _store.CreateAsync(Tenant, "user:ada", journey.JourneyId, requestId: null, [], details, Noon.AddHours(1), Cancelled);

    public static TheoryData<string?> Amounts => new((string?)null, "0", "0.000000001", "1999.99", "9223372036854775807.999999999");

    [Theory]
    [MemberData(nameof(Amounts))]
    public async Task Stores_a_deal_and_its_journey_and_reads_back_the_same(string? amount)
    {
        var journey = Qualified();
        await HearAsync(journey);
        var details = new DealDetails
        {
            DisplayName = "Engines",
            Stage = "proposal",
            Amount = amount is null ? null : decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture),
            Currency = "EUR",
            ExpectedCloseDate = amount is null ? null : new DateOnly(9999, 12, 31),
            Owner = "rep",
            Product = "engine",
        };

        var created = Assert.IsType<DealOutcome.Done>(await CreateAsync(journey, details)).Deal;

        Assert.Equal(details, created.Details);
        Assert.Equal(created, await _store.FindAsync(Tenant, created.Id, Cancelled));
        Assert.Equal(journey with { Stage = Stage.Opportunity, OccurTime = Noon.AddHours(1), SourceSeq = 5 }, await PositionAsync(journey.JourneyId));
        Assert.Equal(2L, await _database.ScalarAsync<long>("SELECT count(*) FROM outbox"));
    }

    [Fact]
    public async Task A_refused_deal_stores_nothing()
    {
        var journey = Qualified() with { Stage = Stage.Recycled, ExitFrom = Stage.Sql };
        await HearAsync(journey);

        var refused = Assert.IsType<DealDecision.Refused>(
            Assert.IsType<DealOutcome.Refused>(await CreateAsync(journey, new DealDetails())).Decision);
        Assert.Equal([new(Stage.Recycled, Stage.Sql, Owner.Handoff)], refused.Possible);
        Assert.IsType<DealOutcome.JourneyUnknown>(await CreateAsync(Qualified(), new DealDetails()));

        Assert.Equal(0L, await _database.ScalarAsync<long>("SELECT count(*) FROM opportunities"));
        Assert.Equal(0L, await _database.ScalarAsync<long>("SELECT count(*) FROM outbox"));
        Assert.Equal(journey, await PositionAsync(journey.JourneyId));
    }

    [Fact]
    public async Task Hears_of_a_journey_from_twenty_at_once_and_keeps_the_highest()
    {
        var journey = Qualified();

        await Task.WhenAll(Enumerable.Range(1, 20).Select(n => HearAsync(journey with { SourceSeq = n, OccurTime = Noon.AddMinutes(n) })));

        Assert.Equal(journey with { SourceSeq = 20, OccurTime = Noon.AddMinutes(20) }, await PositionAsync(journey.JourneyId));
    }

    [Fact]
    public async Task Hears_of_new_and_known_journeys_at_once_and_of_one_twice()
    {
        var (known, fresh) = (Qualified(), Qualified());
        await HearAsync(known);

        await HearAsync(fresh, known with { Stage = Stage.Recycled, SourceSeq = 5 }, fresh with { Stage = Stage.Rejected, SourceSeq = 6 }, known with { SourceSeq = 3 });

        Assert.Equal(known with { Stage = Stage.Recycled, SourceSeq = 5 }, await PositionAsync(known.JourneyId));
        Assert.Equal(fresh with { Stage = Stage.Rejected, SourceSeq = 6 }, await PositionAsync(fresh.JourneyId));
    }

    [Fact]
    public async Task Another_tenants_rows_cannot_be_written_or_seen()
    {
        var journey = Qualified();
        await HearAsync(journey);
        var deal = Assert.IsType<DealOutcome.Done>(await CreateAsync(journey, new DealDetails())).Deal;

        Assert.Null(await _store.FindAsync("other", deal.Id, Cancelled));
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using (var transaction = await connection.BeginTenantAsync("other", Cancelled))
        {
            await using var count = new NpgsqlCommand("SELECT count(*) FROM opportunities", connection, transaction);
            Assert.Equal(0L, await count.ExecuteScalarAsync(Cancelled));
            var exception = await Assert.ThrowsAsync<PostgresException>(() => JourneyRows.HearAsync(transaction, Tenant, [Qualified()], Cancelled));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, exception.SqlState);
        }
        await using var unset = new NpgsqlCommand("SELECT count(*) FROM journeys", connection);
        await Assert.ThrowsAsync<PostgresException>(() => unset.ExecuteScalarAsync(Cancelled));
    }
}
