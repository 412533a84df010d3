using Google.Protobuf;
using L2R.Intake.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EveryRpcTests(IntakeFixture intake)
{
    readonly string _tenant = IntakeFixture.NewTenant();

    EveryRpc Rpcs => new(intake.Service.Channel, IntakeService.Descriptor);

    [Fact]
    public Task Is_guarded() => Rpcs.IsGuardedAsync("admin");

    [Fact]
    public Task Says_what_is_wrong_in_an_error_that_every_client_takes() => Rpcs.KeepsItsErrorsSmallAsync("admin");

    [Fact]
    public async Task Refuses_a_request_id_that_another_request_had_and_an_etag_of_another_version()
    {
        var marketing = ServiceProcess.As(_tenant, "marketing");
        var requestId = Guid.NewGuid().ToString();
        var lead = (await intake.Client.CreateLeadAsync(new() { Lead = new() { ExternalId = "1" }, RequestId = requestId }, marketing)).Lead;
        var other = (await intake.Client.CreateLeadAsync(new() { Lead = new() { ExternalId = "other" } }, marketing)).Lead;
        var requests = new Dictionary<string, IMessage>
        {
            ["CreateLead"] = new CreateLeadRequest { Lead = new() { ExternalId = "2" } },
            ["UpdateLead"] = new UpdateLeadRequest { Lead = new() { Name = lead.Name, Campaign = "spring" }, UpdateMask = new() { Paths = { "campaign" } } },
            ["DisqualifyLead"] = new DisqualifyLeadRequest { Name = lead.Name, Reason = "x" },
            ["ReopenLead"] = new ReopenLeadRequest { Name = lead.Name, Reason = "x" },
            ["OpenJourney"] = new OpenJourneyRequest { Name = lead.Name, Motion = "expansion", Reason = "x" },
            ["MergeLeads"] = new MergeLeadsRequest { Loser = lead.Name, Survivor = other.Name },
            ["UnmergeLeads"] = new UnmergeLeadsRequest { Loser = lead.Name },
            ["RecordTouchpoint"] = new RecordTouchpointRequest { Touchpoint = new() { Lead = lead.Name, Kind = "visit" } },
        };

        await Rpcs.RefusesAReusedRequestIdAsync(requestId, marketing, requests);
        await Rpcs.RefusesAStaleEtagAsync(marketing, requests);
    }
}
