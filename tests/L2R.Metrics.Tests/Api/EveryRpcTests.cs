using Google.Protobuf;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class EveryRpcTests(MetricsFixture metrics)
{
    async Task<EveryRpc> RpcsAsync() => new((await metrics.ServiceAsync()).Channel, MetricsService.Descriptor);

    [Fact]
    public async Task Is_guarded() => await (await RpcsAsync()).IsGuardedAsync("admin");

    [Fact]
    public async Task Says_what_is_wrong_in_an_error_that_every_client_takes() => await (await RpcsAsync()).KeepsItsErrorsSmallAsync("admin");

    [Fact]
    public async Task Refuses_a_request_id_that_another_request_had_and_an_etag_of_another_version()
    {
        var admin = ServiceProcess.As(MetricsFixture.NewTenant(), "admin");
        var requestId = Guid.NewGuid().ToString();
        await (await metrics.ClientAsync()).UpdateSettingsAsync(new() { Settings = new() { CurrencyCode = "EUR" }, RequestId = requestId }, admin);
        var (trigger, review) = await metrics.OpenReviewAsync(admin);
        var target = await (await metrics.ClientAsync()).CreateTargetAsync(new() { Target = TargetsTests.Conversion() }, admin);
        var spend = await (await metrics.ClientAsync()).CreateSpendAsync(new() { Spend = EconomicsTests.January() }, admin);
        var requests = new Dictionary<string, IMessage>
        {
            ["CreateSpend"] = new CreateSpendRequest { Spend = EconomicsTests.January() },
            ["UpdateSpend"] = new UpdateSpendRequest { Spend = new() { Name = spend.Name, Cost = new() { CurrencyCode = "EUR", Units = 1 } } },
            ["DeleteSpend"] = new DeleteSpendRequest { Name = spend.Name },
            ["CreateTarget"] = new CreateTargetRequest { Target = TargetsTests.Conversion() },
            ["UpdateTarget"] = new UpdateTargetRequest { Target = new() { Name = target.Name, Conversion = TargetsTests.Conversion(0.5).Conversion } },
            ["CreateTrigger"] = new CreateTriggerRequest { Trigger = new() { DisplayName = "x", Owner = "revops", PolicyActivated = new() } },
            ["DeleteTrigger"] = new DeleteTriggerRequest { Name = trigger.Name },
            ["CloseReview"] = new CloseReviewRequest { Name = review.Name, Decision = "x", TradeOff = "y", NextReviewDate = new() { Year = 2030, Month = 1, Day = 1 } },
            ["DeleteTarget"] = new DeleteTargetRequest { Name = target.Name },
            ["UpdateSettings"] = new UpdateSettingsRequest { Settings = new() { CurrencyCode = "USD" } },
        };

        await (await RpcsAsync()).RefusesAReusedRequestIdAsync(requestId, admin, requests);
        await (await RpcsAsync()).RefusesAStaleEtagAsync(admin, requests);
    }
}
