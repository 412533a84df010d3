using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Messaging;

namespace L2R.Metrics.Api;

/// <summary>From the ledger's rows to the journey on the wire.</summary>
static class JourneyMapping
{
    /// <param name="journeyId">One that a merge made part of another is told as that one.</param>
    /// <param name="lead">The journey's lead.</param>
    /// <param name="leadRows">Every row of it, and of those that are merged into it.</param>
    public static V1.Journey ToProto(Guid journeyId, Guid lead, IReadOnlyList<Transition> leadRows, DateTimeOffset asOf, DateTimeOffset knownAt)
    {
        var facts = Fold.Lead(leadRows, asOf, knownAt, survivor: lead)
            .FirstOrDefault(journey => journey.JourneyId == journeyId || journey.Parts.Contains(journeyId));
        IReadOnlyList<Guid> parts = facts is { Parts: { Count: > 0 } several } ? several : [journeyId];
        var rows = new RowListing(asOf, knownAt, From: null, To: null, WithSuperseded: true).Of(leadRows)
            .Where(row => parts.Contains(row.Row.JourneyId)).OrderBy(row => row.Row, Transition.Order);
        return new V1.Journey
        {
            Name = $"journeys/{facts?.JourneyId ?? journeyId:D}",
            Lead = $"leads/{lead:D}",
            Number = facts?.Number ?? 0,
            Stands = (facts?.Stands).ToProto(),
            StartedAt = (facts?.StartedAt).ToProto(),
            Reaches =
            {
                from stage in Stages.Waterfall
                let reached = facts?.Reach(stage)
                where reached is not null
                select new V1.Reach { Stage = stage.ToProto(), ReachTime = reached.Value.At.ToTimestamp(), Inferred = facts!.IsInferred(stage) },
            },
            Rows = { rows.Select(ToProto) },
            AsOf = asOf.ToTimestamp(),
            KnownAt = knownAt.ToTimestamp(),
        };
    }

    public static V1.JourneyRow ToProto(ListedRow row) => new()
    {
        Change = TransitionMapping.ToProto(row.Row),
        RecordTime = row.Row.RecordedAt.ToTimestamp(),
        InForce = row.InForce,
    };
}
