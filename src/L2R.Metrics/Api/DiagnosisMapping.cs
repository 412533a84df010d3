using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Type.V1;
using Gap = L2R.Metrics.Domain.Diagnosis.Gap;
using Lever = L2R.Metrics.Domain.Diagnosis.Lever;
using PairDiagnosis = L2R.Metrics.Domain.Diagnosis.PairDiagnosis;
using SegmentDiagnosis = L2R.Metrics.Domain.Diagnosis.SegmentDiagnosis;
using TargetStanding = L2R.Metrics.Domain.Diagnosis.TargetStanding;
using VelocityGap = L2R.Metrics.Domain.Diagnosis.VelocityGap;
using VolumeGap = L2R.Metrics.Domain.Diagnosis.VolumeGap;

namespace L2R.Metrics.Api;

/// <summary>From a diagnosis to the wire.</summary>
static class DiagnosisMapping
{
    public static V1.Diagnosis ToProto(DiagnosisAnswer answer, DiagnosisQuery query)
    {
        var (words, currency) = (new DiagnosisWords(answer, query), query.Ways.Currency);
        return new()
        {
            AsOf = query.Ways.Scope.AsOf.ToTimestamp(),
            KnownAt = query.Ways.Scope.KnownAt.ToTimestamp(),
            Horizon = query.Ways.Horizon.ToDuration(),
            Dimension = query.Ways.Dimension.Name,
            JourneyCount = answer.Revenue.Journeys,
            ImmatureCount = answer.Revenue.Immature,
            ExpectedAmount = answer.Revenue.Won.ToMoney(currency),
            WithoutAmountCount = answer.Revenue.WithoutAmount,
            LeftOutAmounts = { answer.Revenue.LeftOut.Select(amount => amount.Value.ToMoney(amount.Key)) },
            StartedWonCount = answer.Revenue.StartedWon,
            Pairs = { answer.Pairs.Select(pair => ToProto(pair, words, currency)) },
            Segments = { answer.Segments.Select(segment => ToProto(segment, query, words)) },
            TestedCount = answer.Tested,
            UntestedCount = answer.Untested,
            Levers = { answer.Levers.Select(lever => ToProto(lever, currency)) },
            AllTogetherAmount = answer.AllTogether.ToMoney(currency),
            Summary = words.Summary(),
            Targets = { answer.Targets.Select(target => ToProto(target, words, currency)) },
        };
    }

    static V1.TargetStanding ToProto(TargetStanding standing, DiagnosisWords words, string currency) => new()
    {
        Target = TargetMapping.Name(standing.Target.Id),
        From = standing.Target.Details.Pair.From.ToProto(),
        To = standing.Target.Details.Pair.To.ToProto(),
        Segment = TargetMapping.ToProto(standing.Target.Details.Segment),
        Conversion = standing.Conversion is { } gap ? ToProto(gap) : null,
        Velocity = standing.Velocity is { } velocity ? ToProto(velocity, currency) : null,
        Volume = standing.Volume is { } volume ? ToProto(volume) : null,
        NotUsedReason = standing.NotUsed ?? "",
        Sentence = words.Of(standing),
    };

    static V1.VolumeGap ToProto(VolumeGap volume) => new()
    {
        Period = WaterfallMapping.ToProto(volume.Period),
        ReachCount = volume.Count,
        AimCount = volume.Aim,
        IntervalLow = volume.Interval.Low,
        IntervalHigh = volume.Interval.High,
        Finding = (V1.Finding)((int)volume.Finding + 1),
    };

    static V1.PairDiagnosis ToProto(PairDiagnosis pair, DiagnosisWords words, string currency) => new()
    {
        From = pair.Pair.From.ToProto(),
        To = pair.Pair.To.ToProto(),
        Chain = WaterfallMapping.ToProto(pair.Chain),
        Gap = ToProto(pair.Gap),
        LikelyCauses = { DiagnosisWords.Causes(pair.Pair) },
        NoLeverReason = pair.NoLever ?? "",
        Velocity = pair.Velocity is { } velocity ? ToProto(velocity, currency) : null,
        Sentence = words.Of(pair),
    };

    static V1.SegmentDiagnosis ToProto(SegmentDiagnosis segment, DiagnosisQuery query, DiagnosisWords words) => new()
    {
        From = segment.Pair.From.ToProto(),
        To = segment.Pair.To.ToProto(),
        Segment = WaterfallMapping.ToProto(query.Ways.Dimension, segment.Value),
        Chain = WaterfallMapping.ToProto(segment.Chain),
        Gap = ToProto(segment.Gap),
        ImpactAmount = segment.Impact is { } impact ? impact.ToMoney(query.Ways.Currency) : null,
        Sentence = words.Of(segment),
    };

    static V1.Gap ToProto(Gap gap)
    {
        var proto = new V1.Gap
        {
            Yardstick = (V1.Yardstick)(int)gap.Yardstick,
            Target = gap.Target is { } target ? TargetMapping.Name(target.Id) : "",
            Horizon = (gap.Target?.Details.Goal as Domain.Goal.Conversion)?.Horizon.ToDuration(),
            Actual = WaterfallMapping.ToProto(gap.Actual),
            Finding = (V1.Finding)((int)gap.Finding + 1),
        };
        if (gap.Aim is { } aim)
        {
            proto.AimRatio = aim;
        }
        if (gap is { Value: { } value, Actual.Interval: { } interval })
        {
            (proto.GapRatio, proto.GapLowRatio, proto.GapHighRatio) = (value, interval.Low - gap.Aim!.Value, interval.High - gap.Aim.Value);
        }
        if (gap.PValue is { } p)
        {
            proto.PValue = p;
        }
        return proto;
    }

    static V1.Lever ToProto(Lever lever, string currency) => new()
    {
        From = lever.Pair.From.ToProto(),
        To = lever.Pair.To.ToProto(),
        AloneAmount = lever.Alone.ToMoney(currency),
        HalfAmount = (lever.Alone / 2).ToMoney(currency),
        StandardErrorAmount = lever.StandardError is { } error ? ((decimal)error).ToMoney(currency) : null,
        CautiousAmount = lever.AtLeast is { } least ? least.ToMoney(currency) : null,
        TogetherAmount = lever.Together.ToMoney(currency),
    };

    static V1.VelocityGap ToProto(VelocityGap velocity, string currency) => new()
    {
        Target = TargetMapping.Name(velocity.Target.Id),
        Aim = velocity.Aim.Median.ToDuration(),
        Horizon = velocity.Aim.Horizon.ToDuration(),
        JourneyCount = velocity.N,
        Median = velocity.Median?.ToDuration(),
        Excess = velocity.Excess?.ToDuration(),
        DayAmount = velocity.ADay is { } day ? day.ToMoney(currency) : null,
        PulledForwardAmount = velocity.PulledForward is { } amount ? amount.ToMoney(currency) : null,
    };
}
