using System.Runtime.InteropServices;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>Counts what the targets of a diagnosis are about, each at its own horizon; a segment's by the values where the clock of its pair starts.</summary>
sealed class TargetCounts(DiagnosisQuery query)
{
    readonly List<Counts> _all = [.. query.Targets.Select(target => new Counts(target, query))];

    /// <param name="journey">Of those that the question selects.</param>
    /// <param name="isInQuestion">Whether it started in the time and through the filters in question. A volume is of a time of its own.</param>
    public void Add(JourneyFacts journey, bool isInQuestion)
    {
        foreach (var counts in _all)
        {
            if (counts.Target.Details.Goal is Goal.Volume)
            {
                counts.AddVolume(journey, query.Ways.Scope);
            }
            else if (isInQuestion)
            {
                counts.AddCohort(journey, query.Ways.Scope.AsOf);
            }
        }
    }

    /// <summary>Adds what others counted of the same targets.</summary>
    public void Add(TargetCounts other)
    {
        foreach (var (own, others) in _all.Zip(other._all))
        {
            own.Add(others);
        }
    }

    /// <summary>The rate of all journeys that a target is about, at its horizon.</summary>
    public Rate RateOf(Target target) => CountsOf(target).RateOf();

    /// <summary>The rate at a target's horizon of those of its journeys that have one value of the question's dimension.</summary>
    public Rate RateOf(Target target, string? value) => CountsOf(target).RateOf(value);

    public VelocityGap VelocityOf(Target target, decimal? aDay) => CountsOf(target).ToVelocity(aDay);

    /// <returns>Null where the question names no period of the target's kind.</returns>
    public VolumeGap? VolumeOf(Target target) =>
        query.LastPeriods.TryGetValue(((Goal.Volume)target.Details.Goal).Period, out var period) ? new(target, period, CountsOf(target).Volume) : null;

    Counts CountsOf(Target target) => _all.Single(counts => counts.Target == target);

    sealed class Counts(Target target, DiagnosisQuery query)
    {
        readonly Pair _pair = target.Details.Pair;
        readonly Dimension? _own = target.Details.Segment is { } segment ? query.Custom.Of(segment.Dimension) : null;
        readonly TimeSpan _horizon = target.Details.Goal switch { Goal.Conversion(_, var horizon) => horizon, Goal.Velocity(_, var horizon) => horizon, _ => default };

        // A tuple: a dictionary's key must not be null.
        readonly Dictionary<(string? Value, bool), (long Converted, long N)> _rates = [];
        readonly List<long> _durations = [];

        public Target Target => target;

        public long Volume { get; private set; }

        public void AddVolume(JourneyFacts journey, JourneyScope scope)
        {
            if (query.LastPeriods.TryGetValue(((Goal.Volume)target.Details.Goal).Period, out var period)
                && journey.Reach(_pair.To) is { } reached && reached.At >= period.From && reached.At < period.To
                && scope.Matches(journey, reached.Values) && IsOf(journey, reached.Values))
            {
                Volume++;
            }
        }

        public void AddCohort(JourneyFacts journey, DateTimeOffset asOf)
        {
            if (journey.StartedAt > _pair.From || journey.Reach(_pair.From) is not { } from || from.At + _horizon > asOf || !IsOf(journey, from.Values))
            {
                return;
            }
            var isConverted = journey.Reach(_pair.To)?.At - from.At <= _horizon;
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_rates, (query.Ways.Dimension.ValueOf(journey, from.Values), true), out _);
            count = (count.Converted + (isConverted ? 1 : 0), count.N + 1);
            if (isConverted && target.Details.Goal is Goal.Velocity && !journey.IsInferred(_pair.From) && !journey.IsInferred(_pair.To))
            {
                _durations.Add((journey.Reach(_pair.To)!.Value.At - from.At).Ticks);
            }
        }

        public void Add(Counts other)
        {
            foreach (var (value, (converted, n)) in other._rates)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_rates, value, out _);
                count = (count.Converted + converted, count.N + n);
            }
            _durations.AddRange(other._durations);
            Volume += other.Volume;
        }

        public Rate RateOf() => Of(_rates.Values.Sum(count => count.Converted), _rates.Values.Sum(count => count.N));

        public Rate RateOf(string? value)
        {
            var (converted, n) = _rates.GetValueOrDefault((value, true));
            return Of(converted, n);
        }

        public VelocityGap ToVelocity(decimal? aDay)
        {
            _durations.Sort();
            return new(
                target,
                _durations.Count,
                _durations.Count >= CurveQuantiles.Enough ? TimeSpan.FromTicks((long)Math.Round(Quantile.Of(_durations, 0.5)!.Value)) : null,
                aDay);
        }

        /// <summary>Whether a journey is of the target's segment.</summary>
        bool IsOf(JourneyFacts journey, Dimensions values) => _own is null || _own.ValueOf(journey, values) == target.Details.Segment!.Value;

        static Rate Of(long converted, long n) => Rate.Of(converted, n, "nobody was at risk and followed for the target's horizon");
    }
}
