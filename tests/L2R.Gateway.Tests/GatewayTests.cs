using Grpc.Core;
using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;

namespace L2R.Gateway.Tests;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class GatewayTests(GatewayFixture fixture)
{
    static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    ScoringService.ScoringServiceClient Scoring => new(fixture.Gateway.Channel); // it does not answer

    [Fact]
    public async Task Passes_calls_to_their_service_and_its_answers_and_errors_back()
    {
        var intake = new IntakeService.IntakeServiceClient(fixture.Gateway.Channel);
        var marketing = ServiceProcess.As($"t-{Guid.NewGuid():N}", "marketing");
        var nobody = $"leads/{Guid.NewGuid():D}";

        var lead = (await intake.CreateLeadAsync(new() { Lead = new() { ExternalId = "1" } }, marketing)).Lead;
        var error = await GrpcAssert.FailsAsync(intake.GetLeadAsync(new() { Name = nobody }, marketing));

        Assert.Equal(lead, await new IntakeService.IntakeServiceClient(fixture.Intake.Channel).GetLeadAsync(new() { Name = lead.Name }, marketing));
        Assert.Equal((StatusCode.NotFound, "LEAD_NOT_FOUND", nobody), (error.Code, error.Reason, error.Metadata["name"]));
    }

    [Fact]
    public async Task Refuses_a_call_without_a_valid_token_before_it_asks_a_service()
    {
        var missing = await GrpcAssert.FailsAsync(Scoring.GetScoreAsync(new(), cancellationToken: TestContext.Current.CancellationToken));
        var forged = await GrpcAssert.FailsAsync(Scoring.GetScoreAsync(new(), ServiceProcess.With(TestTokens.Forged("acme", "admin"))));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), (missing.Code, missing.Reason));
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID", "SIGNATURE"), (forged.Code, forged.Reason, forged.Metadata["cause"]));
    }

    [Fact]
    public async Task Says_that_a_service_does_not_answer_or_that_nobody_knows_where_it_is()
    {
        var sales = ServiceProcess.As("acme", "sales");
        var handoff = new HandoffService.HandoffServiceClient(fixture.Gateway.Channel);

        var silent = await GrpcAssert.FailsAsync(Scoring.GetScoreAsync(new(), sales));
        var nowhere = await GrpcAssert.FailsAsync(handoff.ListHandoffsAsync(new(), sales));

        Assert.All([silent, nowhere], error =>
        {
            Assert.Equal((StatusCode.Unavailable, "SERVICE_UNAVAILABLE", TimeSpan.FromSeconds(1)), (error.Code, error.Reason, error.RetryAfter));
            // No promise to a call that sent no request_id.
            Assert.EndsWith("a call with a request_id is repeated with the same one, and not done twice; one without is done again.", error.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("l2r.nothing.v1.NothingService", "GetNothing")]
    [InlineData("l2r.intake.v2.IntakeService", "GetLead")]
    [InlineData("l2r.operations.v1.OperationsService", "GetFlow")] // every service has its own
    [InlineData("l2r.intake.v1.IntakeService", "GetNothing")]
    public async Task Says_that_nobody_serves_a_service_or_a_method(string service, string method)
    {
        var unknown = new Method<byte[], byte[]>(MethodType.Unary, service, method, Bytes, Bytes);
        var invoker = fixture.Gateway.Channel.CreateCallInvoker();

        var error = await GrpcAssert.FailsAsync(invoker.AsyncUnaryCall(unknown, host: null, ServiceProcess.As("acme", "sales"), []));

        Assert.Equal((StatusCode.Unimplemented, "METHOD_UNKNOWN", $"/{service}/{method}"), (error.Code, error.Reason, error.Metadata["method"]));
    }
}
