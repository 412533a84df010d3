using Google.Protobuf;
using L2R.Handoff.V1;
using L2R.TestSupport;

namespace L2R.Handoff.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EveryRpcTests(HandoffFixture fixture)
{
    readonly string _tenant = HandoffFixture.NewTenant();

    EveryRpc Rpcs => new(fixture.Service.Channel, HandoffService.Descriptor);

    [Fact]
    public Task Is_guarded() => Rpcs.IsGuardedAsync("admin");

    [Fact]
    public Task Says_what_is_wrong_in_an_error_that_every_client_takes() => Rpcs.KeepsItsErrorsSmallAsync("admin");

    [Fact]
    public async Task Refuses_a_request_id_that_another_request_had_and_an_etag_of_another_version()
    {
        var admin = ServiceProcess.As(_tenant, "admin");
        var requestId = Guid.NewGuid().ToString();
        var rep = await fixture.Client.CreateRepAsync(new() { Rep = new() { DisplayName = "Ann" }, RequestId = requestId }, admin);
        var queued = await fixture.QueueAsync(_tenant);
        var requests = new Dictionary<string, IMessage>
        {
            ["AcceptHandoff"] = new AcceptHandoffRequest { Name = queued.Name },
            ["PullLead"] = new PullLeadRequest { Lead = queued.Lead },
            ["RejectHandoff"] = new RejectHandoffRequest { Name = queued.Name, Reason = "x" },
            ["QualifyHandoff"] = new QualifyHandoffRequest { Name = queued.Name, Qualification = new() { Need = new() } },
            ["RecycleHandoff"] = new RecycleHandoffRequest { Name = queued.Name, Reason = "x" },
            ["DisqualifyHandoff"] = new DisqualifyHandoffRequest { Name = queued.Name, Reason = "x" },
            ["ReopenHandoff"] = new ReopenHandoffRequest { Name = queued.Name, Reason = "x" },
            ["AssignHandoff"] = new AssignHandoffRequest { Name = queued.Name, Owner = rep.Name },
            ["CreateRep"] = new CreateRepRequest { Rep = new() { DisplayName = "Ben" } },
            ["UpdateRep"] = new UpdateRepRequest { Rep = new() { Name = rep.Name, Team = "a" } },
        };

        await Rpcs.RefusesAReusedRequestIdAsync(requestId, admin, requests);
        await Rpcs.RefusesAStaleEtagAsync(admin, requests);
    }
}
