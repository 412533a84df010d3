using L2R.Cli.Stack;
using L2R.Intake.V1;
using L2R.Metrics.V1;
using Grpc.Core;

namespace L2R.Cli.Bench;

/// <summary>Sends leads as a web form would, each a new person.</summary>
sealed class LeadClient(Gateway door, CancellationToken cancellationToken)
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly IntakeService.IntakeServiceClient _intake = new(door.Channel);
    readonly MetricsService.MetricsServiceClient _metrics = new(door.Channel);
    readonly CallOptions _options = door.Options(cancellationToken: cancellationToken);

    /// <returns>The name of the journey that it opened.</returns>
    public async Task<string> CreateAsync()
    {
        var id = Guid.NewGuid();
        var answer = await _intake.CreateLeadAsync(
            new CreateLeadRequest
            {
                RequestId = id.ToString("D"),
                Lead = new Lead
                {
                    ExternalId = $"bench-{id:N}",
                    Person = new Person { Email = $"{id:N}@example.com", GivenName = "Ada", FamilyName = "Lovelace", Phone = "+31 20 555 0100", Company = "Analytical Engines" },
                    Channel = "web-form",
                    Source = "https://example.com/pricing",
                    Campaign = "spring",
                    Profile = new Profile { Segment = "mid-market", RegionCode = "NL", Industry = "banking", EmployeeCount = 120, JobLevel = "manager", Product = "loans" },
                },
            },
            _options);
        return answer.Disposition == CreateLeadResponse.Types.Disposition.Created
            ? answer.Lead.Journey
            : throw new CommandFailedException($"A new lead was answered as {answer.Disposition}.");
    }

    /// <summary>Asks for the journey until the ledger shows it.</summary>
    public async Task WaitUntilVisibleAsync(string journey, TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await _metrics.GetJourneyAsync(new GetJourneyRequest { Name = journey }, _options);
                return;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound && clock.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }
}
