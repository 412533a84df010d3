using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;
using L2R.Type.V1;

namespace L2R.Metrics.Api;

/// <summary>From the domain's answer to the wire.</summary>
static class WaterfallMapping
{
    public static V1.Waterfall ToProto(WaterfallAnswer answer, WaterfallQuery query, ReportingSettings settings, JourneyColumns journeys) => new()
    {
        AsOf = answer.AsOf.ToTimestamp(),
        KnownAt = answer.KnownAt.ToTimestamp(),
        TimeZone = settings.TimeZone,
        JourneyCount = journeys.CountAt(query.AsOf),
        OutOfScopeCount = journeys.OutOfScopeAt(query.AsOf),
        Groups = { answer.Groups.Select(group => ToProto(group, query)) },
    };

    static V1.WaterfallGroup ToProto(WaterfallGroup group, WaterfallQuery query) => new()
    {
        Period = ToProto(group.Key.Period),
        Dimensions = { query.GroupBy.Zip([group.Key.First, group.Key.Second], ToProto) },
        Volumes = { group.Volumes.Select(ToProto) },
        Pairs = { group.Pairs.Select(ToProto) },
        WonAmounts = { group.Won.Select(won => won.Value.ToMoney(won.Key)) },
        Quality = ToProto(group.Quality),
    };

    public static V1.Quality ToProto(Quality quality) => new()
    {
        InferredCount = quality.Inferred,
        UnknownCount = quality.Unknown,
        LateCount = quality.Late,
        OutOfOrderCount = quality.OutOfOrder,
        WithoutAmountCount = quality.WithoutAmount,
        MismatchedCount = quality.Mismatched,
    };

    /// <summary>What the other one wrote.</summary>
    public static Quality ToDomain(V1.Quality quality) => new(
        quality.InferredCount, quality.UnknownCount, quality.LateCount, quality.OutOfOrderCount, quality.WithoutAmountCount, quality.MismatchedCount);

    public static V1.Period? ToProto(Period? period) => period is null
        ? null
        : new V1.Period { Name = period.Name, StartTime = period.From.ToTimestamp(), EndTime = period.To.ToTimestamp() };

    public static V1.DimensionValue ToProto(Dimension dimension, string? value) =>
        new() { Dimension = dimension.Name, Value = value ?? "", Unknown = value is null };

    static V1.StageVolume ToProto(Volume volume) => new()
    {
        Stage = volume.Stage.ToProto(),
        ReachCount = volume.Reach,
        InferredCount = volume.Inferred,
        EntryCount = volume.Entries,
        DepartureCount = volume.Departures,
        StockStartCount = volume.StockAtStart,
        StockEndCount = volume.StockAtEnd,
    };

    static V1.PairFigures ToProto(PairFigures figures)
    {
        var proto = new V1.PairFigures
        {
            From = figures.Pair.From.ToProto(),
            To = figures.Pair.To.ToProto(),
            CohortCount = figures.Cohort,
            StartedAboveCount = figures.StartedAbove,
            ToDate = ToProto(figures.ToDate),
            OpenCount = figures.Open,
            Horizons = { figures.Horizons.Select(ToProto) },
            Curve = { figures.Curve.Select(ToProto) },
            CohortVelocity = ToProto(figures.CohortVelocity),
            ThroughputVelocity = ToProto(figures.ThroughputVelocity),
        };
        if (figures.FlowRatio is { } ratio)
        {
            proto.FlowRatio = ratio;
        }
        return proto;
    }

    public static V1.Rate ToProto(Rate rate)
    {
        var proto = new V1.Rate { ConvertedCount = rate.Converted, CohortCount = rate.N, NoValueReason = rate.Missing ?? "" };
        if (rate is { Value: { } value, Interval: { } interval })
        {
            (proto.Ratio, proto.IntervalLowRatio, proto.IntervalHighRatio) = (value, interval.Low, interval.High);
        }
        return proto;
    }

    static V1.HorizonConversion ToProto(HorizonFigures horizon) => new()
    {
        Horizon = horizon.Horizon.ToDuration(),
        Rate = ToProto(horizon.Rate),
        ImmatureCount = horizon.Immature,
    };

    public static V1.CurvePoint ToProto(CurvePoint point)
    {
        var proto = new V1.CurvePoint { Time = point.Time.ToDuration(), AtRiskCount = point.AtRisk };
        if (point.Value is { } value)
        {
            proto.Ratio = value;
        }
        if (point.Interval is { } interval)
        {
            (proto.IntervalLowRatio, proto.IntervalHighRatio) = (interval.Low, interval.High);
        }
        return proto;
    }

    public static V1.Velocity ToProto(Velocity velocity) => new()
    {
        JourneyCount = velocity.N,
        Mean = velocity.Mean?.ToDuration(),
        Median = velocity.Median?.ToDuration(),
        P75 = velocity.P75?.ToDuration(),
        P90 = velocity.P90?.ToDuration(),
        OutOfOrderCount = velocity.OutOfOrder,
    };
}
