using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Scoring.Api;
using L2R.Scoring.Domain;
using L2R.Scoring.V1;

namespace L2R.Scoring.Messaging;

/// <summary>What Scoring tells the others.</summary>
static class ScoringEvents
{
    const string Actor = "service:scoring";

    public static OutboxEvent Qualified(
        string tenant, Guid leadId, LeadAttributes lead, Journey journey, StageMove move, int points, int policyVersion, DateTimeOffset now)
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
                    Lead = ScoreMapping.LeadName(leadId),
                    Journey = ScoreMapping.JourneyName(move.JourneyId),
                    From = move.From.ToProto(),
                    To = move.To.ToProto(),
                    OccurTime = move.OccurTime.ToTimestamp(),
                    SourceSeq = move.SourceSeq,
                    Origin = Origin.Live,
                    Actor = Actor,
                    Reason = move.Reason,
                    PolicyVersion = PolicyNames.Of(policyVersion),
                    Score = points,
                    Dimensions = new Dimensions
                    {
                        Channel = lead.Channel,
                        Source = lead.Source,
                        Campaign = lead.Campaign,
                        Segment = lead.Segment,
                        Region = lead.RegionCode,
                        Product = lead.Product,
                        Motion = journey.Motion,
                    },
                },
            },
        });
    }

    public static OutboxEvent Activated(string tenant, Domain.ScoringPolicy policy, Domain.ScoringPolicy replaced, string actor, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, new ScoringPolicyActivated
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            ScoringPolicy = PolicyNames.Of(policy.Version),
            Replaced = PolicyNames.Of(replaced.Version),
            DisplayName = policy.Header.DisplayName,
            Owner = policy.Header.Owner,
            Reason = policy.Header.Reason,
            Actor = actor,
        });
    }
}
