using L2R.Metrics.Domain.Statistics;

namespace L2R.Metrics.Domain;

/// <summary>Measures one pair in one period, from the facts of one journey after the other.</summary>
/// <remarks>The period must be mature at as_of: whoever began in it has been followed for the measure's horizon.</remarks>
/// <param name="segment">Null: all journeys.</param>
/// <param name="custom">The tenant's own dimensions.</param>
public sealed class MeasureTally(Pair pair, Segment? segment, Measure measure, Period period, CustomDimensions custom)
{
    readonly Dimension? _dimension = segment is null ? null : custom.Of(segment.Dimension);
    readonly List<long> _durations = [];
    long _count;
    long _converted;

    /// <summary>Counts a journey.</summary>
    public void Add(JourneyFacts journey)
    {
        var by = measure is Measure.Volume ? pair.To : pair.From;
        if (journey.Reach(by) is not { } reached || reached.At < period.From || reached.At >= period.To
            || (_dimension is not null && _dimension.ValueOf(journey, reached.Values) != segment!.Value))
        {
            return;
        }
        if (measure is Measure.Volume)
        {
            _count++;
            return;
        }
        if (journey.StartedAt > pair.From)
        {
            return; // never at risk
        }
        _count++;
        if (journey.Reach(pair.To)?.At - reached.At is { } taken && taken <= measure.Maturity)
        {
            _converted++;
            if (!journey.IsInferred(pair.From) && !journey.IsInferred(pair.To))
            {
                _durations.Add(taken.Ticks);
            }
        }
    }

    /// <summary>Which journeys are counted, and when.</summary>
    public JourneyScope Scope(DateTimeOffset asOf, DateTimeOffset knownAt) => new()
    {
        AsOf = asOf,
        KnownAt = knownAt,
        From = period.From,
        To = period.To,
        Filters = _dimension is null ? [] : [new DimensionFilter(_dimension, [segment!.Value])],
    };

    /// <summary>What was counted so far.</summary>
    /// <param name="outOfScope">How many journeys the tenant's rules had kept away.</param>
    /// <param name="quality">Of what is counted. Null: not said.</param>
    public Reading ToReading(DateTimeOffset asOf, DateTimeOffset knownAt, long outOfScope, Quality? quality = null)
    {
        var (n, value, interval) = measure switch
        {
            Measure.Volume => (_count, _count, Poisson.Interval(_count)),
            Measure.Conversion => Share(),
            _ => Median(),
        };
        return new(pair, segment, measure, period, n, value, interval, asOf, knownAt, outOfScope, quality);
    }

    (long N, double? Value, Interval? Interval) Share()
    {
        var rate = Rate.Of(_converted, _count, whyMissing: "");
        return (_count, rate.Value, rate.Interval);
    }

    (long N, double? Value, Interval? Interval) Median()
    {
        _durations.Sort();
        var interval = OrderStatistics.MedianRank(_durations.Count) is { } rank
            ? new Interval(Days(_durations[rank - 1]), Days(_durations[^rank]))
            : (Interval?)null;
        return (_durations.Count, Quantile.Of(_durations, 0.5) is { } ticks ? Days(ticks) : null, interval);
    }

    static double Days(double ticks) => ticks / TimeSpan.TicksPerDay;
}

/// <summary>Which of some sorted values enclose their median.</summary>
public static class OrderStatistics
{
    /// <summary>The rank r for which the r-th smallest and the r-th largest of n values enclose the median at 95% or more: ⌊(n+1)/2 − z√n/2⌋.</summary>
    /// <remarks>Conover, Practical Nonparametric Statistics, 3rd edition (1999), section 3.2. It asks nothing of how the values are distributed.</remarks>
    /// <returns>From 1. Null where n is below 6: too few.</returns>
    public static int? MedianRank(int n)
    {
        var rank = (int)Math.Floor(((n + 1) / 2.0) - (Interval.Z * Math.Sqrt(n) / 2));
        return rank >= 1 ? rank : null;
    }
}
