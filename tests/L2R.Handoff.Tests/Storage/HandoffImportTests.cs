using L2R.Handoff.Storage;
using L2R.Handoff.Tests.Domain;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Npgsql;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Handoff.Tests.Storage;

[Trait("needs", "postgres")]
public sealed class HandoffImportTests : IAsyncLifetime
{
    const string Tenant = "acme";

    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(ImportServer).Assembly, typeof(HandoffStore).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    static ImportedRow Row(string journey, long seq, Stage from, Stage to) => new()
    {
        Line = seq,
        KeyId = TransitionId.Create(Tenant, "loans", journey, seq),
        TransitionId = TransitionId.Create(Tenant, "loans", journey, seq),
        Content = Guid.Empty,
        LeadKey = journey,
        LeadId = TransitionId.OfLead(Tenant, "loans", journey),
        JourneyId = TransitionId.OfJourney(Tenant, "loans", journey),
        From = from,
        To = to,
        OccurTime = Examples.Noon.AddMinutes(seq),
        SourceSeq = seq,
        Actor = "",
        Reason = "",
        Dimensions = new Dimensions { Channel = "web-form" },
    };

    async Task ApplyAsync(params ImportedRow[] rows)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync(Tenant, Cancelled);
        await HandoffImport.ApplyAsync(transaction, Tenant, rows, Cancelled);
        await transaction.CommitAsync(Cancelled);
    }

    [Fact]
    public async Task Two_imports_of_one_journey_at_once_both_count()
    {
        await ApplyAsync(Row("a", 2, Stage.Mql, Stage.Sal));
        Task[] imports;
        await using (var connection = await _database.Admin.OpenConnectionAsync(Cancelled))
        {
            // Whoever holds the journey keeps both from going on until both are under way.
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            await using var hold = new NpgsqlCommand("SELECT FROM handoffs FOR UPDATE", connection, transaction);
            await hold.ExecuteNonQueryAsync(Cancelled);
            imports =
            [
                ApplyAsync(Row("a", 3, Stage.Sal, Stage.Sql)),
                ApplyAsync(Row("b", 2, Stage.Mql, Stage.Sal), Row("a", 4, Stage.Sql, Stage.Recycled)),
            ];
            await Eventually.EqualAsync(2L, () => _database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
            await transaction.CommitAsync(Cancelled);
        }
        await Task.WhenAll(imports);

        var journey = await new HandoffQueue(_database.App).FindAsync(Tenant, TransitionId.OfJourney(Tenant, "loans", "a"), Cancelled);
        Assert.Equal(
            (Stage.Recycled, 4L, Examples.Noon.AddMinutes(2), Examples.Noon.AddMinutes(3), "web-form"),
            (journey!.Stage, journey.Position.SourceSeq, journey.AcceptTime, journey.QualifyTime, journey.Traits.Channel));
    }

    [Fact]
    public async Task Rows_of_a_journey_make_the_same_handoff_in_one_batch_and_in_several()
    {
        ImportedRow[] Rows(string journey) =>
            [Row(journey, 1, Stage.Lead, Stage.Mql), Row(journey, 2, Stage.Mql, Stage.Sal), Row(journey, 3, Stage.Sal, Stage.Sql), Row(journey, 4, Stage.Sql, Stage.Recycled)];

        await ApplyAsync([.. Rows("a"), .. Rows("b")[2..]]);
        await ApplyAsync([Rows("b")[0]]);
        await ApplyAsync([Rows("b")[1]]);

        var handoffs = await Task.WhenAll(new[] { "a", "b" }.Select(async journey =>
            await new HandoffQueue(_database.App).FindAsync(Tenant, TransitionId.OfJourney(Tenant, "loans", journey), Cancelled)));
        Assert.Equal(
            Enumerable.Repeat((Stage.Recycled, 4L, Examples.Noon.AddMinutes(1), Examples.Noon.AddMinutes(2), Examples.Noon.AddMinutes(3)), 2),
            handoffs.Select(handoff => (
                handoff!.Stage, handoff.Position.SourceSeq, handoff.QueueTime!.Value, handoff.AcceptTime!.Value, handoff.QualifyTime!.Value)));
    }
}
