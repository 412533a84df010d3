using System.Runtime.InteropServices;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>Counts what the targets of a diagnosis are about, each at its own horizon.</summary>
sealed class TargetCounts(DiagnosisQuery query)
{
    readonly List<(Target Target, Goal.Conversion Goal, Dictionary<(string? Value, bool), (long Converted, long N)> Counts)> _conversions =
    [
        .. query.Targets
            .Where(target => target.Details.Segment is null || target.Details.Segment.Dimension == query.Ways.Dimension.Name)
            .Where(target => target.Details.Goal is Goal.Conversion)
            .Select(target => (target, (Goal.Conversion)target.Details.Goal, new Dictionary<(string?, bool), (long, long)>())),
    ];

    readonly List<(Target Target, Goal.Velocity Goal, List<long> Durations)> _velocities =
    [
        .. query.Targets
            .Where(target => target.Details.Segment is null && target.Details.Goal is Goal.Velocity)
            .Select(target => (target, (Goal.Velocity)target.Details.Goal, new List<long>())),
    ];

    /// <param name="start">In the time and through the filters in question.</param>
    public void Add(JourneyFacts journey, Reached start)
    {
        foreach (var (target, goal, counts) in _conversions)
        {
            if (IsMature(journey, target.Details.Pair, goal.Horizon, out var taken))
            {
                // A tuple: a dictionary's key must not be null.
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, (query.Ways.Dimension.ValueOf(journey, start.Values), true), out _);
                count = (count.Converted + (taken <= goal.Horizon ? 1 : 0), count.N + 1);
            }
        }
        foreach (var (target, goal, durations) in _velocities)
        {
            var pair = target.Details.Pair;
            if (IsMature(journey, pair, goal.Horizon, out var taken) && taken <= goal.Horizon && !journey.IsInferred(pair.From) && !journey.IsInferred(pair.To))
            {
                durations.Add(taken!.Value.Ticks);
            }
        }
    }

    /// <summary>Adds what others counted of the same targets.</summary>
    public void Add(TargetCounts other)
    {
        foreach (var (own, others) in _conversions.Zip(other._conversions))
        {
            foreach (var (value, (converted, n)) in others.Counts)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(own.Counts, value, out _);
                count = (count.Converted + converted, count.N + n);
            }
        }
        foreach (var (own, others) in _velocities.Zip(other._velocities))
        {
            own.Durations.AddRange(others.Durations);
        }
    }

    /// <summary>The rate of all journeys at a target's horizon.</summary>
    public Rate RateOf(Target target)
    {
        var counts = CountsOf(target).Values;
        return Of(counts.Sum(count => count.Converted), counts.Sum(count => count.N));
    }

    /// <summary>The rate of a segment at a target's horizon.</summary>
    public Rate RateOf(Target target, string? value)
    {
        var (converted, n) = CountsOf(target).GetValueOrDefault((value, true));
        return Of(converted, n);
    }

    public VelocityGap VelocityOf(Target target, decimal? aDay)
    {
        var durations = _velocities.Single(velocity => velocity.Target == target).Durations;
        durations.Sort();
        return new(
            target,
            durations.Count,
            durations.Count >= CurveQuantiles.Enough ? TimeSpan.FromTicks((long)Math.Round(Quantile.Of(durations, 0.5)!.Value)) : null,
            aDay);
    }

    Dictionary<(string? Value, bool), (long Converted, long N)> CountsOf(Target target) => _conversions.Single(known => known.Target == target).Counts;

    static Rate Of(long converted, long n) => Rate.Of(converted, n, "nobody was at risk and followed for the target's horizon");

    /// <summary>Whether a journey was at risk, and followed for so long.</summary>
    /// <param name="taken">How long it took. Null where it did not convert.</param>
    bool IsMature(JourneyFacts journey, Pair pair, TimeSpan horizon, out TimeSpan? taken)
    {
        taken = null;
        if (journey.StartedAt > pair.From || journey.Reach(pair.From) is not { } from || from.At + horizon > query.Ways.Scope.AsOf)
        {
            return false;
        }
        taken = journey.Reach(pair.To)?.At - from.At;
        return true;
    }
}
