using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Metrics.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(L2R.Metrics.Tests.Api.MetricsFixture))]

namespace L2R.Metrics.Tests.Api;

/// <summary>The service as a process, and an owner of journeys on its bus. Each test uses a tenant of its own.</summary>
public sealed class MetricsFixture : IAsyncDisposable
{
    readonly SemaphoreSlim _starting = new(1, 1);
    ServiceProcess? _service;
    TestBus? _bus;

    public static string NewTenant() => $"t-{Guid.NewGuid():N}";

    public static CallOptions As(string tenant) => ServiceProcess.As(tenant, "sales");

    public async Task<MetricsService.MetricsServiceClient> ClientAsync() => new((await ServiceAsync()).Channel);

    /// <summary>Started by the first test that asks: the domain's tests need no server.</summary>
    public async Task<ServiceProcess> ServiceAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _service ??= await ServiceProcess.StartAsync(typeof(Metrics.Storage.LedgerStore).Assembly, "metricsdb", ("Triggers__Interval", "00:00:00.100"));
            _bus ??= await TestBus.StartAsync([LedgerEventsReflection.Descriptor, LeadEventsReflection.Descriptor, ScoringEventsReflection.Descriptor], _ => { });
            return _service;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Says rows on the bus, as one event.</summary>
    /// <param name="eventId">A redelivery has the same.</param>
    public async Task SayAsync(string tenant, Guid eventId, params StageChanged[] rows)
    {
        await ClientAsync();
        await _bus!.PublishAsync(OutboxEvent.Live(eventId, tenant, new StagesChanged
        {
            EventId = eventId.ToString(),
            EventTime = rows[0].OccurTime,
            Tenant = tenant,
            Changes = { rows },
        }, "handoff"));
    }

    /// <summary>Says on the bus what is known of leads.</summary>
    public async Task SayAsync(string tenant, params LeadChanged[] changes)
    {
        await ClientAsync();
        var eventId = Guid.NewGuid();
        await _bus!.PublishAsync(OutboxEvent.Live(eventId, tenant, new LeadsChanged
        {
            EventId = eventId.ToString(),
            EventTime = TimeProvider.System.GetUtcNow().ToTimestamp(),
            Tenant = tenant,
            Changes = { changes },
        }, "updated"));
    }

    /// <summary>Says on the bus which leads are one person.</summary>
    public async Task SayAsync(string tenant, params LeadMerged[] merges)
    {
        await ClientAsync();
        var eventId = Guid.NewGuid();
        await _bus!.PublishAsync(OutboxEvent.Live(eventId, tenant, new LeadsMerged
        {
            EventId = eventId.ToString(),
            EventTime = TimeProvider.System.GetUtcNow().ToTimestamp(),
            Tenant = tenant,
            Merges = { merges },
        }));
    }

    /// <summary>Says on the bus that a policy was activated.</summary>
    public async Task SayAsync(string tenant, ScoringPolicyActivated activated)
    {
        await ClientAsync();
        await _bus!.PublishAsync(OutboxEvent.Live(Guid.Parse(activated.EventId), tenant, activated));
    }

    /// <summary>Makes a trigger of today's date, and waits for the review that it opens.</summary>
    public async Task<(Trigger Trigger, Review Review)> OpenReviewAsync(CallOptions options, string displayName = "Budget")
    {
        var client = await ClientAsync();
        var today = TimeProvider.System.GetUtcNow();
        var trigger = await client.CreateTriggerAsync(
            new()
            {
                Trigger = new()
                {
                    DisplayName = displayName,
                    Owner = "revops",
                    Calendar = new() { FirstDate = new() { Year = today.Year, Month = today.Month, Day = today.Day }, Every = Cadence.Month },
                },
            },
            options);
        Review? review = null;
        await Eventually.IsTrueAsync("the review to be open", async () =>
        {
            var open = await client.ListReviewsAsync(new(), options);
            return (review = open.Reviews.SingleOrDefault(each => each.Trigger == trigger.Name)) is not null;
        });
        return (trigger, await client.GetReviewAsync(new() { Name = review!.Name }, options));
    }

    /// <summary>Says touches on the bus, as one event.</summary>
    public Task SayAsync(string tenant, params Touchpoint[] touches) =>
        SayAsync(tenant, [.. touches.Select(touch => new TouchpointRecorded { Touchpoint = touch })]);

    /// <summary>Says touches on the bus, as one event.</summary>
    public async Task SayAsync(string tenant, params TouchpointRecorded[] touches)
    {
        await ClientAsync();
        var eventId = Guid.NewGuid();
        await _bus!.PublishAsync(OutboxEvent.Live(eventId, tenant, new TouchpointsRecorded
        {
            EventId = eventId.ToString(),
            EventTime = TimeProvider.System.GetUtcNow().ToTimestamp(),
            Tenant = tenant,
            Touchpoints = { touches },
        }, "outreach"));
    }

    /// <summary>A row with an id of its own.</summary>
    public static StageChanged Row(Guid lead, Guid journey, Stage to, long seq, DateTimeOffset at) => new()
    {
        TransitionId = Guid.NewGuid().ToString(),
        Lead = $"leads/{lead}",
        Journey = $"journeys/{journey}",
        To = to,
        SourceSeq = seq,
        OccurTime = at.ToTimestamp(),
        Origin = Origin.Live,
        Actor = "user:tester",
        Dimensions = new Dimensions { Channel = "web-form", Owner = seq == 1 ? "" : "rep-1" },
    };

    public async ValueTask DisposeAsync()
    {
        if (_bus is not null)
        {
            await _bus.DisposeAsync();
        }
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
        _starting.Dispose();
    }
}
