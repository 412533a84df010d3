using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;
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
    public static OutboxEvent Qualified(string tenant, IReadOnlyList<Scored> qualified, int policyVersion, DateTimeOffset now) =>
        MoveEvents.Live(Ledger.Domain.Owner.Scoring, tenant, qualified.Select(each => Row(each.Of, each.Move!, each.Card.Points, policyVersion, now)), now);

    static StageChanged Row(Scorable of, StageMove move, int points, int policyVersion, DateTimeOffset now)
    {
        var row = MoveEvents.Row(of.LeadId, move.JourneyId, move.From, move.To, move.OccurTime, move.SourceSeq, Actor, move.Reason, now);
        row.PolicyVersion = PolicyNames.Of(policyVersion);
        row.Score = points;
        row.Dimensions = new Dimensions
        {
            Channel = of.Lead.Channel,
            Source = of.Lead.Source,
            Campaign = of.Lead.Campaign,
            Segment = of.Lead.Segment,
            Region = of.Lead.RegionCode,
            Product = of.Lead.Product,
            Motion = of.Journey.Motion,
        };
        return row;
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
