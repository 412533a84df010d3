using Google.Protobuf.WellKnownTypes;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.TestSupport;

[assembly: AssemblyFixture(typeof(L2R.Handoff.Tests.HandoffFixture))]

namespace L2R.Handoff.Tests;

/// <summary>The service as a process, and a stranger on its bus. Each test uses a tenant of its own.</summary>
public sealed class HandoffFixture : IAsyncLifetime
{
    public ServiceProcess Service { get; private set; } = null!;
    public TestBus Bus { get; private set; } = null!;
    public HandoffService.HandoffServiceClient Client { get; private set; } = null!;

    public static string NewTenant() => $"t-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        Service = await ServiceProcess.StartAsync(typeof(Handoff.Api.HandoffMapping).Assembly, "handoffdb");
        Bus = await TestBus.StartAsync(
            [LedgerEventsReflection.Descriptor],
            bus => bus
                .Hear<TestBus.Ear<StagesChanged>, StagesChanged>(["#"])
                .Hear<TestBus.Ear<HandoffsAssigned>, HandoffsAssigned>(["#"]));
        Client = new HandoffService.HandoffServiceClient(Service.Channel);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await Service.DisposeAsync();
    }

    /// <summary>What this service told the ledger of a tenant, in order.</summary>
    public IReadOnlyList<StageChanged> Rows(string tenant) =>
        [.. Bus.Messages<StagesChanged>(message => message.Tenant == tenant)
            .SelectMany(message => message.Changes)
            .Where(row => row.Actor != Journey.Stranger)
            .OrderBy(row => row.SourceSeq)];

    public IReadOnlyList<HandoffAssigned> Assignments(string tenant) =>
        [.. Bus.Messages<HandoffsAssigned>(message => message.Tenant == tenant).SelectMany(message => message.Assignments)];

    /// <summary>Says that another service moved the journey.</summary>
    /// <param name="eventId">The same again is the same event.</param>
    /// <param name="by">The service that says it.</param>
    public Task SayAsync(Journey journey, Stage to, long sourceSeq, Guid? eventId = null, string by = "scoring") =>
        SayAsync(journey.Tenant, eventId ?? Guid.NewGuid(), by, journey.Row(to, sourceSeq));

    public Task SayAsync(string tenant, Guid eventId, params StageChanged[] rows) => SayAsync(tenant, eventId, "scoring", rows);

    Task SayAsync(string tenant, Guid eventId, string by, params StageChanged[] rows) =>
        Bus.PublishAsync(OutboxEvent.Live(eventId, tenant, new StagesChanged
        {
            EventId = eventId.ToString(),
            EventTime = rows[0].OccurTime,
            Tenant = tenant,
            Changes = { rows },
        }, by));

    /// <summary>A journey that Handoff has heard is an MQL.</summary>
    public async Task<V1.Handoff> QueueAsync(string tenant)
    {
        var journey = Journey.New(tenant);
        await SayAsync(journey, Stage.Mql, 2);
        return await HeardAsync(journey, Stage.Mql);
    }

    /// <summary>Waits until the journey stands there, and reads it.</summary>
    public async Task<V1.Handoff> HeardAsync(Journey journey, Stage stage)
    {
        V1.Handoff? handoff = null;
        await Eventually.IsTrueAsync($"{journey.Handoff} to stand in {stage}", async () =>
        {
            var listed = await Client.ListHandoffsAsync(new ListHandoffsRequest { PageSize = 1000 }, ServiceProcess.As(journey.Tenant, "sales"));
            handoff = listed.Handoffs.SingleOrDefault(one => one.Name == journey.Handoff);
            return handoff?.Stage == stage;
        });
        return handoff!;
    }
}

/// <summary>A journey that other services move.</summary>
public sealed record Journey(string Tenant, string Lead, string Name)
{
    public const string Stranger = "service:stranger";

    public static readonly DateTimeOffset Start = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    public string Handoff => Name.Replace("journeys/", "handoffs/", StringComparison.Ordinal);

    public static Journey New(string tenant) => new(tenant, $"leads/{Guid.NewGuid():D}", $"journeys/{Guid.NewGuid():D}");

    /// <summary>Dated so many minutes after the start as its number says.</summary>
    public StageChanged Row(Stage to, long sourceSeq) => new()
    {
        TransitionId = Guid.NewGuid().ToString(),
        Lead = Lead,
        Journey = Name,
        To = to,
        SourceSeq = sourceSeq,
        OccurTime = Start.AddMinutes(sourceSeq).ToTimestamp(),
        Origin = Origin.Live,
        Actor = Stranger,
        Dimensions = new Dimensions
        {
            Channel = "web-form",
            Source = "newsletter",
            Campaign = "spring",
            Segment = "enterprise",
            Region = "NL",
            Product = "engine",
            Motion = "new",
            Owner = "somebody",
            Team = "elsewhere",
        },
    };
}
