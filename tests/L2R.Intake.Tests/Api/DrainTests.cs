using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class DrainTests
{
    [Fact]
    public async Task A_replica_that_is_told_to_go_ends_its_streams_with_what_to_do_and_exits_cleanly()
    {
        var cancelled = TestContext.Current.CancellationToken;
        await using var service = await ServiceProcess.StartAsync(typeof(Intake.Api.LeadMapping).Assembly, "intakedb");
        using var call = new IntakeService.IntakeServiceClient(service.Channel).ImportTransitions(ServiceProcess.As("acme", "admin"));
        await call.RequestStream.WriteAsync(
            new ImportTransitionsRequest
            {
                ImportId = "drain",
                Source = "test",
                Transitions =
                {
                    new ImportedTransition { Line = 1, SourceKey = "a", LeadKey = "a", JourneyKey = "a", To = Stage.Lead, OccurTime = new Timestamp { Seconds = 1_700_000_000 } },
                },
            },
            cancelled);
        Assert.True(await call.ResponseStream.MoveNext(cancelled));

        service.Terminate();

        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(cancelled));
        var error = GrpcAssert.Read(exception);
        Assert.Equal((StatusCode.Unavailable, "SERVICE_STOPPING", TimeSpan.FromSeconds(1)), (error.Code, error.Reason, error.RetryAfter));
        Assert.Equal(0, await service.WaitForExitAsync());
    }
}
