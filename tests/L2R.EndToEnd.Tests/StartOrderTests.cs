using Grpc.Core;
using L2R.Intake.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

public sealed class StartOrderTests
{
    readonly string _queues = $"test-{Guid.NewGuid():N}.";

    /// <summary>On a broker that has seen neither service before: the lead is told while no one is there who listens, and by a service that is gone by then.</summary>
    [Fact]
    public async Task A_lead_that_came_before_the_other_services_had_ever_run_is_in_the_ledger_once_they_do()
    {
        var caller = ServiceProcess.As("acme", "marketing", "admin");
        Lead lead;
        await using (var intake = await StartAsync("Intake"))
        {
            lead = (await new IntakeService.IntakeServiceClient(intake.Channel).CreateLeadAsync(
                new CreateLeadRequest { Lead = new Lead { Person = new Person { Email = "grace@example.com" } } }, caller)).Lead;
            await Eventually.EqualAsync(0L, async () =>
            {
                await using var count = intake.Admin.CreateCommand("SELECT count(*) FROM outbox");
                return (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            });
            intake.Kill();
        }

        await using var metrics = await StartAsync("Metrics");

        Journey? journey = null;
        await Eventually.IsTrueAsync("the journey in the ledger", async () =>
        {
            try
            {
                journey = await new MetricsService.MetricsServiceClient(metrics.Channel).GetJourneyAsync(new GetJourneyRequest { Name = lead.Journey }, caller);
                return true;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
            {
                return false;
            }
        });
        Assert.Equal((lead.Name, 1), (journey!.Lead, journey.Rows.Count));
    }

    async Task<ServiceProcess> StartAsync(string service)
    {
        // Beside this test's own folder, of the same configuration: AppHost has them built.
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "L2R.EndToEnd.Tests"), AppContext.BaseDirectory);
        return await ServiceProcess.StartAsync(
            Path.Combine(Repository.Root, "src", $"L2R.{service}", output, $"L2R.{service}.dll"),
            $"{service.ToLowerInvariant()}db",
            ("Messaging__QueuePrefix", _queues),
            ("Messaging__Services", "intake, scoring, handoff, opportunity, metrics"));
    }
}
