using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class JourneysTests(IntakeFixture intake)
{
    readonly string _tenant = IntakeFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    async Task<Lead> CreateAsync() => (await intake.Client.CreateLeadAsync(
        new CreateLeadRequest { Lead = new Lead { ExternalId = Guid.NewGuid().ToString() } }, Marketing)).Lead;

    [Fact]
    public async Task Disqualifies_a_lead_once()
    {
        var lead = await CreateAsync();
        var request = new DisqualifyLeadRequest { Name = lead.Name, Reason = "a test", Etag = lead.Etag, RequestId = Guid.NewGuid().ToString() };

        var ended = await intake.Client.DisqualifyLeadAsync(request, Marketing);
        request.RequestId = request.RequestId.ToUpperInvariant();
        var retried = await intake.Client.DisqualifyLeadAsync(request, Marketing);

        Assert.Equal((LeadState.Ended, Stage.Disqualified, "2"), (ended.State, ended.Stage, ended.Etag));
        Assert.Equal(ended, retried);
        await Eventually.EqualAsync(2, () => Task.FromResult(intake.Rows(_tenant).Count));
        var row = intake.Rows(_tenant)[1];
        Assert.Equal(
            (Stage.Lead, Stage.Disqualified, 2L, "a test", lead.Journey, "user:tester"),
            (row.From, row.To, row.SourceSeq, row.Reason, row.Journey, row.Actor));
    }

    [Fact]
    public async Task Follows_the_journey_as_others_move_it_and_opens_the_next_one_on_engagement()
    {
        var lead = await CreateAsync();
        var recycled = lead.CreateTime.ToDateTimeOffset().AddSeconds(2);
        var touched = lead.CreateTime.ToDateTimeOffset().AddSeconds(3);

        // Out of order and twice: the highest source_seq says where it stands.
        await intake.SayAsync(_tenant, lead, Stage.Recycled, 3, recycled);
        await intake.SayAsync(_tenant, lead, Stage.Recycled, 3, recycled);
        await intake.SayAsync(_tenant, lead, Stage.Mql, 2, recycled);
        await Eventually.EqualAsync(LeadState.Nurture, async () => (await GetAsync(lead)).State);
        await intake.Client.RecordTouchpointAsync(TouchAt(lead, touched, engagement: false), Marketing);
        Assert.Equal(LeadState.Nurture, (await GetAsync(lead)).State);
        var request = TouchAt(lead, touched, engagement: true);
        request.RequestId = Guid.NewGuid().ToString();
        var touchpoint = await intake.Client.RecordTouchpointAsync(request, Marketing);
        var retried = await intake.Client.RecordTouchpointAsync(request, Marketing);

        Assert.Equal(touchpoint, retried);
        var revived = await GetAsync(lead);
        Assert.Equal((LeadState.Active, Stage.Lead), (revived.State, revived.Stage));
        Assert.NotEqual(lead.Journey, revived.Journey);
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count(row => row.Journey == revived.Journey)));
        Assert.Equal(touched.ToTimestamp(), intake.Rows(_tenant).Single(row => row.Journey == revived.Journey).OccurTime);
        // What is known of the lead goes with it: of imported leads nobody heard before.
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Changes(_tenant).Count(
            change => change.Version.ToString(CultureInfo.InvariantCulture) == revived.Etag)));
        await Eventually.EqualAsync(2, () => Task.FromResult(intake.Bus.Messages<TouchpointsRecorded>(e => e.Tenant == _tenant).Count));
        Assert.Equal(
            ["", revived.Journey],
            intake.Bus.Messages<TouchpointsRecorded>(e => e.Tenant == _tenant).SelectMany(e => e.Touchpoints).Select(e => e.Journey).Order());
    }

    [Fact]
    public async Task An_engagement_that_was_stored_before_the_exit_was_heard_of_opens_the_next_journey()
    {
        var (lead, bystander) = (await CreateAsync(), await CreateAsync());
        var created = lead.CreateTime.ToDateTimeOffset();
        foreach (var (seconds, engagement) in ((int, bool)[])[(5, true), (4, true), (3, false), (1, true)])
        {
            await intake.Client.RecordTouchpointAsync(TouchAt(lead, created.AddSeconds(seconds), engagement), Marketing);
        }
        await intake.Client.RecordTouchpointAsync(TouchAt(bystander, created.AddSeconds(1), engagement: true), Marketing);

        await intake.SayAsync(_tenant, bystander, Stage.Recycled, 3, created.AddSeconds(2));
        await intake.SayAsync(_tenant, lead, Stage.Recycled, 3, created.AddSeconds(2));

        await Eventually.IsTrueAsync("the next journey", async () => (await GetAsync(lead)).Journey != lead.Journey);
        var revived = await GetAsync(lead);
        Assert.Equal((LeadState.Active, Stage.Lead), (revived.State, revived.Stage));
        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Rows(_tenant).Count(row => row.Journey == revived.Journey)));
        var row = intake.Rows(_tenant).Single(row => row.Journey == revived.Journey);
        Assert.Equal((Stage.Lead, 1L, created.AddSeconds(4).ToTimestamp(), "service:intake"), (row.To, row.SourceSeq, row.OccurTime, row.Actor));
        // The touches since the exit count for the journey that the first of them opened.
        await Eventually.EqualAsync(7, () => Task.FromResult(Touches().Count));
        Assert.Equal([4, 5], Touches().Where(touch => touch.Journey == revived.Journey).Select(touch => (touch.Touchpoint.OccurTime.ToDateTimeOffset() - created).Seconds).Order());
        await Eventually.EqualAsync(LeadState.Nurture, async () => (await GetAsync(bystander)).State);

        List<TouchpointRecorded> Touches() => [.. intake.Bus.Messages<TouchpointsRecorded>(e => e.Tenant == _tenant).SelectMany(e => e.Touchpoints)];
    }

    [Fact]
    public async Task Names_the_one_way_back_where_another_service_took_the_exit()
    {
        var lead = await CreateAsync();
        await intake.SayAsync(_tenant, lead, Stage.Disqualified, 4, lead.CreateTime.ToDateTimeOffset(), from: Stage.Sal);
        await Eventually.EqualAsync(Stage.Disqualified, async () => (await GetAsync(lead)).Stage);

        var error = await GrpcAssert.FailsAsync(intake.Client.DisqualifyLeadAsync(new DisqualifyLeadRequest { Name = lead.Name, Reason = "a test" }, Marketing));

        Assert.Equal(("MOVE_NOT_ALLOWED", "DISQUALIFIED", "SAL"), (error.Reason, error.Metadata["from"], error.Metadata["allowed"]));
    }

    [Theory]
    [InlineData("scoring", Stage.Mql)]
    [InlineData("handoff", Stage.Sal)]
    [InlineData("opportunity", Stage.ClosedLost)]
    public async Task Hears_every_other_owner(string by, Stage stage)
    {
        var lead = await CreateAsync();

        await intake.SayAsync(_tenant, lead, stage, 2, lead.CreateTime.ToDateTimeOffset(), by);

        await Eventually.EqualAsync(stage, async () => (await GetAsync(lead)).Stage);
    }

    [Fact]
    public async Task Refuses_a_touch_of_a_lead_that_does_not_exist()
    {
        var nobody = new Lead { Name = $"leads/{Guid.NewGuid():D}" };

        var error = await GrpcAssert.FailsAsync(intake.Client.RecordTouchpointAsync(TouchAt(nobody, TimeProvider.System.GetUtcNow(), true), Marketing));

        Assert.Equal((StatusCode.NotFound, "LEAD_NOT_FOUND"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task Refuses_a_touch_from_the_future_and_one_from_before_1970()
    {
        var lead = await CreateAsync();

        var future = await GrpcAssert.FailsAsync(intake.Client.RecordTouchpointAsync(TouchAt(lead, TimeProvider.System.GetUtcNow().AddMinutes(6), true), Marketing));
        var unset = await GrpcAssert.FailsAsync(intake.Client.RecordTouchpointAsync(TouchAt(lead, DateTimeOffset.MinValue, true), Marketing));
        var first = await intake.Client.RecordTouchpointAsync(TouchAt(lead, DateTimeOffset.UnixEpoch, true), Marketing);

        Assert.Equal([new("touchpoint.occur_time", "must not be more than 5 minutes in the future")], future.Violations);
        Assert.Equal([new("touchpoint.occur_time", "must not be before 1970")], unset.Violations);
        Assert.Equal(DateTimeOffset.UnixEpoch.ToTimestamp(), first.OccurTime);
    }

    static RecordTouchpointRequest TouchAt(Lead lead, DateTimeOffset time, bool engagement) => new()
    {
        Touchpoint = new Touchpoint { Lead = lead.Name, Kind = "page-view", OccurTime = time.ToTimestamp(), Channel = "web", Engagement = engagement },
    };

    async Task<Lead> GetAsync(Lead lead) => await intake.Client.GetLeadAsync(new GetLeadRequest { Name = lead.Name }, Marketing);
}
