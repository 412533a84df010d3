using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Scoring.Api;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.Scoring.V1;

namespace L2R.Scoring.Messaging;

/// <summary>What Scoring tells the others.</summary>
static class ScoringEvents
{
    const string Actor = "service:scoring";

    /// <param name="qualified">1 to 500 journeys that became an MQL, each with its move.</param>
    public static OutboxEvent Qualified(string tenant, IReadOnlyList<Scored> qualified, int policyVersion, DateTimeOffset now)
    {
        var eventId = Guid.CreateVersion7(now);
        return OutboxEvent.Live(eventId, tenant, new StagesChanged
        {
            EventId = eventId.ToString("D"),
            EventTime = now.ToTimestamp(),
            Tenant = tenant,
            Changes = { qualified.Select(each => ToProto(each.Of, each.Move!, each.Card.Points, policyVersion, now)) },
        });
    }

    static StageChanged ToProto(Scorable of, StageMove move, int points, int policyVersion, DateTimeOffset now) => new()
    {
        TransitionId = Guid.CreateVersion7(now).ToString("D"),
        Lead = ScoreMapping.LeadName(of.LeadId),
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
            Channel = of.Lead.Channel,
            Source = of.Lead.Source,
            Campaign = of.Lead.Campaign,
            Segment = of.Lead.Segment,
            Region = of.Lead.RegionCode,
            Product = of.Lead.Product,
            Motion = of.Journey.Motion,
        },
    };

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
