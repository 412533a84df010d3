using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Opportunity.V1;
using L2R.TestSupport;
using L2R.Type.V1;

namespace L2R.Opportunity.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ClosesTests(OpportunityFixture service)
{
    readonly string _tenant = OpportunityFixture.NewTenant();

    CallOptions Sales => ServiceProcess.As(_tenant, "sales");

    async Task<V1.Opportunity> CreateAsync(Journey journey, long units = 100) => await service.Client.CreateOpportunityAsync(
        new CreateOpportunityRequest
        {
            Opportunity = new V1.Opportunity { Journey = journey.Name, Amount = new Money { CurrencyCode = "EUR", Units = units } },
        },
        Sales);

    static CloseOpportunityWonRequest Won(V1.Opportunity opportunity) =>
        new() { Name = opportunity.Name, Reason = "best offer", RequestId = Guid.NewGuid().ToString() };

    static CloseOpportunityLostRequest Lost(V1.Opportunity opportunity) =>
        new() { Name = opportunity.Name, Reason = "price", RequestId = Guid.NewGuid().ToString() };

    static ReopenOpportunityRequest Reopen(V1.Opportunity opportunity) =>
        new() { Name = opportunity.Name, Reason = "budget is back", RequestId = Guid.NewGuid().ToString() };

    /// <summary>The rows of the tenant's journeys as the ledger is told: from, to, opportunity, number.</summary>
    async Task<IEnumerable<(Stage, Stage, string, long)>> RowsAsync(int count)
    {
        await Eventually.EqualAsync(count, () => Task.FromResult(service.Rows(_tenant).Count));
        return service.Rows(_tenant).Select(row => (row.From, row.To, row.Opportunity, row.SourceSeq));
    }

    [Fact]
    public async Task Wins_once()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var created = await CreateAsync(journey);
        var request = Won(created);

        var won = await service.Client.CloseOpportunityWonAsync(request, Sales);
        var retried = await service.Client.CloseOpportunityWonAsync(request, Sales);

