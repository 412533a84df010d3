using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain.Statistics;

namespace L2R.Metrics.Api;

/// <summary>Curves, to the wire.</summary>
static class CurveMapping
{
    const double Significant = 0.05;

    public static V1.ConversionCurves ToProto(CurveAnswer answer, CurveQuery query, long journeyCount) => new()
    {
        AsOf = query.Scope.AsOf.ToTimestamp(),
        KnownAt = query.Scope.KnownAt.ToTimestamp(),
        From = query.Pair.From.ToProto(),
        To = query.Pair.To.ToProto(),
        Curves = { answer.Curves.Select(curve => ToProto(curve, query)) },
        Comparison = answer.Comparison is { } test ? ToProto(test, [.. answer.Curves.Select(curve => curve.Value ?? "unknown")]) : null,
        JourneyCount = journeyCount,
    };

    static V1.ConversionCurve ToProto(ConversionCurve curve, CurveQuery query)
    {
        var proto = new V1.ConversionCurve
        {
            Dimension = query.GroupBy is { } dimension ? WaterfallMapping.ToProto(dimension, curve.Value) : null,
            CohortCount = curve.Quantiles.N,
            StartedAboveCount = curve.StartedAbove,
            ConvertedCount = curve.Converted,
            OpenCount = curve.Open,
            Steps =
            {
                curve.Steps.Select(step => new V1.ConversionStep
                {
                    Point = WaterfallMapping.ToProto(step.Point),
                    MatureCount = step.Mature,
                    Dashed = step.IsDashed,
                }),
            },
            Median = curve.Quantiles.Median?.ToDuration(),
            Followed = curve.Quantiles.Followed?.ToDuration(),
            MedianByFollowed = curve.Quantiles.MedianByFollowed?.ToDuration(),
        };
        if (curve.Quantiles.Incidence is { } incidence)
        {
            proto.FollowedRatio = incidence;
        }
        return proto;
    }

    static V1.CurveComparison ToProto(GrayTest test, string[] names)
    {
        var proto = new V1.CurveComparison { Significant = test.PValue < Significant, Sentence = Sentence(test, names) };
        if (test is { Statistic: { } statistic, PValue: { } p })
        {
            (proto.ChiSquared, proto.PValue) = (statistic, p);
        }
        return proto;
    }

    static string Sentence(GrayTest test, string[] names)
    {
        if (test.PValue is not { } p)
        {
            return $"Not enough data to compare {names[0]} and {names[1]}.";
        }
        var value = p < 0.001 ? "under 0.001" : p.ToString("0.000", CultureInfo.InvariantCulture);
        var (more, less) = test.Score > 0 ? (names[0], names[1]) : (names[1], names[0]);
        return p < Significant
            ? $"{more} converts better than {less}, beyond what chance explains (Gray's test, p {value})."
            : $"{names[0]} and {names[1]} do not differ beyond what chance explains (Gray's test, p {value}).";
    }
}
