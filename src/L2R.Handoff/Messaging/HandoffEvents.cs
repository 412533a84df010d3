using Google.Protobuf.WellKnownTypes;
using L2R.Handoff.Api;
using L2R.Handoff.Domain;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;

namespace L2R.Handoff.Messaging;

/// <summary>What Handoff tells the others.</summary>
static class HandoffEvents
{
    /// <param name="journey">As it stands after the move.</param>
    public static OutboxEvent Moved(string tenant, SalesJourney journey, StageMove move, string actor, DateTimeOffset now)
    {
        var row = MoveEvents.Row(journey.LeadId, journey.JourneyId, move.From, move.To, move.OccurTime, move.SourceSeq, actor, move.Reason, now);
        row.Dimensions = new Dimensions
        {
            Channel = journey.Traits.Channel,
            Source = journey.Traits.Source,
            Campaign = journey.Traits.Campaign,
            Segment = journey.Traits.Segment,
            Region = journey.Traits.Region,
            Owner = journey.Owner?.RepId.ToString("D") ?? "",
            Team = journey.Owner?.Team ?? "",
            Product = journey.Traits.Product,
            Motion = journey.Traits.Motion,
        };
        return MoveEvents.Live(Ledger.Domain.Owner.Handoff, tenant, [row], now);
    }

    /// <param name="assignments">1 to 500, stored together.</param>
    public static OutboxEvent Assigned(string tenant, IEnumerable<Assignment> assignments, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, new HandoffsAssigned
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            Assignments = { assignments.Select(Row) },
        });
    }

    static HandoffAssigned Row(Assignment assignment)
    {
        var (journey, before, cause) = assignment;
        return new HandoffAssigned
        {
            Handoff = HandoffMapping.Name(journey.JourneyId),
            Version = journey.Version,
            Lead = HandoffMapping.LeadName(journey.LeadId),
            Journey = HandoffMapping.JourneyName(journey.JourneyId),
            Owner = HandoffMapping.RepName(journey.Owner),
            PreviousOwner = HandoffMapping.RepName(before),
            Team = journey.Owner?.Team ?? "",
            Cause = cause,
        };
    }
}

/// <param name="Journey">As it is after the assignment.</param>
/// <param name="Before">Who had it; null when nobody.</param>
sealed record Assignment(SalesJourney Journey, Assignee? Before, AssignmentCause Cause);
