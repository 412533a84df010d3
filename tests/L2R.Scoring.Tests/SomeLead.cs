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

    /// <summary>Intake tells of a change that moved nothing.</summary>
    public OutboxEvent Changed(long version = 2, Profile? profile = null) => Changed(version, profile, move: null);

    /// <summary>Intake tells of the new lead, and so of its first journey.</summary>
    public OutboxEvent Opened(DateTimeOffset? occurTime = null) => MovedByIntake(Stage.Lead, sourceSeq: 1, version: 1, occurTime);

    /// <summary>Intake tells of a move of its own.</summary>
    public OutboxEvent MovedByIntake(Stage to, long sourceSeq, long version, DateTimeOffset? occurTime = null) => Changed(version, profile: null, new LeadMove
    {
        Journey = Journey,
        To = to,
        OccurTime = (occurTime ?? Noon).ToTimestamp(),
        SourceSeq = sourceSeq,
        Motion = "new",
    });

    OutboxEvent Changed(long version, Profile? profile, LeadMove? move)
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
                    Move = move,
                },
            },
        }, version == 1 ? "created" : "updated");
    }

    public OutboxEvent Touched(string kind, bool engagement = true, bool withJourney = true)
    {
        var eventId = Guid.NewGuid();
        return OutboxEvent.Live(eventId, Tenant, new TouchpointsRecorded
        {
            EventId = eventId.ToString(),
            EventTime = Noon.ToTimestamp(),
            Tenant = Tenant,
            Touchpoints =
            {
                new TouchpointRecorded
                {
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
                },
            },
        }, engagement ? "engagement" : "outreach");
    }

    /// <summary>A service after Scoring tells of a move.</summary>
    public OutboxEvent Moved(Stage to, long sourceSeq, string by = "handoff")
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
                    OccurTime = Noon.ToTimestamp(),
                    SourceSeq = sourceSeq,
                    Origin = Origin.Live,
                    Dimensions = new Dimensions { Motion = "new" },
                },
            },
        }, by);
    }
}
