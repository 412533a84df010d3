using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Handoff.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ReopeningTests(HandoffFixture fixture)
{
    readonly string _tenant = HandoffFixture.NewTenant();

    CallOptions Sales => ServiceProcess.As(_tenant, "sales");

    HandoffService.HandoffServiceClient Client => fixture.Client;

    [Fact]
    public async Task Takes_an_exit_back_by_a_further_row_and_once()
    {
        var queued = await fixture.QueueAsync(_tenant);
        var accepted = await Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = queued.Name }, Sales);
        var recycled = await Client.RecycleHandoffAsync(new RecycleHandoffRequest { Name = queued.Name, Reason = "not now" }, Sales);
        var request = new ReopenHandoffRequest { Name = queued.Name, Reason = "they called", Etag = recycled.Etag, RequestId = Guid.NewGuid().ToString() };

        var reopened = await Client.ReopenHandoffAsync(request, Sales);
        var retried = await Client.ReopenHandoffAsync(request, Sales);

        var expected = accepted.Clone();
        expected.Etag = reopened.Etag;
        Assert.Equal([expected, expected], [reopened, retried]);
        await Eventually.EqualAsync(3, () => Task.FromResult(fixture.Rows(_tenant).Count));
        Assert.Equal(
            [(Stage.Mql, Stage.Sal, 3L, ""), (Stage.Sal, Stage.Recycled, 4L, "not now"), (Stage.Recycled, Stage.Sal, 5L, "they called")],
            fixture.Rows(_tenant).Select(row => (row.From, row.To, row.SourceSeq, row.Reason)));
        Assert.Equal(queued.Journey, fixture.Rows(_tenant)[2].Journey);
    }

    [Fact]
    public async Task Refuses_what_sales_did_not_end()
    {
        var queued = await fixture.QueueAsync(_tenant);
        var journey = Journey.New(_tenant);
        await fixture.SayAsync(journey, Stage.Mql, 2);
        await fixture.HeardAsync(journey, Stage.Mql);
        await fixture.SayAsync(journey, Stage.Disqualified, 3);
        await fixture.HeardAsync(journey, Stage.Disqualified);

        var open = await GrpcAssert.FailsAsync(Client.ReopenHandoffAsync(new ReopenHandoffRequest { Name = queued.Name, Reason = "x" }, Sales));
        var others = await GrpcAssert.FailsAsync(Client.ReopenHandoffAsync(new ReopenHandoffRequest { Name = journey.Handoff, Reason = "x" }, Sales));

        Assert.Equal(
            [(StatusCode.FailedPrecondition, "HANDOFF_NOT_ENDED", "MQL"), (StatusCode.FailedPrecondition, "HANDOFF_NOT_ENDED", "DISQUALIFIED")],
            new[] { open, others }.Select(error => (error.Code, error.Reason, error.Metadata["stage"])));
    }

    [Fact]
    public async Task Refuses_a_journey_whose_lead_has_a_later_one()
    {
        var queued = await fixture.QueueAsync(_tenant);
        await Client.RecycleHandoffAsync(new RecycleHandoffRequest { Name = queued.Name, Reason = "not now" }, Sales);
        var earlier = Journey.New(_tenant) with { Lead = queued.Lead };
        await fixture.SayAsync(earlier, Stage.Mql, 2);
        await fixture.HeardAsync(earlier, Stage.Mql);

        var reopened = await Client.ReopenHandoffAsync(new ReopenHandoffRequest { Name = queued.Name, Reason = "they called" }, Sales);
        await Client.RecycleHandoffAsync(new RecycleHandoffRequest { Name = queued.Name, Reason = "again not now" }, Sales);
        var later = Journey.New(_tenant) with { Lead = queued.Lead };
        // Nobody's clock is five million minutes ahead; all that counts is that it is later than now.
        await fixture.SayAsync(later, Stage.Mql, 5_000_000);
        await fixture.HeardAsync(later, Stage.Mql);
        var error = await GrpcAssert.FailsAsync(Client.ReopenHandoffAsync(new ReopenHandoffRequest { Name = queued.Name, Reason = "they called" }, Sales));

        // Any other command would name the way back, which there is no more.
        var accepting = await GrpcAssert.FailsAsync(Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = queued.Name }, Sales));

        Assert.Equal(Stage.Mql, reopened.Stage);
        Assert.All([error, accepting], refused => Assert.Equal(
            (StatusCode.FailedPrecondition, "JOURNEY_NOT_LATEST", queued.Name), (refused.Code, refused.Reason, refused.Metadata["name"])));
    }

    [Fact]
    public async Task The_way_back_that_a_refusal_names_can_be_called()
    {
        var queued = await fixture.QueueAsync(_tenant);
        await Client.RejectHandoffAsync(new RejectHandoffRequest { Name = queued.Name, Reason = "no fit" }, Sales);

        var error = await GrpcAssert.FailsAsync(Client.AcceptHandoffAsync(new AcceptHandoffRequest { Name = queued.Name }, Sales));
        var reopened = await Client.ReopenHandoffAsync(new ReopenHandoffRequest { Name = queued.Name, Reason = "a mistake" }, Sales);

        Assert.Equal(("MOVE_NOT_ALLOWED", "REJECTED", "MQL"), (error.Reason, error.Metadata["from"], error.Metadata["allowed"]));
        Assert.Equal(Stage.Mql, reopened.Stage);
    }
}
