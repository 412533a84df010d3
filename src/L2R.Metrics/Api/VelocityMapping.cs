using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Api;

/// <summary>From velocity, age and dwell to the wire.</summary>
static class VelocityMapping
{
    public static V1.VelocityReport ToProto(VelocityAnswer answer, VelocityQuery query, long journeyCount) => new()
    {
        AsOf = query.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Scope.KnownAt.ToTimestamp(),
        JourneyCount = journeyCount,
        From = query.Pair.From.ToProto(),
        To = query.Pair.To.ToProto(),
        CohortVelocity = WaterfallMapping.ToProto(answer.Cohort),
        ThroughputVelocity = WaterfallMapping.ToProto(answer.Throughput),
        CurveQuantiles = ToProto(answer.Curve),
        Ages = { answer.Ages.Select(ToProto) },
        Dwells = { answer.Dwells.Select(ToProto) },
    };

    static V1.CurveQuantiles ToProto(CurveQuantiles curve)
    {
        var proto = new V1.CurveQuantiles
        {
            CohortCount = curve.N,
            Median = curve.Median?.ToDuration(),
            FollowedTime = curve.Followed?.ToDuration(),
            FollowedMedian = curve.MedianByFollowed?.ToDuration(),
        };
        if (curve.Incidence is { } incidence)
        {
            proto.FollowedRatio = incidence;
        }
        return proto;
    }

    static V1.StageAge ToProto(StageAge age) => new()
    {
        Stage = age.Stage.ToProto(),
        OpenCount = age.Open,
        P50 = age.P50?.ToDuration(),
        P90 = age.P90?.ToDuration(),
        Oldest =
        {
            age.Oldest.Select(journey => new V1.OpenJourney
            {
                Lead = $"leads/{journey.LeadId:D}",
                Journey = $"journeys/{journey.JourneyId:D}",
                EnterTime = journey.EnteredAt.ToTimestamp(),
                Age = journey.Age.ToDuration(),
            }),
        },
    };

    static V1.StageDwell ToProto(StageDwell dwell) => new()
    {
        Stage = dwell.Stage.ToProto(),
        Latest = ToProto(dwell.Latest),
        Cumulative = ToProto(dwell.Cumulative),
        OpenCount = dwell.Open,
        InferredCount = dwell.Inferred,
    };

    public static V1.Spread ToProto(Spread spread) => new()
    {
        JourneyCount = spread.N,
        Mean = spread.Mean?.ToDuration(),
        Median = spread.Median?.ToDuration(),
        P75 = spread.P75?.ToDuration(),
        P90 = spread.P90?.ToDuration(),
    };
}