        var expected = created.Clone();
        (expected.State, expected.CloseReason, expected.Etag) = (OpportunityState.Won, "best offer", "2");
        (expected.CloseTime, expected.UpdateTime) = (won.UpdateTime, won.UpdateTime);
        Assert.Equal(expected, won);
        Assert.Equal(won, retried);
        Assert.Equal(
            [(Stage.Sql, Stage.Opportunity, created.Name, 5), (Stage.Opportunity, Stage.ClosedWon, created.Name, 6)], await RowsAsync(2));
        var row = service.Rows(_tenant)[1];
        Assert.Equal((won.CloseTime, "best offer", won.Amount, "user:tester"), (row.OccurTime, row.Reason, row.Amount, row.Actor));
        Assert.Equal(("CLOSED_WON", 6L), await service.PositionAsync(_tenant, journey));
    }

    [Fact]
    public async Task A_win_needs_an_amount()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var created = await service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name, CurrencyCode = "EUR" } }, Sales);
        var request = Won(created);

        var error = await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(request, Sales));
        await service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = created.Name, Amount = new Money { CurrencyCode = "EUR", Nanos = 1 } } }, Sales);
        // What was refused is not remembered: the same request may now succeed.
        var won = await service.Client.CloseOpportunityWonAsync(request, Sales);

        Assert.Equal((StatusCode.FailedPrecondition, "AMOUNT_MISSING", created.Name), (error.Code, error.Reason, error.Metadata["name"]));
        Assert.Equal((OpportunityState.Won, 1), (won.State, won.Amount.Nanos));
    }

    [Fact]
    public async Task Loses_with_a_reason_and_opens_again()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var created = await CreateAsync(journey);

        var lost = await service.Client.CloseOpportunityLostAsync(Lost(created), Sales);
        Assert.Equal(("CLOSED_LOST", 6L), await service.PositionAsync(_tenant, journey));
        var further = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name } }, Sales));
        var reopening = Reopen(created);
        var reopened = await service.Client.ReopenOpportunityAsync(reopening, Sales);
        Assert.Equal(reopened, await service.Client.ReopenOpportunityAsync(reopening, Sales));
        var won = await service.Client.CloseOpportunityWonAsync(Won(created), Sales);

        Assert.Equal((OpportunityState.Lost, "price", lost.UpdateTime), (lost.State, lost.CloseReason, lost.CloseTime));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "MOVE_NOT_ALLOWED", "CLOSED_LOST", "OPPORTUNITY"),
            (further.Code, further.Reason, further.Metadata["from"], further.Metadata["allowed"]));
        Assert.Equal(
            (OpportunityState.Open, "", null, reopened.UpdateTime, "3"),
            (reopened.State, reopened.CloseReason, reopened.CloseTime, reopened.OpenTime, reopened.Etag));
        Assert.Equal(OpportunityState.Won, won.State);
        Assert.Equal(
            [
                (Stage.Sql, Stage.Opportunity, created.Name, 5),
                (Stage.Opportunity, Stage.ClosedLost, created.Name, 6),
                (Stage.ClosedLost, Stage.Opportunity, created.Name, 7),
                (Stage.Opportunity, Stage.ClosedWon, created.Name, 8),
            ],
            await RowsAsync(4));
        Assert.Equal("budget is back", service.Rows(_tenant)[2].Reason);
    }

    [Fact]
    public async Task A_loss_beside_an_open_one_ends_nothing_and_a_won_journey_stays_won()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var (one, two, three) = (await CreateAsync(journey), await CreateAsync(journey), await CreateAsync(journey));

        await service.Client.CloseOpportunityLostAsync(Lost(one), Sales);
        Assert.Equal(("OPPORTUNITY", 8L), await service.PositionAsync(_tenant, journey));
        await service.Client.CloseOpportunityWonAsync(Won(two), Sales);
        await service.Client.CloseOpportunityLostAsync(Lost(three), Sales);
        var four = await CreateAsync(journey);
        await service.Client.ReopenOpportunityAsync(Reopen(one), Sales);
        Assert.Equal(("CLOSED_WON", 12L), await service.PositionAsync(_tenant, journey));
        await service.Client.CloseOpportunityWonAsync(Won(four), Sales);

        Assert.Equal(
            [
                (Stage.Sql, Stage.Opportunity, one.Name, 5),
                (Stage.Opportunity, Stage.Opportunity, two.Name, 6),
                (Stage.Opportunity, Stage.Opportunity, three.Name, 7),
                (Stage.Opportunity, Stage.ClosedLost, one.Name, 8),
                (Stage.Opportunity, Stage.ClosedWon, two.Name, 9),
                (Stage.ClosedWon, Stage.ClosedLost, three.Name, 10),
                (Stage.ClosedWon, Stage.Opportunity, four.Name, 11),
                (Stage.ClosedWon, Stage.Opportunity, one.Name, 12),
                (Stage.ClosedWon, Stage.ClosedWon, four.Name, 13),
            ],
            await RowsAsync(9));
    }

    [Fact]
    public async Task What_is_closed_does_not_change_and_what_is_open_is_not_reopened()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var (won, open) = (await CreateAsync(journey), await CreateAsync(journey));
        await service.Client.CloseOpportunityWonAsync(Won(won), Sales);

        SeenError[] closed =
        [
            await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = won.Name, Owner = "me" } }, Sales)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(Won(won), Sales)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(Lost(won), Sales)),
        ];
        var wonReopened = await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(Reopen(won), Sales));
        var openReopened = await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(Reopen(open), Sales));

        Assert.All(closed, error => Assert.Equal(
            (StatusCode.FailedPrecondition, "OPPORTUNITY_NOT_OPEN", "WON"), (error.Code, error.Reason, error.Metadata["state"])));
        Assert.Equal((StatusCode.FailedPrecondition, "OPPORTUNITY_NOT_LOST", "WON"), (wonReopened.Code, wonReopened.Reason, wonReopened.Metadata["state"]));
        Assert.Equal((StatusCode.FailedPrecondition, "OPPORTUNITY_NOT_LOST", "OPEN"), (openReopened.Code, openReopened.Reason, openReopened.Metadata["state"]));
    }

    public static TheoryData<Stage> Exits => [Stage.Disqualified, Stage.Rejected, Stage.Recycled];

    [Theory]
    [MemberData(nameof(Exits))]
    public async Task A_journey_that_ended_gets_no_opportunity(Stage exit)
    {
        var journey = Journey.New();
        await service.MoveAsync(_tenant, journey, exit, 5, TimeProvider.System.GetUtcNow());

        var error = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name } }, Sales));

        Assert.Equal((StatusCode.FailedPrecondition, "MOVE_NOT_ALLOWED", "OPPORTUNITY"), (error.Code, error.Reason, error.Metadata["to"]));
        Assert.Null(error.RetryAfter);
    }

    [Fact]
    public async Task Twenty_overlapping_retries_make_one_opportunity_and_one_row()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var request = new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name }, RequestId = Guid.NewGuid().ToString() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.Client.CreateOpportunityAsync(request, Sales).ResponseAsync));

        Assert.Single(answers.Distinct());
        Assert.Single(await RowsAsync(1));
        Assert.Single((await service.Client.ListOpportunitiesAsync(new ListOpportunitiesRequest(), Sales)).Opportunities);
    }

    [Fact]
    public async Task Of_opportunities_that_are_lost_at_once_one_is_the_last()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CreateAsync(journey)));

        await Task.WhenAll(created.Select(opportunity => service.Client.CloseOpportunityLostAsync(Lost(opportunity), Sales).ResponseAsync));

        Assert.Equal(("CLOSED_LOST", 20L), await service.PositionAsync(_tenant, journey));
        Assert.Equal(Enumerable.Range(5, 16).Select(n => (long)n), (await RowsAsync(16)).Select(row => row.Item4));
    }

    [Fact]
    public async Task Of_two_who_win_and_lose_one_opportunity_at_once_one_is_refused()
    {
        var created = await CreateAsync(await service.QualifiedAsync(_tenant));

        var won = service.Client.CloseOpportunityWonAsync(Won(created), Sales).ResponseAsync;
        var lost = service.Client.CloseOpportunityLostAsync(Lost(created), Sales).ResponseAsync;
        var outcomes = await Task.WhenAll(OutcomeAsync(won), OutcomeAsync(lost));

        Assert.Equal(["OK", "OPPORTUNITY_NOT_OPEN"], outcomes.Order());
        Assert.Equal(2, (await RowsAsync(2)).Count());
    }

    [Fact]
    public async Task A_request_id_with_another_body_or_method_is_refused()
    {
        var created = await CreateAsync(await service.QualifiedAsync(_tenant));
        var request = Lost(created);
        await service.Client.CloseOpportunityLostAsync(request, Sales);
        var other = request.Clone();
        other.Reason = "product";

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(other, Sales)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(
                new CloseOpportunityWonRequest { Name = request.Name, Reason = request.Reason, RequestId = request.RequestId }, Sales)),
            await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(
                new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = created.Journey }, RequestId = request.RequestId }, Sales)),
        ];

        Assert.All(errors, error => Assert.Equal(
            (StatusCode.InvalidArgument, "REQUEST_ID_REUSED", request.RequestId), (error.Code, error.Reason, error.Metadata["request_id"])));
    }

    [Fact]
    public async Task Names_what_is_wrong_with_a_close()
    {
        var lost = await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(
            new CloseOpportunityLostRequest { Name = "opportunities/1", RequestId = "y" }, Sales));
        var won = await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(
            new CloseOpportunityWonRequest { Name = $"opportunities/{Guid.NewGuid():D}", Reason = new string('x', 501) }, Sales));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (lost.Code, lost.Reason));
        Assert.Equal(["reason", "request_id", "name"], lost.Violations.Select(v => v.Field));
        Assert.Equal(["reason must be at most 500 characters, and has 501"], won.Violations.Select(v => $"{v.Field} {v.Problem}"));
    }

    static async Task<string> OutcomeAsync(Task<V1.Opportunity> call)
    {
        try
        {
            await call;
            return "OK";
        }
        catch (RpcException exception)
        {
            return GrpcAssert.Read(exception).Reason;
        }
    }
}
