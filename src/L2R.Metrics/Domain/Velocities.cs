using System.Runtime.InteropServices;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Answers a question to velocity from the facts of one journey after the other.</summary>
/// <remarks>Keeps durations, not journeys: 8 bytes for each figure that a journey has a part in.</remarks>
public sealed class Velocities : IGathering<Velocities>
{
    readonly VelocityQuery _query;
    readonly StageVisits[] _stages;
    readonly List<long> _conversions = [];
    readonly List<long> _ends = [];
    readonly List<long> _censored = [];
    readonly List<long> _followed = [];
    readonly List<long> _cohort = [];
    readonly List<long> _throughput = [];
    long _cohortOutOfOrder;
    long _throughputOutOfOrder;

    /// <exception cref="ArgumentException">The pair does not go down the waterfall.</exception>
    public Velocities(VelocityQuery query)
    {
        if (query.Pair.From >= query.Pair.To)
        {
            throw new ArgumentException("A pair goes from a stage to a later one.", nameof(query));
        }
        _query = query;
        _stages = [.. Stages.Waterfall.Where(stage => stage != Stage.ClosedWon).Select(stage => new StageVisits(stage, query.Scope))];
    }

    /// <summary>Counts a journey.</summary>
    /// <param name="journey">Folded at the query's as_of and known_at.</param>
    public void Add(JourneyFacts journey)
    {
        if (!_query.Scope.Selects(journey))
        {
            return;
        }
        if (_query.Scope.Reach(journey, _query.Pair.From) is { } start)
        {
            AddVelocity(journey, _cohort, ref _cohortOutOfOrder);
            AddLife(journey, start.At);
        }
        if (_query.Scope.Reach(journey, _query.Pair.To) is not null)
        {
            AddVelocity(journey, _throughput, ref _throughputOutOfOrder);
        }
        foreach (var stage in _stages)
        {
            stage.Add(journey);
        }
    }

    /// <summary>Adds what others counted.</summary>
    public void Add(Velocities other)
    {
        _conversions.AddRange(other._conversions);
        _ends.AddRange(other._ends);
        _censored.AddRange(other._censored);
        _followed.AddRange(other._followed);
        _cohort.AddRange(other._cohort);
        _throughput.AddRange(other._throughput);
        _cohortOutOfOrder += other._cohortOutOfOrder;
        _throughputOutOfOrder += other._throughputOutOfOrder;
        foreach (var (own, others) in _stages.Zip(other._stages))
        {
            own.Add(others);
        }
    }

    public VelocityAnswer ToAnswer() => new(
        Velocity.Of(CollectionsMarshal.AsSpan(_cohort), _cohortOutOfOrder),
        Velocity.Of(CollectionsMarshal.AsSpan(_throughput), _throughputOutOfOrder),
        CurveQuantiles.Of(_conversions, _ends, _censored, _followed),
        [.. _stages.Select(stage => stage.ToAge())],
        [.. _stages.Select(stage => stage.ToDwell())]);

    void AddVelocity(JourneyFacts journey, List<long> durations, ref long outOfOrder)
    {
        var (from, to) = _query.Pair;
        outOfOrder += journey.IsOutOfOrder(from, to) ? 1 : 0;
        if (journey.Reach(to) is not { } end || journey.IsInferred(from) || journey.IsInferred(to))
        {
            return;
        }

        var start = journey.Reach(from)!.Value.At;
        var isAsked = _query.Horizon is not { } horizon || (_query.Scope.AsOf - start >= horizon && end.At - start <= horizon);
        if (isAsked)
        {
            durations.Add((end.At - start).Ticks);
        }
    }

    /// <summary>What became of a journey of the cohort, and how long it has been followed.</summary>
    void AddLife(JourneyFacts journey, DateTimeOffset start)
    {
        if (journey.StartedAt > _query.Pair.From)
        {
            return;
        }
        var followed = _query.Scope.AsOf - start;
        var (fate, time) = (journey.Reach(_query.Pair.To)?.At - start, journey.EndedAt - start) switch
        {
            ({ } conversion, _) => (_conversions, conversion),
            (null, { } end) => (_ends, end),
            _ => (_censored, followed),
        };
        fate.Add(time.Ticks);
        _followed.Add(followed.Ticks);
    }
}
