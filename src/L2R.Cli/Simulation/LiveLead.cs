using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Opportunity.V1;
using L2R.Type.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Simulation;

/// <summary>Plays one simulated lead through the services, call by call, as its people would make them.</summary>
/// <param name="key">Of nobody else, ever.</param>
/// <param name="onMove">Told of each stage or exit that a service has moved the lead to.</param>
sealed class LiveLead(LiveCalls calls, string key, string source, Action<Stage> onMove)
{
    static readonly Criterion Met = new() { Met = true };

    readonly IntakeService.IntakeServiceClient _intake = new(calls.Gateway.Channel);
    readonly HandoffService.HandoffServiceClient _handoff = new(calls.Gateway.Channel);
    readonly OpportunityService.OpportunityServiceClient _deals = new(calls.Gateway.Channel);

    string _lead = "";
    string _journey = "";
    string _deal = "";
    Stage? _stands;

    string HandoffName => _journey.Replace("journeys/", "handoffs/", StringComparison.Ordinal);

    static string NewId => Guid.NewGuid().ToString("D");

    /// <param name="touches">Of each journey.</param>
    /// <param name="due">When something of the simulated time happens.</param>
    public async Task PlayAsync(
        IEnumerable<SimulatedJourney> journeys, Func<SimulatedJourney, IReadOnlyList<Touch>> touches, Func<DateTimeOffset, DateTimeOffset> due)
    {
        foreach (var journey in journeys)
        {
            var steps = journey.Rows.Select(row => (row.At, Play: (Func<Task>)(() => MoveAsync(journey, row))))
                .Concat(touches(journey).Select(touch => (touch.At, Play: (Func<Task>)(() => TouchAsync("page-view", touch.Channel, touch.Campaign, touch.Cost)))));
            _stands = null;
            foreach (var (at, play) in steps.OrderBy(step => step.At)) // stable: the first row comes before the first touch
            {
                await calls.WaitUntilAsync(due(at));
                await play();
            }
        }
    }

    async Task MoveAsync(SimulatedJourney journey, SimulatedRow row)
    {
        if (_stands is null)
        {
            await StartAsync(journey);
        }
        if (_stands != row.To)
        {
            await EnterAsync(journey, row);
        }
    }

    async Task StartAsync(SimulatedJourney journey)
    {
        if (journey.Number == 1)
        {
            var request = new CreateLeadRequest
            {
                RequestId = NewId,
                Lead = new Lead
                {
                    ExternalId = key,
                    Person = new Person { Email = $"{key}@example.com" },
                    Channel = journey.Channel.Name,
                    Source = source,
                    Campaign = journey.Campaign,
                    Profile = new Profile { Segment = journey.Segment.Name },
                },
            };
            var created = (await calls.MakeAsync(options => _intake.CreateLeadAsync(request, options))).Lead;
            (_lead, _journey) = (created.Name, created.Journey);
        }
        else
        {
            // Intake hears of the recycling by an event; only then a touch opens the next journey.
            await WaitForAsync(lead => lead.State == LeadState.Nurture);
            await TouchAsync("page-view", journey.Channel.Name, journey.Campaign);
            _journey = (await WaitForAsync(lead => lead.Journey != _journey)).Journey;
        }
        Moved(Stage.Lead);
    }

    async Task<Lead> WaitForAsync(Func<Lead, bool> isSo)
    {
        while (true)
        {
            var lead = await calls.MakeAsync(options => _intake.GetLeadAsync(new GetLeadRequest { Name = _lead }, options));
            if (isSo(lead))
            {
                return lead;
            }
            await calls.PauseAsync();
        }
    }

    Task EnterAsync(SimulatedJourney journey, SimulatedRow row) => row.To switch
    {
        Stage.Mql => AfterAsync(row.To, TouchAsync("demo-request", journey.Channel.Name, journey.Campaign)),
        Stage.Sal when _stands == Stage.Lead => SendAsync(row.To, new PullLeadRequest { Lead = _lead, RequestId = NewId }, _handoff.PullLeadAsync),
        Stage.Sal => SendAsync(row.To, new AcceptHandoffRequest { Name = HandoffName, RequestId = NewId }, _handoff.AcceptHandoffAsync),
        Stage.Sql => QualifyAsync(),
        Stage.Opportunity => OpenDealAsync(journey, row),
        Stage.ClosedWon => SendAsync(row.To, new CloseOpportunityWonRequest { Name = _deal, RequestId = NewId }, _deals.CloseOpportunityWonAsync),
        Stage.ClosedLost => SendAsync(row.To, new CloseOpportunityLostRequest { Name = _deal, Reason = row.Reason, RequestId = NewId }, _deals.CloseOpportunityLostAsync),
        Stage.Rejected => SendAsync(row.To, new RejectHandoffRequest { Name = HandoffName, Reason = row.Reason, RequestId = NewId }, _handoff.RejectHandoffAsync),
        Stage.Recycled => SendAsync(row.To, new RecycleHandoffRequest { Name = HandoffName, Reason = row.Reason, RequestId = NewId }, _handoff.RecycleHandoffAsync),
        Stage.Disqualified when _stands == Stage.Lead =>
            SendAsync(row.To, new DisqualifyLeadRequest { Name = _lead, Reason = row.Reason, RequestId = NewId }, _intake.DisqualifyLeadAsync),
        Stage.Disqualified => SendAsync(row.To, new DisqualifyHandoffRequest { Name = HandoffName, Reason = row.Reason, RequestId = NewId }, _handoff.DisqualifyHandoffAsync),
        _ => throw new ArgumentOutOfRangeException(nameof(row), row.To, "is no move"),
    };

    Task QualifyAsync() => SendAsync(
        Stage.Sql,
        new QualifyHandoffRequest
        {
            Name = HandoffName,
            Qualification = new Qualification { Need = Met, Budget = Met, Authority = Met, Timeline = Met },
            RequestId = NewId,
        },
        _handoff.QualifyHandoffAsync);

    async Task OpenDealAsync(SimulatedJourney journey, SimulatedRow row)
    {
        if (_stands == Stage.Sal)
        {
            await QualifyAsync(); // history may skip it, people at work may not
        }
        var request = new CreateOpportunityRequest
        {
            Opportunity = new() { Journey = _journey, DisplayName = $"Simulated, {journey.Segment.Name}", Owner = row.Rep, Amount = row.Amount!.Value.ToMoney("EUR") },
            RequestId = NewId,
        };
        _deal = (await calls.MakeAsync(options => _deals.CreateOpportunityAsync(request, options))).Name;
        Moved(row.To);
    }

    Task<Touchpoint> TouchAsync(string kind, string channel, string campaign, decimal cost = 0)
    {
        var request = new RecordTouchpointRequest
        {
            Touchpoint = new Touchpoint
            {
                Lead = _lead,
                Kind = kind,
                Channel = channel,
                Campaign = campaign,
                Engagement = true,
                Cost = cost > 0 ? cost.ToMoney("EUR") : null,
            },
            RequestId = NewId,
        };
        return calls.MakeAsync(options => _intake.RecordTouchpointAsync(request, options));
    }

    async Task SendAsync<TRequest, TAnswer>(Stage to, TRequest request, Func<TRequest, Grpc.Core.CallOptions, Grpc.Core.AsyncUnaryCall<TAnswer>> send)
    {
        await calls.MakeAsync(options => send(request, options));
        Moved(to);
    }

    async Task AfterAsync(Stage to, Task call)
    {
        await call;
        Moved(to);
    }

    void Moved(Stage to)
    {
        _stands = to;
        onMove(to);
    }
}
