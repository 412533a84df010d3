using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.TestSupport;
using Origin = L2R.Ledger.V1.Origin;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Handoff.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ImportsTests(HandoffFixture fixture)
{
    static readonly DateTimeOffset Noon = new(2011, 10, 1, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = HandoffFixture.NewTenant();

    CallOptions RevOps => ServiceProcess.As(_tenant, "revops");

    static ImportedTransition Row(int seq, Stage from, Stage to, int minute, string journey = "j1") => new()
    {
        Line = seq + 1,
        SourceKey = journey,
        SourceSeq = seq,
        LeadKey = journey,
        JourneyKey = journey,
        From = from,
        To = to,
        OccurTime = Noon.AddMinutes(minute).ToTimestamp(),
        Actor = "source-user:112",
    };

    async Task<ImportTransitionsResponse> ImportAsync(bool correct, params ImportedTransition[] rows)
    {
        using var call = fixture.Client.ImportTransitions(RevOps);
        await call.RequestStream.WriteAsync(
            new ImportTransitionsRequest { ImportId = "test", Source = "loans", Correct = correct, Transitions = { rows } }, TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        return call.ResponseStream.Current;
    }

    async Task<IReadOnlyList<V1.Handoff>> ListAsync() => (await fixture.Client.ListHandoffsAsync(new ListHandoffsRequest(), RevOps)).Handoffs;

    [Fact]
    public async Task History_is_kept_told_to_the_ledger_and_never_assigned()
    {
        await fixture.Client.CreateRepAsync(new CreateRepRequest { Rep = new Rep { DisplayName = "Ann" } }, RevOps);
        ImportedTransition[] rows = [Row(2, Stage.Mql, Stage.Sal, 10), Row(3, Stage.Sal, Stage.Sql, 20), Row(4, Stage.Sql, Stage.Recycled, 30)];

        var first = await ImportAsync(correct: false, rows);
        var second = await ImportAsync(correct: false, rows);

        Assert.Equal(new ImportTransitionsResponse { StoredCount = 3 }, first);
        Assert.Equal(new ImportTransitionsResponse { UnchangedCount = 3 }, second);
        var handoff = Assert.Single(await ListAsync());
        Assert.Equal(
            new V1.Handoff
            {
                Name = handoff.Name,
                Lead = handoff.Lead,
                Journey = handoff.Journey,
                Stage = Stage.Recycled,
                QueueTime = Noon.AddMinutes(10).ToTimestamp(),
                AcceptTime = Noon.AddMinutes(10).ToTimestamp(),
                QualifyTime = Noon.AddMinutes(20).ToTimestamp(),
                Imported = true,
                Etag = "1",
            },
            handoff);
        await Eventually.EqualAsync(3, () => Task.FromResult(fixture.Rows(_tenant).Count));
        Assert.Equal(
            [(Stage.Mql, Stage.Sal, 2L), (Stage.Sal, Stage.Sql, 3L), (Stage.Sql, Stage.Recycled, 4L)],
            fixture.Rows(_tenant).Select(row => (row.From, row.To, row.SourceSeq)));
        Assert.All(fixture.Rows(_tenant), row => Assert.Equal((handoff.Journey, Origin.Import, "source-user:112"), (row.Journey, row.Origin, row.Actor)));
        Assert.Empty(fixture.Assignments(_tenant));
    }

    [Fact]
    public async Task Rows_may_come_in_several_batches_and_any_order()
    {
        await ImportAsync(correct: false, Row(4, Stage.Sql, Stage.Disqualified, 30), Row(2, Stage.Mql, Stage.Sal, 10, "j2"));
        await ImportAsync(correct: false, Row(2, Stage.Mql, Stage.Sal, 10), Row(3, Stage.Sal, Stage.Sql, 20, "j2"));
        await ImportAsync(correct: false, Row(3, Stage.Sal, Stage.Sql, 20));

        Assert.Equal(
            [(Stage.Disqualified, 10, 20), (Stage.Sql, 10, 20)],
            (await ListAsync())
                .OrderByDescending(handoff => handoff.Stage)
                .Select(handoff => (handoff.Stage, Minute(handoff.AcceptTime), Minute(handoff.QualifyTime))));
    }

    [Fact]
    public async Task A_correction_and_a_withdrawal_leave_what_the_rest_says()
    {
        await ImportAsync(correct: false, Row(2, Stage.Mql, Stage.Sal, 10), Row(3, Stage.Sal, Stage.Sql, 20));

        var corrected = await ImportAsync(correct: true, Row(2, Stage.Mql, Stage.Sal, 5), Row(3, Stage.Sal, Stage.Unspecified, 20));

        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 2 }, corrected);
        var handoff = Assert.Single(await ListAsync());
        Assert.Equal((Stage.Sal, 5, 5, null), (handoff.Stage, Minute(handoff.QueueTime), Minute(handoff.AcceptTime), handoff.QualifyTime));
        await ImportAsync(correct: true, Row(2, Stage.Mql, Stage.Unspecified, 5));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_correction_of_a_key_that_may_be_another_owners_supersedes_its_first_row()
    {
        var key = TransitionId.Create(_tenant, "loans", "j1", 2).ToString("D");

        var taken = await ImportAsync(correct: true, Row(2, Stage.Mql, Stage.Sal, 10));
        var again = await ImportAsync(correct: true, Row(2, Stage.Mql, Stage.Sal, 10));

        Assert.Equal(new ImportTransitionsResponse { StoredCount = 1 }, taken);
        Assert.Equal(new ImportTransitionsResponse { UnchangedCount = 1 }, again);
        await Eventually.EqualAsync(1, () => Task.FromResult(fixture.Rows(_tenant).Count));
        var row = fixture.Rows(_tenant)[0];
        Assert.Equal((Stage.Sal, key), (row.To, row.Supersedes));
        Assert.NotEqual(key, row.TransitionId);
    }

    [Fact]
    public async Task A_row_that_is_withdrawn_twice_is_withdrawn_once_and_may_come_again()
    {
        await ImportAsync(correct: false, Row(2, Stage.Mql, Stage.Sal, 10));

        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 1 }, await ImportAsync(correct: true, Row(2, Stage.Mql, Stage.Unspecified, 10)));
        Assert.Equal(new ImportTransitionsResponse { UnchangedCount = 1 }, await ImportAsync(correct: true, Row(2, Stage.Lead, Stage.Unspecified, 11)));
        Assert.Equal(new ImportTransitionsResponse { CorrectedCount = 1 }, await ImportAsync(correct: true, Row(2, Stage.Mql, Stage.Sal, 10)));

        Assert.Equal(Stage.Sal, Assert.Single(await ListAsync()).Stage);
        await Eventually.EqualAsync(3, () => Task.FromResult(fixture.Rows(_tenant).Count));
        Assert.Equal(3, fixture.Rows(_tenant).Select(row => row.TransitionId).Distinct().Count());
    }

    [Fact]
    public async Task A_move_of_another_service_is_rejected_with_its_line_and_the_rest_is_stored()
    {
        var report = await ImportAsync(correct: false, Row(1, Stage.Lead, Stage.Mql, 5), Row(2, Stage.Mql, Stage.Sal, 10), Row(3, Stage.Sal, Stage.Opportunity, 15));

        Assert.Equal(1, report.StoredCount);
        Assert.Equal([(2L, "MOVE_NOT_ALLOWED"), (4L, "MOVE_NOT_ALLOWED")], report.Rejects.Select(reject => (reject.Line, reject.Reason)));
    }

    [Fact]
    public async Task History_that_ends_in_the_queue_waits_for_nobody()
    {
        await ImportAsync(correct: false, Row(2, Stage.Mql, Stage.Rejected, 10), Row(3, Stage.Rejected, Stage.Mql, 20));
        await fixture.Client.CreateRepAsync(new CreateRepRequest { Rep = new Rep { DisplayName = "Ann" } }, RevOps);

        var live = await fixture.QueueAsync(_tenant);

        var imported = Assert.Single(await ListAsync(), handoff => handoff.Imported);
        Assert.Equal((Stage.Mql, ""), (imported.Stage, imported.Owner));
        await Eventually.EqualAsync(1, () => Task.FromResult(fixture.Assignments(_tenant).Count));
        Assert.Equal(live.Name, fixture.Assignments(_tenant)[0].Handoff);
    }

    [Fact]
    public async Task Nobody_moves_history_live()
    {
        await ImportAsync(correct: false, Row(2, Stage.Mql, Stage.Sal, 10));
        var handoff = Assert.Single(await ListAsync());

        var recycle = await GrpcAssert.FailsAsync(fixture.Client.RecycleHandoffAsync(new RecycleHandoffRequest { Name = handoff.Name, Reason = "x" }, RevOps));
        var pull = await GrpcAssert.FailsAsync(fixture.Client.PullLeadAsync(new PullLeadRequest { Lead = handoff.Lead }, RevOps));

        Assert.All([recycle, pull], error => Assert.Equal((StatusCode.FailedPrecondition, "JOURNEY_IS_HISTORY"), (error.Code, error.Reason)));
    }

    static int Minute(Timestamp time) => (int)(time.ToDateTimeOffset() - Noon).TotalMinutes;
}
