using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Opportunity.V1;
using L2R.TestSupport;
using L2R.Type.V1;

[assembly: AssemblyFixture(typeof(L2R.Opportunity.Tests.OpportunityFixture))]

namespace L2R.Opportunity.Tests;

/// <summary>The service as a process, and a stranger on its bus. Each test uses a tenant of its own.</summary>
public sealed class OpportunityFixture : IAsyncLifetime
{
    public ServiceProcess Service { get; private set; } = null!;
    public TestBus Bus { get; private set; } = null!;
    public OpportunityService.OpportunityServiceClient Client { get; private set; } = null!;

    public static string NewTenant() => $"t-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        Service = await ServiceProcess.StartAsync(typeof(Opportunity.Api.DealMapping).Assembly, "opportunitydb");
        Bus = await TestBus.StartAsync(
            [LedgerEventsReflection.Descriptor],
            bus => bus
                .Hear<TestBus.Ear<StagesChanged>, StagesChanged>(["#"])
                .Hear<TestBus.Ear<OpportunitiesChanged>, OpportunitiesChanged>(["#"]));
        Client = new OpportunityService.OpportunityServiceClient(Service.Channel);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await Service.DisposeAsync();
    }

    /// <summary>A request for an opportunity with every field that a caller may set.</summary>
    public static CreateOpportunityRequest Deal(Journey journey) => new()
    {
        Opportunity = new V1.Opportunity
        {
            Journey = journey.Name,
            DisplayName = "Engines",
            Stage = "proposal",
            Amount = new Money { CurrencyCode = "EUR", Units = 1999, Nanos = 990_000_000 },
            ExpectedCloseDate = new Date { Year = 2026, Month = 12, Day = 31 },
            Owner = "rep-7",
            Product = "engine",
        },
        RequestId = Guid.NewGuid().ToString(),
    };

    /// <summary>What the others are told of a tenant's opportunities, in order.</summary>
    public IReadOnlyList<OpportunityChanged> Changes(string tenant) =>
        [.. Bus.Messages<OpportunitiesChanged>(e => e.Tenant == tenant).SelectMany(e => e.Changes).OrderBy(e => e.Version)];

    /// <summary>What the ledger is told of deals, in order.</summary>
    public IReadOnlyList<StageChanged> Rows(string tenant) =>
    [
        .. Bus.Messages<StagesChanged>(message => message.Tenant == tenant)
            .SelectMany(message => message.Changes)
            .Where(row => row.To is Stage.Opportunity or Stage.ClosedWon or Stage.ClosedLost)
            .OrderBy(row => row.SourceSeq),
    ];

    /// <summary>Says on the bus that a journey was moved, and returns the row.</summary>
    public async Task<StageChanged> SayAsync(string tenant, Journey journey, Stage to, long sourceSeq, DateTimeOffset time, Guid? eventId = null, Origin origin = Origin.Live)
    {
        var row = new StageChanged
        {
            TransitionId = Guid.NewGuid().ToString(),
            Lead = journey.Lead,
            Journey = journey.Name,
            To = to,
            OccurTime = time.ToTimestamp(),
            SourceSeq = sourceSeq,
            Origin = origin,
        };
        var id = eventId ?? Guid.NewGuid();
        var message = new StagesChanged { EventId = id.ToString(), EventTime = row.OccurTime, Tenant = tenant, Changes = { row } };
        await Bus.PublishAsync(origin == Origin.Live ? OutboxEvent.Live(id, tenant, message, "handoff") : OutboxEvent.Import(id, tenant, message, "handoff"));
        return row;
    }

    /// <summary>Says it, and waits until the service has heard it.</summary>
    public async Task MoveAsync(string tenant, Journey journey, Stage to, long sourceSeq, DateTimeOffset time)
    {
        await SayAsync(tenant, journey, to, sourceSeq, time);
        await Eventually.EqualAsync(sourceSeq, async () => (await PositionAsync(tenant, journey)).SourceSeq);
    }

    /// <summary>A journey that sales qualified a minute ago: its row 4.</summary>
    public async Task<Journey> QualifiedAsync(string tenant)
    {
        var journey = Journey.New();
        await MoveAsync(tenant, journey, Stage.Sql, 4, TimeProvider.System.GetUtcNow().AddMinutes(-1));
        return journey;
    }

    /// <summary>Where the service believes the journey to stand.</summary>
    public async Task<(string Stage, long SourceSeq)> PositionAsync(string tenant, Journey journey)
    {
        await using var command = Service.Admin.CreateCommand("SELECT stage, stage_seq FROM journeys WHERE tenant_id = $1 AND journey_id = $2");
        command.Parameters.AddWithValue(tenant);
        command.Parameters.AddWithValue(journey.Id);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        return await reader.ReadAsync(TestContext.Current.CancellationToken)
            ? (L2R.Ledger.Domain.Stages.Name((L2R.Ledger.Domain.Stage)reader.GetInt16(0)), reader.GetInt64(1))
            : ("", 0);
    }
}

/// <summary>Names of a journey and its lead.</summary>
public sealed record Journey(Guid Id, string Name, string Lead)
{
    public static Journey New()
    {
        var id = Guid.NewGuid();
        return new(id, $"journeys/{id:D}", $"leads/{Guid.NewGuid():D}");
    }
}
