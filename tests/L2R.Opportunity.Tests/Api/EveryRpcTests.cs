using Google.Protobuf;
using L2R.Opportunity.V1;
using L2R.TestSupport;

namespace L2R.Opportunity.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EveryRpcTests(OpportunityFixture service)
{
    readonly string _tenant = OpportunityFixture.NewTenant();

    EveryRpc Rpcs => new(service.Service.Channel, OpportunityService.Descriptor);

    [Fact]
    public Task Is_guarded() => Rpcs.IsGuardedAsync("admin");

    [Fact]
    public Task Says_what_is_wrong_in_an_error_that_every_client_takes() => Rpcs.KeepsItsErrorsSmallAsync("admin");

    [Fact]
    public async Task Refuses_a_request_id_that_another_request_had_and_an_etag_of_another_version()
    {
        var sales = ServiceProcess.As(_tenant, "sales");
        var create = OpportunityFixture.Deal(await service.QualifiedAsync(_tenant));
        var name = (await service.Client.CreateOpportunityAsync(create, sales)).Name;
        var another = create.Clone();
        another.Opportunity.DisplayName = "Other engines";
        var requests = new Dictionary<string, IMessage>
        {
            ["CreateOpportunity"] = another,
            ["UpdateOpportunity"] = new UpdateOpportunityRequest { Opportunity = new() { Name = name, DisplayName = "Gears" }, UpdateMask = new() { Paths = { "display_name" } } },
            ["CloseOpportunityWon"] = new CloseOpportunityWonRequest { Name = name, Reason = "x" },
            ["CloseOpportunityLost"] = new CloseOpportunityLostRequest { Name = name, Reason = "x" },
            ["ReopenOpportunity"] = new ReopenOpportunityRequest { Name = name, Reason = "x" },
        };

        await Rpcs.RefusesAReusedRequestIdAsync(create.RequestId, sales, requests);
        await Rpcs.RefusesAStaleEtagAsync(sales, requests);
    }
}
