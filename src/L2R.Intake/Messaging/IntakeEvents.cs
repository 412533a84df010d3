using Google.Protobuf.WellKnownTypes;
using L2R.Intake.Api;
using L2R.Intake.Domain;
using L2R.Intake.V1;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;

namespace L2R.Intake.Messaging;

/// <summary>What Intake tells the others.</summary>
static class IntakeEvents
{
    public static OutboxEvent Changed(string tenant, Domain.Lead lead)
    {
        var eventId = Guid.CreateVersion7(lead.UpdateTime);
        return OutboxEvent.Live(eventId, tenant, new LeadChanged
        {
            EventId = eventId.ToString("D"),
            EventTime = lead.UpdateTime.ToTimestamp(),
            Tenant = tenant,
            Lead = LeadMapping.Name(lead.Id),
            Version = lead.Version,
            Channel = lead.Details.Channel,
            Source = lead.Details.Source,
            Campaign = lead.Details.Campaign,
            Profile = LeadMapping.ToProto(lead.Details.Profile),
        });
    }

    public static OutboxEvent Moved(string tenant, Domain.Lead lead, StageMove move, string actor, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, new StagesChanged
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            Changes =
            {
                new StageChanged
                {
                    TransitionId = Guid.CreateVersion7(now).ToString("D"),
                    Lead = LeadMapping.Name(lead.Id),
                    Journey = LeadMapping.JourneyName(move.JourneyId),
                    From = move.From.ToProto(),
                    To = move.To.ToProto(),
                    OccurTime = move.OccurTime.ToTimestamp(),
                    SourceSeq = move.SourceSeq,
                    Origin = Origin.Live,
                    Actor = actor,
                    Reason = move.Reason,
                    Dimensions = new Dimensions
                    {
                        Channel = lead.Details.Channel,
                        Source = lead.Details.Source,
                        Campaign = lead.Details.Campaign,
                        Segment = lead.Details.Profile.Segment,
                        Region = lead.Details.Profile.RegionCode,
                        Product = lead.Details.Profile.Product,
                        Motion = "new",
                    },
                },
            },
        });
    }

    public static OutboxEvent Touched(string tenant, Domain.Touchpoint touchpoint, Guid? journeyId, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, new TouchpointRecorded
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            Touchpoint = LeadMapping.ToProto(touchpoint),
            Journey = journeyId is { } journey ? LeadMapping.JourneyName(journey) : "",
        });
    }
}
