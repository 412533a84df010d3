using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using Measure = L2R.Metrics.Domain.Measure;
using Period = L2R.Metrics.Domain.Period;

namespace L2R.Metrics.Api;

/// <summary>Between the figures of reviews and the wire, which is also how they are kept.</summary>
static class ReadingMapping
{
    public static TriggerMeasure ToProto(Measure measure) => measure switch
    {
        Measure.Volume => TriggerMeasure.Volume,
        Measure.Conversion => TriggerMeasure.Conversion,
        _ => TriggerMeasure.Velocity,
    };

    public static Duration? Horizon(Measure measure) => measure is Measure.Volume ? null : measure.Maturity.ToDuration();

    public static Measure ToMeasure(TriggerMeasure measure, TimeSpan horizon) => measure switch
    {
        TriggerMeasure.Conversion => new Measure.Conversion(horizon),
        TriggerMeasure.Velocity => new Measure.Velocity(horizon),
        _ => new Measure.Volume(),
    };

    public static MetricReading ToProto(Reading reading)
    {
        var proto = new MetricReading
        {
            From = reading.Pair.From.ToProto(),
            To = reading.Pair.To.ToProto(),
            Segment = TargetMapping.ToProto(reading.Segment),
            Measure = ToProto(reading.Measure),
            Horizon = Horizon(reading.Measure),
            Period = new V1.Period { Name = reading.Period.Name, StartTime = reading.Period.From.ToTimestamp(), EndTime = reading.Period.To.ToTimestamp() },
            JourneyCount = reading.N,
            OutOfScopeCount = reading.OutOfScope,
            AsOf = reading.AsOf.ToTimestamp(),
            KnownAt = reading.KnownAt.ToTimestamp(),
            Quality = reading.Quality is { } quality ? WaterfallMapping.ToProto(quality) : null,
        };
        if (reading.Value is { } value)
        {
            proto.Value = value;
        }
        if (reading.Interval is { } interval)
        {
            (proto.IntervalLow, proto.IntervalHigh) = (interval.Low, interval.High);
        }
        return proto;
    }

    /// <summary>What <see cref="ToProto(Reading)"/> wrote.</summary>
    public static Reading ToReading(MetricReading proto) => new(
        new Pair(proto.From.ToDomain()!.Value, proto.To.ToDomain()!.Value),
        proto.Segment is { } segment ? new Domain.Segment(segment.Dimension, segment.Value) : null,
        ToMeasure(proto.Measure, proto.Horizon?.ToTimeSpan() ?? default),
        new Period(proto.Period.Name, proto.Period.StartTime.ToDateTimeOffset(), proto.Period.EndTime.ToDateTimeOffset()),
        proto.JourneyCount,
        proto.HasValue ? proto.Value : null,
        proto.HasIntervalLow ? new Interval(proto.IntervalLow, proto.IntervalHigh) : null,
        proto.AsOf.ToDateTimeOffset(),
        proto.KnownAt.ToDateTimeOffset(),
        proto.OutOfScopeCount,
        proto.Quality is { } quality ? WaterfallMapping.ToDomain(quality) : null);
}
