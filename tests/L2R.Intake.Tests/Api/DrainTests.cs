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

    [Fact]
    public async Task A_call_in_flight_is_answered_before_the_replica_exits()
    {
        var cancelled = TestContext.Current.CancellationToken;
        await using var service = await ServiceProcess.StartAsync(typeof(Intake.Api.LeadMapping).Assembly, "intakedb");
        var client = new IntakeService.IntakeServiceClient(service.Channel);
        var marketing = ServiceProcess.As("acme", "marketing");
        var lead = (await client.CreateLeadAsync(new CreateLeadRequest { Lead = new Lead { ExternalId = "1" } }, marketing)).Lead;
        await using var holder = await service.Admin.OpenConnectionAsync(cancelled);
        await using var transaction = await holder.BeginTransactionAsync(cancelled);
        await using var hold = new Npgsql.NpgsqlCommand("SELECT 1 FROM leads FOR UPDATE", holder, transaction);
        await hold.ExecuteNonQueryAsync(cancelled);

        using var call = client.DisqualifyLeadAsync(new DisqualifyLeadRequest { Name = lead.Name, Reason = "x" }, marketing);
        await Eventually.IsTrueAsync("the call to wait for the row", async () =>
        {
            await using var waiting = service.Admin.CreateCommand(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')");
            return (bool)(await waiting.ExecuteScalarAsync(cancelled))!;
        });
        service.Terminate();
        await Eventually.IsTrueAsync("the service to take no more connections", async () =>
        {
            using var http = new HttpClient { BaseAddress = service.Http };
            try
            {
                using var answer = await http.GetAsync("health/live", cancelled);
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        });
        Assert.False(call.ResponseAsync.IsCompleted);
        await transaction.CommitAsync(cancelled);

        Assert.Equal(Stage.Disqualified, (await call).Stage);
        Assert.Equal(0, await service.WaitForExitAsync());
    }
}
