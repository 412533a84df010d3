using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Operations.V1;
using L2R.TestSupport;
using Npgsql;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // some tests hold what others use
[assembly: AssemblyFixture(typeof(L2R.Operations.Tests.OperationsFixture))]

namespace L2R.Operations.Tests;

/// <summary>One real service, Scoring, and a stranger on its bus. The tests run one after the other: they break what it stands on.</summary>
public sealed class OperationsFixture : IAsyncLifetime
{
    readonly string _prefix = $"test-{Guid.NewGuid():N}.";

    public const string Tenant = "acme";

    public static CallOptions Operator => ServiceProcess.As("operators", "operator");

    public ServiceProcess Service { get; private set; } = null!;
    public TestBus Bus { get; private set; } = null!;
    public OperationsService.OperationsServiceClient Client { get; private set; } = null!;

    /// <summary>The name of a queue of the service in this run.</summary>
    public string Queue(string name) => $"{TestServers.Prefix}{_prefix}scoring.{name}";

    public async ValueTask InitializeAsync()
    {
        Service = await ServiceProcess.StartAsync(
            typeof(Scoring.Domain.Score).Assembly, "scoringdb",
            ("Messaging__QueuePrefix", _prefix),
            ("Operations__StuckAfter", "00:00:01"),
            ("Operations__RetentionInterval", "00:00:01"));
        Bus = await TestBus.StartAsync([LeadEventsReflection.Descriptor], _ => { });
        Client = new OperationsService.OperationsServiceClient(Service.Channel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in (IReadOnlyList<IAsyncDisposable?>)[Bus, Service])
        {
            await (started?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Says on the bus that a lead changed.</summary>
    /// <returns>The event's id.</returns>
    public async Task<string> SayAsync(string lead)
    {
        var eventId = Guid.NewGuid();
        await Bus.PublishAsync(OutboxEvent.Live(eventId, Tenant, new LeadsChanged
        {
            EventId = eventId.ToString("D"),
            EventTime = TimeProvider.System.GetUtcNow().ToTimestamp(),
            Tenant = Tenant,
            Changes = { new LeadChanged { Lead = lead, Version = 1 } },
        }));
        return eventId.ToString("D");
    }

    /// <summary>What the service's database counts, as superuser.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var command = Service.Admin.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Service.Admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Holds a table of the service's database until it is disposed of.</summary>
    public async Task<NpgsqlConnection> LockAsync(string table)
    {
        var connection = await Service.Admin.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
