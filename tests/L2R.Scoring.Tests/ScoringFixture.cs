using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Scoring.V1;
using L2R.TestSupport;

[assembly: AssemblyFixture(typeof(L2R.Scoring.Tests.ScoringFixture))]

namespace L2R.Scoring.Tests;

/// <summary>Two replicas of the service as processes, and a stranger on their bus. Each test uses a tenant of its own.</summary>
public sealed class ScoringFixture : IAsyncLifetime
{
    ServiceProcess? _replica;

    public ServiceProcess Service { get; private set; } = null!;
    public TestBus Bus { get; private set; } = null!;
    public ScoringService.ScoringServiceClient Client { get; private set; } = null!;

    public static string NewTenant() => $"t-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        // With the same queues and the same database, so that every test is one of competing replicas.
        var queues = ("Messaging__QueuePrefix", $"test-{Guid.NewGuid():N}.");
        Service = await ServiceProcess.StartAsync(typeof(Scoring.Api.ScoreMapping).Assembly, "scoringdb", queues);
        _replica = await ServiceProcess.StartAsync(
            typeof(Scoring.Api.ScoreMapping).Assembly, "scoringdb", queues, ("ConnectionStrings__scoringdb", Service.AdminConnectionString));
        Bus = await TestBus.StartAsync(
            [LeadEventsReflection.Descriptor, LedgerEventsReflection.Descriptor],
            bus => bus
                .Hear<TestBus.Ear<StagesChanged>, StagesChanged>(["#"])
                .Hear<TestBus.Ear<ScoringPolicyActivated>, ScoringPolicyActivated>(["#"]));
        Client = new ScoringService.ScoringServiceClient(Service.Channel);
    }

    public async ValueTask DisposeAsync()
    {
        // As far as it started.
        foreach (var started in (IReadOnlyList<IAsyncDisposable?>)[Bus, _replica, Service])
        {
            await (started?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>The MQL rows that the ledger is told of a tenant.</summary>
    public IReadOnlyList<StageChanged> Qualified(string tenant) =>
        [.. Bus.Messages<StagesChanged>(message => message.Tenant == tenant).SelectMany(message => message.Changes).Where(row => row.To == Stage.Mql)];

    public Task SayAsync(params IEnumerable<OutboxEvent> events) => Task.WhenAll(events.Select(Bus.PublishAsync));

    /// <summary>Waits until the service has handled that many events of the tenant: those of its inbox that were said here.</summary>
    public Task HandledAsync(params IEnumerable<OutboxEvent> events)
    {
        var ids = events.Select(e => e.EventId).ToArray();
        return Eventually.EqualAsync((long)ids.Length, async () =>
        {
            await using var command = Service.Admin.CreateCommand("SELECT count(*) FROM inbox WHERE message_id = ANY($1)");
            command.Parameters.Add(new Npgsql.NpgsqlParameter<Guid[]> { TypedValue = ids });
            return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        });
    }
}
