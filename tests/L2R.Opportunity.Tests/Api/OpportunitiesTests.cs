using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Opportunity.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using L2R.Type.V1;

namespace L2R.Opportunity.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class OpportunitiesTests(OpportunityFixture service)
{
    readonly string _tenant = OpportunityFixture.NewTenant();

    CallOptions Sales => ServiceProcess.As(_tenant, "sales");

    [Fact]
    public async Task Creates_an_opportunity_and_reads_it_back()
    {
        var journey = await service.QualifiedAsync(_tenant);

        var created = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(journey), Sales);

        Assert.Equal(created, await service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = created.Name }, Sales));
        var expected = OpportunityFixture.Deal(journey).Opportunity;
        (expected.Name, expected.Lead, expected.CurrencyCode) = (created.Name, journey.Lead, "EUR");
        (expected.State, expected.Etag) = (OpportunityState.Open, "1");
        (expected.OpenTime, expected.CreateTime, expected.UpdateTime) = (created.CreateTime, created.CreateTime, created.CreateTime);
        Assert.Equal(expected, created);
    }

    [Fact]
    public async Task Starts_with_the_first_stage_and_knows_nothing_that_nobody_said()
    {
        var journey = await service.QualifiedAsync(_tenant);

        var created = await service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest { Opportunity = new V1.Opportunity { Journey = journey.Name } }, Sales);

        Assert.Equal(("discovery", "", null, null), (created.Stage, created.CurrencyCode, created.Amount, created.ExpectedCloseDate));
    }

    [Fact]
    public async Task Tells_the_ledger_and_the_others()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var created = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(journey), Sales);

        await Eventually.EqualAsync(1, () => Task.FromResult(service.Rows(_tenant).Count));
        var row = service.Rows(_tenant)[0];
        Assert.Equal(
            new StageChanged
            {
                TransitionId = row.TransitionId,
                Lead = journey.Lead,
                Journey = journey.Name,
                Opportunity = created.Name,
                From = Stage.Sql,
                To = Stage.Opportunity,
                OccurTime = created.OpenTime,
                SourceSeq = 5,
                Origin = Origin.Live,
                Actor = "user:tester",
                Amount = created.Amount,
                Dimensions = new Dimensions { Owner = "rep-7", Product = "engine" },
            },
            row);
        await Eventually.EqualAsync(1, () => Task.FromResult(service.Changes(_tenant).Count));
        var changed = service.Changes(_tenant)[0];
        Assert.Equal(
            new OpportunityChanged
            {
                Opportunity = created.Name,
                Version = 1,
                Journey = journey.Name,
                Lead = journey.Lead,
                Stage = "proposal",
                State = OpportunityState.Open,
                Amount = created.Amount,
                ExpectedCloseDate = created.ExpectedCloseDate,
                Owner = "rep-7",
                Product = "engine",
                OpenTime = created.OpenTime,
            },
            changed);
    }

    [Fact]
    public async Task Asks_to_try_again_where_the_journey_was_not_heard_of_yet()
    {
        var journey = Journey.New();

        var unknown = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(journey), Sales));
        await service.MoveAsync(_tenant, journey, Stage.Sal, 3, TimeProvider.System.GetUtcNow());
        var below = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(journey), Sales));
        await service.MoveAsync(_tenant, journey, Stage.Sql, 4, TimeProvider.System.GetUtcNow());
        await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(journey), Sales);

        Assert.Equal(
            (StatusCode.FailedPrecondition, "JOURNEY_NOT_READY", TimeSpan.FromSeconds(1), journey.Name, ""),
            (unknown.Code, unknown.Reason, unknown.RetryAfter, unknown.Metadata["journey"], unknown.Metadata["stage"]));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "JOURNEY_NOT_READY", TimeSpan.FromSeconds(1), "SAL"),
            (below.Code, below.Reason, below.RetryAfter, below.Metadata["stage"]));
    }

    [Fact]
    public async Task Another_tenants_journey_and_opportunity_are_not_there()
    {
        var journey = await service.QualifiedAsync(_tenant);
        var ours = await service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(journey), Sales);
        var stranger = ServiceProcess.As(OpportunityFixture.NewTenant(), "sales");

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = ours.Name }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = ours.Name, Owner = "me" } }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(new CloseOpportunityWonRequest { Name = ours.Name }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = ours.Name, Reason = "x" }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(new ReopenOpportunityRequest { Name = ours.Name }, stranger)),
        ];
        var create = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(OpportunityFixture.Deal(journey), stranger));

        Assert.All(errors, error => Assert.Equal(
            (StatusCode.NotFound, "OPPORTUNITY_NOT_FOUND", ours.Name), (error.Code, error.Reason, error.Metadata["name"])));
        Assert.Equal((StatusCode.FailedPrecondition, "JOURNEY_NOT_READY"), (create.Code, create.Reason));
        Assert.Empty((await service.Client.ListOpportunitiesAsync(new ListOpportunitiesRequest(), stranger)).Opportunities);
        Assert.Equal(ours, await service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = ours.Name }, Sales));
    }

    [Fact]
    public async Task Lists_newest_first_in_pages_by_journey_state_and_owner()
    {
        var (one, two) = (await service.QualifiedAsync(_tenant), await service.QualifiedAsync(_tenant));
        List<string> names = [];
        for (var i = 0; i < 5; i++)
        {
            var request = OpportunityFixture.Deal(i % 2 == 0 ? one : two);
            request.Opportunity.Owner = i < 2 ? "rep-1" : "rep-2";
            names.Insert(0, (await service.Client.CreateOpportunityAsync(request, Sales)).Name);
        }
        await service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = names[0], Reason = "price" }, Sales);

        Assert.Equal(names, await ListAsync(new ListOpportunitiesRequest()));
        Assert.Equal([names[0], names[2], names[4]], await ListAsync(new ListOpportunitiesRequest { Journey = one.Name }));
        Assert.Equal([names[0]], await ListAsync(new ListOpportunitiesRequest { State = OpportunityState.Lost }));
        Assert.Equal(names[1..], await ListAsync(new ListOpportunitiesRequest { State = OpportunityState.Open }));
        Assert.Equal(names[3..], await ListAsync(new ListOpportunitiesRequest { Owner = "rep-1" }));
        Assert.Equal([names[4]], await ListAsync(new ListOpportunitiesRequest { Owner = "rep-1", Journey = one.Name }));
    }

    [Fact]
    public async Task Shows_the_pipeline_to_any_role()
    {
        var marketing = ServiceProcess.As(_tenant, "marketing");

        var pipeline = await service.Client.GetPipelineAsync(new GetPipelineRequest { Name = "pipelines/default" }, marketing);
        var error = await GrpcAssert.FailsAsync(service.Client.GetPipelineAsync(new GetPipelineRequest { Name = "pipelines/other" }, marketing));

        Assert.Equal(
            new Pipeline
            {
                Name = "pipelines/default",
                Stages =
                {
                    new PipelineStage { StageId = "discovery", WinRatio = 0.2 },
                    new PipelineStage { StageId = "proposal", WinRatio = 0.5 },
                    new PipelineStage { StageId = "negotiation", WinRatio = 0.8 },
                },
            },
            pipeline);
        Assert.Equal((StatusCode.NotFound, "PIPELINE_NOT_FOUND", "pipelines/other"), (error.Code, error.Reason, error.Metadata["name"]));
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        var error = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(
            new CreateOpportunityRequest
            {
                RequestId = "42",
                Opportunity = new V1.Opportunity
                {
                    DisplayName = new string('x', 201),
                    Owner = new string('x', 200) + "@",
                    Product = new string('x', 201),
                    Stage = "won",
                    CurrencyCode = "USD",
                    Amount = new Money { CurrencyCode = "EUR", Units = -1 },
                    ExpectedCloseDate = new Date { Year = 2026, Month = 2, Day = 30 },
                },
            },
            Sales));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(
            [
                new FieldProblem("request_id", "must be a UUID such as 3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f"),
                new FieldProblem("opportunity.journey", "is required"),
                new FieldProblem("opportunity.display_name", "must be at most 200 characters, and has 201"),
                new FieldProblem("opportunity.owner", "must be at most 200 characters, and has 201"),
                new FieldProblem("opportunity.owner", "must be an id, not an e-mail address: that is personal data"),
                new FieldProblem("opportunity.product", "must be at most 200 characters, and has 201"),
                new FieldProblem("opportunity.stage", "must be a stage of the pipeline: discovery, proposal, negotiation"),
                new FieldProblem("opportunity.amount.units", "must not be negative"),
                new FieldProblem("opportunity.amount.currency_code", "must be opportunity.currency_code, where both are set"),
                new FieldProblem("opportunity.expected_close_date", "must be a day of the calendar, with year, month and day"),
            ],
            error.Violations);
    }

    [Fact]
    public async Task Names_every_wrong_field_of_an_update_and_of_a_list()
    {
        var update = await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest
            {
                Opportunity = new V1.Opportunity { Name = "opportunities/1" },
                UpdateMask = new FieldMask { Paths = { "stage", "product", "amount.units" } },
            },
            Sales));
        var list = await GrpcAssert.FailsAsync(service.Client.ListOpportunitiesAsync(
            new ListOpportunitiesRequest { PageSize = -1, PageToken = "?", Journey = "leads/1", State = (OpportunityState)99, Owner = new string('x', 201) }, Sales));

        Assert.Equal(
            ["opportunity.name", "update_mask", "opportunity.stage"], update.Violations.Select(v => v.Field));
        Assert.Equal(["page_size", "page_token", "journey", "state", "owner"], list.Violations.Select(v => v.Field));
    }

    async Task<List<string>> ListAsync(ListOpportunitiesRequest request)
    {
        List<string> listed = [];
        request.PageSize = 2;
        do
        {
            var page = await service.Client.ListOpportunitiesAsync(request, Sales);
            Assert.InRange(page.Opportunities.Count, 1, 2);
            listed.AddRange(page.Opportunities.Select(opportunity => opportunity.Name));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return listed;
    }
}
