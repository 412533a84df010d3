using Google.Protobuf.WellKnownTypes;
using L2R.Intake.Api;
using L2R.Intake.Domain;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;

namespace L2R.Intake.Messaging;

/// <summary>What Intake tells the others.</summary>
static class IntakeEvents
{
    /// <param name="leads">1 to 500, stored together.</param>
    public static OutboxEvent Changed(string tenant, IReadOnlyList<Domain.Lead> leads)
    {
        var now = leads[0].UpdateTime;
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, new LeadsChanged
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            Changes =
            {
                leads.Select(lead => new LeadChanged
                {
                    Lead = LeadMapping.Name(lead.Id),
                    Version = lead.Version,
                    Channel = lead.Details.Channel,
                    Source = lead.Details.Source,
                    Campaign = lead.Details.Campaign,
                    Profile = LeadMapping.ToProto(lead.Details.Profile),
                }),
            },
        });
    }

    /// <param name="moves">1 to 500, stored together.</param>
    public static OutboxEvent Moved(string tenant, IReadOnlyList<LeadMove> moves, DateTimeOffset now) =>
        MoveEvents.Live(tenant, moves.Select(move => Row(move, now)), now);

    static StageChanged Row(LeadMove moved, DateTimeOffset now)
    {
        var (lead, move, actor) = moved;
        var row = MoveEvents.Row(lead.Id, move.JourneyId, move.From, move.To, move.OccurTime, move.SourceSeq, actor, move.Reason, now);
        row.Dimensions = new Dimensions
        {
            Channel = lead.Details.Channel,
            Source = lead.Details.Source,
            Campaign = lead.Details.Campaign,
            Segment = lead.Details.Profile.Segment,
            Region = lead.Details.Profile.RegionCode,
            Product = lead.Details.Profile.Product,
            Motion = move.Motion,
        };
        return row;
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

/// <param name="Lead">As it is after the move.</param>
/// <param name="Actor">Who moved it, as the ledger names them.</param>
sealed record LeadMove(Domain.Lead Lead, StageMove Move, string Actor);
