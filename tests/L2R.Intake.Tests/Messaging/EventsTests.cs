using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Messaging;

/// <summary>What others are told of leads, and under which routing keys: by those they choose what to hear.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EventsTests(IntakeFixture intake)
{
    readonly string _tenant = IntakeFixture.NewTenant();

    CallOptions Marketing => ServiceProcess.As(_tenant, "marketing");

    IReadOnlyList<LeadsChanged> Changes => intake.Bus.Messages<LeadsChanged>(e => e.Tenant == _tenant);

    IReadOnlyList<StagesChanged> Moves => intake.Bus.Messages<StagesChanged>(e => e.Tenant == _tenant);

    IReadOnlyList<TouchpointsRecorded> Touches => intake.Bus.Messages<TouchpointsRecorded>(e => e.Tenant == _tenant);

    async Task<Lead> CreateAsync()
    {
        var lead = (await intake.Client.CreateLeadAsync(new CreateLeadRequest { Lead = new Lead { ExternalId = "1", Channel = "event" } }, Marketing)).Lead;
        await Eventually.EqualAsync((1, 1), () => Task.FromResult((Changes.Count, Moves.Count)));
        return lead;
    }

    [Fact]
    public async Task A_new_lead_and_its_journey_are_told_of_together()
    {
        var lead = await CreateAsync();

        Assert.Equal(($"live.{_tenant}.created", $"live.{_tenant}.intake"), (intake.Bus.RoutingKeyOf(Changes[0]), intake.Bus.RoutingKeyOf(Moves[0])));
        Assert.Equal(
            new LeadChanged
            {
                Lead = lead.Name,
                Version = 1,
                Channel = "event",
                Profile = new Profile(),
                Move = new LeadMove { Journey = lead.Journey, To = Stage.Lead, OccurTime = lead.CreateTime, SourceSeq = 1, Motion = "new" },
            },
            Assert.Single(Changes[0].Changes));
    }

    [Fact]
    public async Task A_change_that_moves_nothing_has_no_move()
    {
        var lead = await CreateAsync();

        lead.Campaign = "spring";
        await intake.Client.UpdateLeadAsync(new UpdateLeadRequest { Lead = lead, UpdateMask = new() { Paths = { "campaign" } } }, Marketing);

        await Eventually.EqualAsync(2, () => Task.FromResult(Changes.Count));
        Assert.Equal($"live.{_tenant}.updated", intake.Bus.RoutingKeyOf(Changes[1]));
        Assert.Equal(
            new LeadChanged { Lead = lead.Name, Version = 2, Channel = "event", Campaign = "spring", Profile = new Profile() },
            Assert.Single(Changes[1].Changes));
    }

    [Fact]
    public async Task A_move_comes_with_what_is_known_of_the_lead()
    {
        var lead = await CreateAsync();

        var ended = await intake.Client.DisqualifyLeadAsync(new DisqualifyLeadRequest { Name = lead.Name, Reason = "a test" }, Marketing);

        await Eventually.EqualAsync((2, 2), () => Task.FromResult((Changes.Count, Moves.Count)));
        Assert.Equal(($"live.{_tenant}.updated", $"live.{_tenant}.intake"), (intake.Bus.RoutingKeyOf(Changes[1]), intake.Bus.RoutingKeyOf(Moves[1])));
        var change = Assert.Single(Changes[1].Changes);
        Assert.Equal(
            new LeadMove { Journey = lead.Journey, To = Stage.Disqualified, OccurTime = ended.UpdateTime, SourceSeq = 2 },
            change.Move);
        Assert.Equal((lead.Name, 2L, "event"), (change.Lead, change.Version, change.Channel));
    }

    [Theory]
    [InlineData(true, "engagement")]
    [InlineData(false, "outreach")]
    public async Task A_touch_is_told_of_by_who_acted(bool engagement, string word)
    {
        var lead = await CreateAsync();

        await intake.Client.RecordTouchpointAsync(
            new RecordTouchpointRequest { Touchpoint = new Touchpoint { Lead = lead.Name, Kind = "call", Channel = "phone", Engagement = engagement } }, Marketing);

        await Eventually.EqualAsync(1, () => Task.FromResult(Touches.Count));
        Assert.Equal($"live.{_tenant}.{word}", intake.Bus.RoutingKeyOf(Touches[0]));
    }
}
