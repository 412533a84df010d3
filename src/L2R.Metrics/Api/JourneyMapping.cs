using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Messaging;

namespace L2R.Metrics.Api;

/// <summary>From the ledger's rows to the journey on the wire.</summary>
static class JourneyMapping
{
    /// <param name="lead">Every row of the journey's lead.</param>
    public static V1.Journey ToProto(Guid journeyId, IReadOnlyList<Transition> lead, DateTimeOffset asOf, DateTimeOffset knownAt)
    {
        var facts = Fold.Lead(lead, asOf, knownAt).FirstOrDefault(journey => journey.JourneyId == journeyId);
        var rows = new RowListing(asOf, knownAt, From: null, To: null, WithSuperseded: true).Of(lead).Where(row => row.Row.JourneyId == journeyId);
        return new V1.Journey
        {
            Name = $"journeys/{journeyId:D}",
            Lead = $"leads/{lead[0].LeadId:D}",
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
