using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

/// <summary>The ways on for a lead whose journey ended.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ReopeningTests(IntakeFixture intake)
{
    readonly string _tenant = IntakeFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    [Fact]
    public async Task Takes_a_disqualification_back_by_a_further_row_and_once()
    {
        var lead = await CreateAsync();
        var ended = await DisqualifyAsync(lead);
        var request = new ReopenLeadRequest { Name = lead.Name, Reason = "a mistake", Etag = ended.Etag, RequestId = Guid.NewGuid().ToString() };

        var reopened = await intake.Client.ReopenLeadAsync(request, Marketing);
        var retried = await intake.Client.ReopenLeadAsync(request, Marketing);

        var expected = lead.Clone();
        (expected.Etag, expected.UpdateTime) = ("3", reopened.UpdateTime);
        Assert.Equal([expected, expected], [reopened, retried]);
        await Eventually.EqualAsync(3, () => Task.FromResult(intake.Rows(_tenant).Count));
        var row = intake.Rows(_tenant)[2];
        Assert.Equal(
            (Stage.Disqualified, Stage.Lead, 3L, "a mistake", lead.Journey, "user:tester", ""),
            (row.From, row.To, row.SourceSeq, row.Reason, row.Journey, row.Actor, row.Dimensions.Motion));
    }

    [Fact]
    public async Task The_way_back_that_a_refusal_names_can_be_called_and_leads_on()
    {
        var lead = await CreateAsync();
        await DisqualifyAsync(lead);

        var error = await GrpcAssert.FailsAsync(intake.Client.DisqualifyLeadAsync(new DisqualifyLeadRequest { Name = lead.Name, Reason = "again" }, Marketing));
        await intake.Client.ReopenLeadAsync(new ReopenLeadRequest { Name = lead.Name, Reason = "a mistake" }, Marketing);
        var again = await DisqualifyAsync(lead);

        Assert.Equal(
            (StatusCode.FailedPrecondition, "MOVE_NOT_ALLOWED", "DISQUALIFIED", "LEAD"),
            (error.Code, error.Reason, error.Metadata["from"], error.Metadata["allowed"]));
        Assert.Equal((Stage.Disqualified, "4"), (again.Stage, again.Etag));
    }

    [Fact]
    public async Task Reopens_neither_what_is_open_nor_what_others_ended()
    {
        var open = await CreateAsync();
        var others = await CreateAsync();
        await MovedAsync(others, Stage.Disqualified, 3);

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(new ReopenLeadRequest { Name = open.Name, Reason = "x" }, Marketing)),
            await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(new ReopenLeadRequest { Name = others.Name, Reason = "x" }, Marketing)),
        ];

        Assert.Equal(
            [(StatusCode.FailedPrecondition, "LEAD_NOT_ENDED", "LEAD"), (StatusCode.FailedPrecondition, "LEAD_NOT_ENDED", "DISQUALIFIED")],
            errors.Select(error => (error.Code, error.Reason, error.Metadata["stage"])));
    }

    [Fact]
    public async Task What_sales_took_on_meanwhile_is_not_reopened()
    {
        var lead = await CreateAsync();
        await DisqualifyAsync(lead);
        await MovedAsync(lead, Stage.Sal, 3);
        await MovedAsync(lead, Stage.Disqualified, 4);

        var error = await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(new ReopenLeadRequest { Name = lead.Name, Reason = "x" }, Marketing));

        Assert.Equal("LEAD_NOT_ENDED", error.Reason);
    }

    [Fact]
    public async Task Refuses_a_stale_etag_another_body_an_unknown_lead_and_a_role_that_may_not()
    {
        var lead = await CreateAsync();
        await DisqualifyAsync(lead);
        var request = new ReopenLeadRequest { Name = lead.Name, Reason = "a mistake", RequestId = Guid.NewGuid().ToString() };
        var stale = await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(new ReopenLeadRequest { Name = lead.Name, Reason = "x", Etag = lead.Etag }, Marketing));
        await intake.Client.ReopenLeadAsync(request, Marketing);
        request.Reason = "something else";

        var reused = await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(request, Marketing));
        var nobody = await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(new ReopenLeadRequest { Name = $"leads/{Guid.NewGuid():D}", Reason = "x" }, Marketing));
        var others = await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(request, ServiceProcess.As(IntakeFixture.NewTenant(), "marketing")));
        var sales = await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(request, ServiceProcess.As(_tenant, "sales")));
        var opening = await GrpcAssert.FailsAsync(intake.Client.OpenJourneyAsync(new OpenJourneyRequest { Name = lead.Name }, ServiceProcess.As(_tenant, "sales")));

        Assert.Equal(
            ["ETAG_STALE", "REQUEST_ID_REUSED", "LEAD_NOT_FOUND", "LEAD_NOT_FOUND", "ROLE_MISSING", "ROLE_MISSING"],
            new[] { stale, reused, nobody, others, sales, opening }.Select(error => error.Reason));
    }

    [Fact]
    public async Task Opens_the_next_journey_of_a_customer_once()
    {
        var lead = await CreateAsync();
        var won = await MovedAsync(lead, Stage.ClosedWon, 6);
        var request = new OpenJourneyRequest
        {
            Name = lead.Name,
            Reason = "a second team",
            Motion = "expansion",
            Etag = won.Etag,
            RequestId = Guid.NewGuid().ToString(),
        };

        var opened = await intake.Client.OpenJourneyAsync(request, Marketing);
        var retried = await intake.Client.OpenJourneyAsync(request, Marketing);

        var expected = lead.Clone();
        (expected.Etag, expected.UpdateTime, expected.Journey) = (opened.Etag, opened.UpdateTime, opened.Journey);
        Assert.Equal([expected, expected], [opened, retried]);
        Assert.NotEqual(lead.Journey, opened.Journey);
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count(row => row.Journey == opened.Journey)));
        var row = intake.Rows(_tenant).Single(row => row.Journey == opened.Journey);
        Assert.Equal(
            (Stage.Unspecified, Stage.Lead, 1L, "a second team", "expansion", opened.UpdateTime),
            (row.From, row.To, row.SourceSeq, row.Reason, row.Dimensions.Motion, row.OccurTime));
        // What is known of the lead goes with it, for those who never heard of it.
        await Eventually.EqualAsync(2, () => Task.FromResult(intake.Changes(_tenant).Count));
    }

    [Fact]
    public async Task Opens_no_next_journey_beside_an_open_one_or_in_nurture()
    {
        var open = await CreateAsync();
        var nurture = await CreateAsync();
        await MovedAsync(nurture, Stage.Recycled, 3);

        SeenError[] errors =
        [
            await GrpcAssert.FailsAsync(intake.Client.OpenJourneyAsync(new OpenJourneyRequest { Name = open.Name, Reason = "x" }, Marketing)),
            await GrpcAssert.FailsAsync(intake.Client.OpenJourneyAsync(new OpenJourneyRequest { Name = nurture.Name, Reason = "x" }, Marketing)),
        ];

        Assert.Equal(
            [(StatusCode.FailedPrecondition, "JOURNEY_NOT_ENDED", "LEAD"), (StatusCode.FailedPrecondition, "JOURNEY_NOT_ENDED", "RECYCLED")],
            errors.Select(error => (error.Code, error.Reason, error.Metadata["stage"])));
    }

    [Fact]
    public async Task The_same_person_sent_again_opens_nothing()
    {
        var lead = await CreateAsync();
        var ended = await DisqualifyAsync(lead);

        var answer = await intake.Client.CreateLeadAsync(new CreateLeadRequest { Lead = new Lead { ExternalId = lead.ExternalId } }, Marketing);

        Assert.Equal((CreateLeadResponse.Types.Disposition.Existing, ended), (answer.Disposition, answer.Lead));
    }

    [Fact]
    public async Task Says_of_each_field_what_is_wrong_with_it()
    {
        var reopening = await GrpcAssert.FailsAsync(intake.Client.ReopenLeadAsync(
            new ReopenLeadRequest { Name = "leads/1", Reason = new string('x', 501), RequestId = "1" }, Marketing));
        var opening = await GrpcAssert.FailsAsync(intake.Client.OpenJourneyAsync(
            new OpenJourneyRequest { Name = "leads/1", Motion = "New Business", RequestId = "1" }, Marketing));

        Assert.Equal(["name", "reason", "request_id"], reopening.Violations.Select(violation => violation.Field).Order());
        Assert.Equal(["motion", "name", "reason", "request_id"], opening.Violations.Select(violation => violation.Field).Order());
    }

    async Task<Lead> CreateAsync() => (await intake.Client.CreateLeadAsync(
        new CreateLeadRequest { Lead = new Lead { ExternalId = Guid.NewGuid().ToString() } }, Marketing)).Lead;

    async Task<Lead> DisqualifyAsync(Lead lead) =>
        await intake.Client.DisqualifyLeadAsync(new DisqualifyLeadRequest { Name = lead.Name, Reason = "a test" }, Marketing);

    /// <summary>Another service moves the journey, and Intake has heard it.</summary>
    async Task<Lead> MovedAsync(Lead lead, Stage to, long sourceSeq)
    {
        await intake.SayAsync(_tenant, lead, to, sourceSeq, lead.CreateTime.ToDateTimeOffset());
        Lead? now = null;
        await Eventually.IsTrueAsync($"{lead.Name} to stand in {to}", async () =>
            (now = await intake.Client.GetLeadAsync(new GetLeadRequest { Name = lead.Name }, Marketing)).Stage == to);
        return now!;
    }
}
