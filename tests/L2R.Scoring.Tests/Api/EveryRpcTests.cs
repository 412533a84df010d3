using Google.Protobuf;
using L2R.Scoring.V1;
using L2R.TestSupport;

namespace L2R.Scoring.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EveryRpcTests(ScoringFixture scoring)
{
    EveryRpc Rpcs => new(scoring.Service.Channel, ScoringService.Descriptor);

    [Fact]
    public Task Is_guarded() => Rpcs.IsGuardedAsync("admin");

    [Fact]
    public Task Says_what_is_wrong_in_an_error_that_every_client_takes() => Rpcs.KeepsItsErrorsSmallAsync("admin");

    [Fact]
    public async Task Refuses_a_request_id_that_another_request_had_and_an_etag_of_another_version()
    {
        var revOps = ServiceProcess.As(ScoringFixture.NewTenant(), "revops");
        var requestId = Guid.NewGuid().ToString();
        var draft = await scoring.Client.CreateScoringPolicyAsync(new() { ScoringPolicy = Policies.Draft(), RequestId = requestId }, revOps);
        var other = Policies.Draft();
        other.Threshold++;
        var requests = new Dictionary<string, IMessage>
        {
            ["CreateScoringPolicy"] = new CreateScoringPolicyRequest { ScoringPolicy = other },
            ["ActivateScoringPolicy"] = new ActivateScoringPolicyRequest { Name = draft.Name },
        };

        await Rpcs.RefusesAReusedRequestIdAsync(requestId, revOps, requests);
        await Rpcs.RefusesAStaleEtagAsync(revOps, requests);
    }
}
