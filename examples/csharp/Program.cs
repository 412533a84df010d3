// Creates a lead, hears from RabbitMQ that its journey began, reads the waterfall.
// Exit code 0 when all of that was done, or 1 with a sentence that says what was not.
using System.Globalization;
using Example;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using RabbitMQ.Client.Exceptions;

string[] settings = ["L2R_GATEWAY", "L2R_TOKEN", "L2R_RABBITMQ", "L2R_TENANT"];
if (settings.FirstOrDefault(name => Setting(name) == "") is { } missing)
{
    Console.Error.WriteLine($"{missing} is not set: README.md says where to find it.");
    return 1;
}

try
{
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
    await RunAsync(patience.Token);
    return 0;
}
catch (RpcException refused)
{
    Console.Error.WriteLine($"The call failed with {refused.StatusCode}: {refused.Status.Detail}");
}
catch (Exception failed) when (failed is BrokerUnreachableException or OperationInterruptedException)
{
    Console.Error.WriteLine($"RabbitMQ does not do what it was asked: {failed.GetBaseException().Message}");
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Not all of it was done within 60 seconds.");
}
return 1;

static async Task RunAsync(CancellationToken cancelled)
{
    using var gateway = Connect(Setting("L2R_GATEWAY"));
    var intake = new IntakeService.IntakeServiceClient(gateway);
    var metrics = new MetricsService.MetricsServiceClient(gateway);
    var token = new Metadata { { "authorization", $"Bearer {Setting("L2R_TOKEN")}" } };
    CallOptions Call() => new(token, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancelled);

    // The queue comes first: it gets what happens from now on.
    await using var events = await StageEvents.ListenAsync(Setting("L2R_RABBITMQ"), Setting("L2R_TENANT"), cancelled);

    // A lead without e-mail and external id is refused, with the fields that are wrong.
    try
    {
        await intake.CreateLeadAsync(new CreateLeadRequest { Lead = new Lead { Channel = "web-form" } }, Call());
    }
    catch (RpcException refused) when (refused.StatusCode == StatusCode.InvalidArgument)
    {
        var refusal = Refusal.Read(refused);
        Console.WriteLine($"Refused: {refusal.Reason}");
        foreach (var violation in refusal.Violations)
        {
            Console.WriteLine($"  {violation.Field}: {violation.Description}");
        }
    }

    // With a request_id the call may be sent again: L2R then answers with the lead that the first one made.
    var request = new CreateLeadRequest
    {
        RequestId = Guid.NewGuid().ToString(),
        Lead = new Lead { Person = new Person { Email = $"ada.{Guid.NewGuid():n}@example.com" }, Channel = "web-form" },
    };
    var lead = (await intake.CreateLeadAsync(request, Call())).Lead;
    Console.WriteLine($"Created: {lead.Name}");

    var change = await events.WaitForAsync(lead.Name, cancelled);
    Console.WriteLine($"Heard: {change.Lead} entered {NameOf(change.To)}");

    // Metrics hears of it as we did, perhaps a moment later.
    while (!await IsKnownAsync(metrics, lead.Journey, Call()))
    {
        await Task.Delay(TimeSpan.FromMilliseconds(200), cancelled);
    }
    var question = new GetWaterfallRequest { Horizons = { Duration.FromTimeSpan(TimeSpan.FromDays(30)) } };
    Print((await metrics.GetWaterfallAsync(question, Call())).Groups.Single());
}

static GrpcChannel Connect(string address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
{
    ServiceConfig = new ServiceConfig
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 5,
                    InitialBackoff = TimeSpan.FromMilliseconds(200),
                    MaxBackoff = TimeSpan.FromSeconds(2),
                    BackoffMultiplier = 2,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            },
        },
    },
});

static async Task<bool> IsKnownAsync(MetricsService.MetricsServiceClient metrics, string journey, CallOptions options)
{
    try
    {
        await metrics.GetJourneyAsync(new GetJourneyRequest { Name = journey }, options);
        return true;
    }
    catch (RpcException refused) when (Refusal.Read(refused).Reason == "JOURNEY_NOT_FOUND")
    {
        return false;
    }
}

static void Print(WaterfallGroup waterfall)
{
    Console.WriteLine("Reach:");
    foreach (var volume in waterfall.Volumes.Where(volume => volume.Stage <= Stage.ClosedWon)) // exits follow the stages
    {
        Console.WriteLine($"  {NameOf(volume.Stage),-11} {volume.ReachCount,6}");
    }

    var rate = waterfall.Pairs.Single(pair => (pair.From, pair.To) == (Stage.Lead, Stage.Mql)).Horizons.Single().Rate;
    Console.WriteLine(rate.HasRatio
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"LEAD to MQL within 30 days: {100 * rate.Ratio:F2}%, 95% interval {100 * rate.IntervalLowRatio:F2} to {100 * rate.IntervalHighRatio:F2}%, of {rate.CohortCount}")
        : $"LEAD to MQL within 30 days: no rate, {rate.NoValueReason}");
}

// As the contracts write it: CLOSED_WON.
static string NameOf(Stage stage) =>
    LedgerReflection.Descriptor.EnumTypes.Single(type => type.Name == nameof(Stage)).FindValueByNumber((int)stage)?.Name["STAGE_".Length..] ?? "an exit";

static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? "";
