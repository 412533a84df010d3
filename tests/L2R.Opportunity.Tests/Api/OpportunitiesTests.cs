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

    static CreateOpportunityRequest Deal(Journey journey) => new()
    {
        Opportunity = new V1.Opportunity
        {
            Journey = journey.Name,
            DisplayName = "Engines",
            Stage = "proposal",
            Amount = new Money { CurrencyCode = "EUR", Units = 1999, Nanos = 990_000_000 },
            ExpectedCloseDate = new Date { Year = 2026, Month = 12, Day = 31 },
            Owner = "rep-7",
            Product = "engine",
        },
        RequestId = Guid.NewGuid().ToString(),
    };

    [Fact]
    public async Task Creates_an_opportunity_and_reads_it_back()
    {
        var journey = await service.QualifiedAsync(_tenant);

        var created = await service.Client.CreateOpportunityAsync(Deal(journey), Sales);

        Assert.Equal(created, await service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = created.Name }, Sales));
        var expected = Deal(journey).Opportunity;
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
        var created = await service.Client.CreateOpportunityAsync(Deal(journey), Sales);

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
        await Eventually.EqualAsync(1, () => Task.FromResult(Changes().Count));
        var changed = Changes()[0];
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

        var unknown = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(Deal(journey), Sales));
        await service.MoveAsync(_tenant, journey, Stage.Sal, 3, TimeProvider.System.GetUtcNow());
        var below = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(Deal(journey), Sales));
        await service.MoveAsync(_tenant, journey, Stage.Sql, 4, TimeProvider.System.GetUtcNow());
        await service.Client.CreateOpportunityAsync(Deal(journey), Sales);

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
        var ours = await service.Client.CreateOpportunityAsync(Deal(journey), Sales);
        var stranger = ServiceProcess.As(OpportunityFixture.NewTenant(), "sales");

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = ours.Name }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = ours.Name, Owner = "me" } }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(new CloseOpportunityWonRequest { Name = ours.Name }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = ours.Name, Reason = "x" }, stranger)),
            await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(new ReopenOpportunityRequest { Name = ours.Name }, stranger)),
        ];
        var create = await GrpcAssert.FailsAsync(service.Client.CreateOpportunityAsync(Deal(journey), stranger));

        Assert.All(errors, error => Assert.Equal(
            (StatusCode.NotFound, "OPPORTUNITY_NOT_FOUND", ours.Name), (error.Code, error.Reason, error.Metadata["name"])));
        Assert.Equal((StatusCode.FailedPrecondition, "JOURNEY_NOT_READY"), (create.Code, create.Reason));
        Assert.Empty((await service.Client.ListOpportunitiesAsync(new ListOpportunitiesRequest(), stranger)).Opportunities);
        Assert.Equal(ours, await service.Client.GetOpportunityAsync(new GetOpportunityRequest { Name = ours.Name }, Sales));
    }

    [Fact]
    public async Task Changes_the_fields_that_the_mask_names_alone()
    {
        var created = await service.Client.CreateOpportunityAsync(Deal(await service.QualifiedAsync(_tenant)), Sales);

        var updated = await service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest
            {
                Opportunity = new V1.Opportunity { Name = created.Name, Etag = created.Etag, Stage = "negotiation", DisplayName = "ignored" },
                UpdateMask = new FieldMask { Paths = { "stage", "expected_close_date", "owner", "amount" } },
            },
            Sales);

        var expected = created.Clone();
        (expected.Stage, expected.ExpectedCloseDate, expected.Owner, expected.Amount) = ("negotiation", null, "", null);
        (expected.Etag, expected.UpdateTime) = ("2", updated.UpdateTime);
        Assert.Equal(expected, updated);
        Assert.Equal("EUR", updated.CurrencyCode);
    }

    [Fact]
    public async Task Without_a_mask_changes_every_field_that_is_set()
    {
        var created = await service.Client.CreateOpportunityAsync(Deal(await service.QualifiedAsync(_tenant)), Sales);

        var updated = await service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest
            {
                Opportunity = new V1.Opportunity
                {
                    Name = created.Name,
                    DisplayName = "More engines",
                    Amount = new Money { CurrencyCode = "EUR", Units = 7 },
                    ExpectedCloseDate = new Date { Year = 2027, Month = 1, Day = 1 },
                },
            },
            Sales);

        var expected = created.Clone();
        (expected.DisplayName, expected.Amount.Units, expected.Amount.Nanos) = ("More engines", 7, 0);
        expected.ExpectedCloseDate = new Date { Year = 2027, Month = 1, Day = 1 };
        (expected.Etag, expected.UpdateTime) = ("2", updated.UpdateTime);
        Assert.Equal(expected, updated);
        await Eventually.EqualAsync(2, () => Task.FromResult(Changes().Count));
        Assert.Equal((2L, updated.Amount), (Changes()[^1].Version, Changes()[^1].Amount));
        Assert.Single(service.Rows(_tenant));
    }

    [Fact]
    public async Task A_change_to_what_is_so_already_writes_and_tells_nothing()
    {
        var created = await service.Client.CreateOpportunityAsync(Deal(await service.QualifiedAsync(_tenant)), Sales);

        var same = await service.Client.UpdateOpportunityAsync(new UpdateOpportunityRequest { Opportunity = created }, Sales);
        var changed = await service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = created.Name, Etag = created.Etag, DisplayName = "More engines" } }, Sales);

        Assert.Equal(created, same);
        Assert.Equal("2", changed.Etag);
        await Eventually.IsTrueAsync("the change to be told", () => Task.FromResult(Changes().Any(change => change.Version == 2)));
        Assert.Equal([1L, 2L], Changes().Select(change => change.Version));
    }

    [Fact]
    public async Task Keeps_its_currency()
    {
        var created = await service.Client.CreateOpportunityAsync(Deal(await service.QualifiedAsync(_tenant)), Sales);

        var error = await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(
            new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = created.Name, Amount = new Money { CurrencyCode = "USD", Units = 7 } } }, Sales));

        Assert.Equal(
            (StatusCode.FailedPrecondition, "CURRENCY_FIXED", "EUR"), (error.Code, error.Reason, error.Metadata["currency_code"]));
    }

    [Fact]
    public async Task Refuses_a_stale_etag_on_every_change()
    {
        var created = await service.Client.CreateOpportunityAsync(Deal(await service.QualifiedAsync(_tenant)), Sales);
        var changed = new UpdateOpportunityRequest { Opportunity = new V1.Opportunity { Name = created.Name, Etag = created.Etag, Owner = "rep-8" } };
        await service.Client.UpdateOpportunityAsync(changed, Sales);

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(service.Client.UpdateOpportunityAsync(changed, Sales)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityWonAsync(new CloseOpportunityWonRequest { Name = created.Name, Etag = "1" }, Sales)),
            await GrpcAssert.FailsAsync(service.Client.CloseOpportunityLostAsync(new CloseOpportunityLostRequest { Name = created.Name, Etag = "1", Reason = "x" }, Sales)),
            await GrpcAssert.FailsAsync(service.Client.ReopenOpportunityAsync(new ReopenOpportunityRequest { Name = created.Name, Etag = "1" }, Sales)),
        ];

        Assert.All(errors, error => Assert.Equal((StatusCode.Aborted, "ETAG_STALE", created.Name), (error.Code, error.Reason, error.Metadata["name"])));
    }

    [Fact]
    public async Task Lists_newest_first_in_pages_by_journey_state_and_owner()
    {
        var (one, two) = (await service.QualifiedAsync(_tenant), await service.QualifiedAsync(_tenant));
        List<string> names = [];
        for (var i = 0; i < 5; i++)
        {
            var request = Deal(i % 2 == 0 ? one : two);
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
                new FieldProblem("opportunity.journey", "must be of the form journeys/{uuid}"),
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
                Opportunity = new V1.Opportunity { Name = "opportunities/1", Etag = "x" },
                UpdateMask = new FieldMask { Paths = { "stage", "product", "amount.units" } },
            },
            Sales));
        var list = await GrpcAssert.FailsAsync(service.Client.ListOpportunitiesAsync(
            new ListOpportunitiesRequest { PageSize = -1, PageToken = "?", Journey = "leads/1", State = (OpportunityState)99, Owner = new string('x', 201) }, Sales));

        Assert.Equal(
            ["opportunity.name", "opportunity.etag", "update_mask", "update_mask", "opportunity.stage"], update.Violations.Select(v => v.Field));
        Assert.Equal(["page_size", "page_token", "journey", "state", "owner"], list.Violations.Select(v => v.Field));
    }

    IReadOnlyList<OpportunityChanged> Changes() =>
        [.. service.Bus.Messages<OpportunitiesChanged>(e => e.Tenant == _tenant).SelectMany(e => e.Changes).OrderBy(e => e.Version)];

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
