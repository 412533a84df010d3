using Google.Protobuf.WellKnownTypes;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.TestSupport;

[assembly: AssemblyFixture(typeof(L2R.Intake.Tests.IntakeFixture))]

namespace L2R.Intake.Tests;

/// <summary>The service as a process, and a stranger on its bus. Each test uses a tenant of its own.</summary>
public sealed class IntakeFixture : IAsyncLifetime
{
    public ServiceProcess Service { get; private set; } = null!;
    public TestBus Bus { get; private set; } = null!;
    public IntakeService.IntakeServiceClient Client { get; private set; } = null!;

    public static string NewTenant() => $"t-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        Service = await ServiceProcess.StartAsync(typeof(Intake.Api.LeadMapping).Assembly, "intakedb");
        Bus = await TestBus.StartAsync(
            [LedgerEventsReflection.Descriptor],
            bus => bus
                .Hear<TestBus.Ear<StagesChanged>, StagesChanged>(["#"])
                .Hear<TestBus.Ear<LeadsChanged>, LeadsChanged>(["#"])
                .Hear<TestBus.Ear<LeadsMerged>, LeadsMerged>(["#"])
                .Hear<TestBus.Ear<TouchpointsRecorded>, TouchpointsRecorded>(["#"]));
        Client = new IntakeService.IntakeServiceClient(Service.Channel);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await Service.DisposeAsync();
    }

    /// <summary>Says that another service moved the lead's journey.</summary>
    /// <param name="by">That service.</param>
    public Task SayAsync(string tenant, Lead lead, Stage to, long sourceSeq, DateTimeOffset time, string by = "handoff", Stage from = default)
    {
        var eventId = Guid.NewGuid();
        return Bus.PublishAsync(OutboxEvent.Live(eventId, tenant, new StagesChanged
        {
            EventId = eventId.ToString(),
            EventTime = time.ToTimestamp(),
            Tenant = tenant,
            Changes =
            {
                new StageChanged
                {
                    TransitionId = Guid.NewGuid().ToString(),
                    Lead = lead.Name,
                    Journey = lead.Journey,
                    From = from,
                    To = to,
                    SourceSeq = sourceSeq,
                    OccurTime = time.ToTimestamp(),
                    Origin = Origin.Live,
                },
            },
        }, by));
    }

    /// <summary>What the others are told of a tenant's leads.</summary>
    public IReadOnlyList<LeadChanged> Changes(string tenant) =>
        [.. Bus.Messages<LeadsChanged>(message => message.Tenant == tenant).SelectMany(message => message.Changes)];

    /// <summary>What the ledger is told of a tenant, in order.</summary>
    public IReadOnlyList<StageChanged> Rows(string tenant) =>
        [.. Bus.Messages<StagesChanged>(message => message.Tenant == tenant).SelectMany(message => message.Changes).OrderBy(row => row.SourceSeq)];
}
