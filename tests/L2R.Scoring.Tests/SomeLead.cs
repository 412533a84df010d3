using Google.Protobuf.WellKnownTypes;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;

namespace L2R.Scoring.Tests;

/// <summary>A lead with one journey, as the other services tell of it.</summary>
sealed record SomeLead(string Tenant)
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public Guid Id { get; init; } = Guid.NewGuid();
    public Guid JourneyId { get; init; } = Guid.NewGuid();
    public string Name => $"leads/{Id:D}";
    public string Journey => $"journeys/{JourneyId:D}";
    public string Score => $"scores/{JourneyId:D}";

    /// <summary>15 points under the default policy.</summary>
    public static Profile Enterprise => new() { Segment = "enterprise", RegionCode = "NL", Product = "loans" };

    public OutboxEvent Changed(long version = 1, Profile? profile = null)
    {
        var eventId = Guid.NewGuid();
        return OutboxEvent.Live(eventId, Tenant, new LeadsChanged
        {
            EventId = eventId.ToString(),
            EventTime = Noon.ToTimestamp(),
            Tenant = Tenant,
            Changes =
            {
                new LeadChanged
                {
                    Lead = Name,
                    Version = version,
                    Channel = "web-form",
                    Source = "newsletter",
                    Campaign = "spring",
                    Profile = profile ?? Enterprise,
                },
            },
        });
    }

    public OutboxEvent Touched(string kind, bool engagement = true, bool withJourney = true)
    {
        var eventId = Guid.NewGuid();
        return OutboxEvent.Live(eventId, Tenant, new TouchpointRecorded
        {
            EventId = eventId.ToString(),
            EventTime = Noon.ToTimestamp(),
            Tenant = Tenant,
            Journey = withJourney ? Journey : "",
            Touchpoint = new Touchpoint
            {
                Name = $"touchpoints/{Guid.NewGuid():D}",
                Lead = Name,
                Kind = kind,
                OccurTime = Noon.ToTimestamp(),
                Channel = "web",
                Engagement = engagement,
            },
        });
    }

    public OutboxEvent Opened(DateTimeOffset? occurTime = null) => Moved(Stage.Lead, sourceSeq: 1, occurTime);

    public OutboxEvent Moved(Stage to, long sourceSeq, DateTimeOffset? occurTime = null)
    {
        var eventId = Guid.NewGuid();
        return OutboxEvent.Live(eventId, Tenant, new StagesChanged
        {
            EventId = eventId.ToString(),
            EventTime = Noon.ToTimestamp(),
            Tenant = Tenant,
            Changes =
            {
                new StageChanged
                {
                    TransitionId = Guid.NewGuid().ToString(),
                    Lead = Name,
                    Journey = Journey,
                    To = to,
                    OccurTime = (occurTime ?? Noon).ToTimestamp(),
                    SourceSeq = sourceSeq,
                    Origin = Origin.Live,
                    Dimensions = new Dimensions { Motion = "new" },
                },
            },
        });
    }
}
