using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>Finds where the waterfall falls short, from the facts of one journey after the other.</summary>
public sealed class RevenueDiagnosis(DiagnosisQuery query) : IGathering<RevenueDiagnosis>
{
    static readonly Pair[] Pairs = [.. Pair.All.Take(Way.Pairs)];

    readonly PeriodWays _ways = new(query.Ways);
    readonly TargetCounts _counts = new(query);
    DateTimeOffset? _earliest;

    /// <exception cref="TooManyGroupsException">The dimension has more values than the query allows.</exception>
    public void Add(JourneyFacts journey)
    {
        _ways.Add(journey);
        if (!query.Ways.Scope.Selects(journey))
        {
            return;
        }
        var start = query.Ways.Scope.Reach(journey, Stage.Lead);
        _counts.Add(journey, isInQuestion: start is not null);
        if (start is { At: var at })
        {
            _earliest = at < _earliest ? at : _earliest ?? at;
        }
    }

    /// <summary>Adds what others counted.</summary>
    /// <exception cref="TooManyGroupsException">Together they have more values than the query allows.</exception>
    public void Add(RevenueDiagnosis other)
    {
        _ways.Add(other._ways);
        _counts.Add(other._counts);
        _earliest = other._earliest < _earliest ? other._earliest : _earliest ?? other._earliest;
    }

    public DiagnosisAnswer ToAnswer()
    {
        var (ways, revenue) = (_ways.ToWays(), _ways.ToRevenue());
        var segments = Segments(ways);
        var gaps = Pairs.Select((pair, index) => query.ConversionTarget(pair) is { } target
            ? Gap.Of(target, _counts.RateOf(target))
            : Gap.Of(Benchmark(ways, index), Chain(ways, index))).ToArray();
        var factors = segments.ToDictionary(segment => (segment.Pair, segment.Value ?? "", segment.Value is null), segment => FactorOf(segment, gaps));
        var lifts = new Lifts(ways, (way, pair) => factors[(Pairs[pair], way.Value ?? "", way.Value is null)]);

        int[] levers = [.. Enumerable.Range(0, Way.Pairs).Where(pair => lifts.Alone(pair) > 0)];
        var together = levers.Length == 0 ? [] : lifts.Together(levers);
        return new(
            revenue,
            [.. Pairs.Select((pair, index) => new PairDiagnosis(
                pair, Chain(ways, index), gaps[index], levers.Contains(index) ? null : NoLever(gaps[index], revenue.Won), Velocity(pair, revenue.Won)))],
            [.. segments
                .Where(segment => segment.Gap.IsBelow)
                .Select(segment => segment with { Impact = Impact(ways, segment) })
                .OrderByDescending(segment => segment.Gap.Finding)
                .ThenByDescending(segment => segment.Impact ?? 0)
                .ThenBy(segment => segment.Gap.PValue)
                .Take(query.MaxSegments)],
            segments.Count(segment => segment.Gap.PValue is not null),
            segments.Count(segment => segment.Gap is { Finding: Finding.NotEnoughData, Actual.N: > 0 }),
            [.. levers
                .Select((pair, index) => new Lever(Pairs[pair], lifts.Alone(pair), lifts.StandardError(pair), together[index]))
                .OrderByDescending(lever => lever.AtLeast ?? decimal.MinValue)
                .ThenByDescending(lever => lever.Alone)],
            [.. query.Targets.Select(target => Standing(target, ways))]);
    }

    TargetStanding Standing(Target target, IReadOnlyList<Way> ways)
    {
        var (dimension, value) = (query.Ways.Dimension.Name, target.Details.Segment?.Value);
        var notUsed = target.Details switch
        {
            { Goal: Goal.Volume } => "a volume is no rate: closing its gap has no price",
            { Pair: var pair } when !Pairs.Contains(pair) => "it is of the whole way, and pairs of adjacent stages are compared",
            { Segment: { } segment } when segment.Dimension != dimension => $"it is of {segment.Dimension}, and segments are compared by {dimension}",
            { Segment: not null, Goal: Goal.Velocity } => "segments are compared by their conversion",
            { Segment: not null } when ways.All(way => way.Value != value) => $"no journey followed for so long has {dimension} {value}",
            _ => null,
        };
        return new(
            target,
            target.Details.Goal is Goal.Conversion ? Gap.Of(target, _counts.RateOf(target)) : null,
            target.Details.Goal is Goal.Velocity ? _counts.VelocityOf(target, aDay: null) : null,
            target.Details.Goal is Goal.Volume ? _counts.VolumeOf(target) : null,
            notUsed);
    }

    /// <summary>Every segment of every pair, judged among all of them.</summary>
    List<SegmentDiagnosis> Segments(IReadOnlyList<Way> ways)
    {
        List<SegmentDiagnosis> segments =
        [
            .. from pair in Pairs.Index()
               let target = query.ConversionTarget(pair.Item)
               let benchmark = target is null ? Benchmark(ways, pair.Index) : null
               from value in ways.GroupBy(way => way.Value)
               let chain = Chain([.. value], pair.Index)
               let own = value.Key is null ? null : query.ConversionTarget(pair.Item, new(query.Ways.Dimension.Name, value.Key))
               let gap = (own ?? target) is { } aim ? Gap.Of(aim, _counts.RateOf(aim, value.Key)) : Gap.Of(benchmark, chain)
               select new SegmentDiagnosis(pair.Item, value.Key, chain, gap, null),
        ];
        var tested = segments.Where(segment => segment.Gap.PValue is not null).ToList();
        var real = FalseDiscovery.Find(tested.ConvertAll(segment => segment.Gap.PValue!.Value));
        var found = tested.Where((_, index) => real[index]).ToHashSet();
        return segments.ConvertAll(segment => !segment.Gap.IsBelow ? segment : segment with
        {
            Gap = segment.Gap with { Finding = found.Contains(segment) ? Finding.Real : Finding.WithinChance },
        });
    }

    /// <summary>By how much a lever of a pair lifts a segment: by its own gap, or by that of the pair where that is a target's.</summary>
    static decimal FactorOf(SegmentDiagnosis segment, Gap[] gaps)
    {
        var pair = gaps[Array.IndexOf(Pairs, segment.Pair)];
        return segment.Gap.Yardstick switch
        {
            Yardstick.SegmentTarget => segment.Gap.Factor ?? 1,
            Yardstick.Target => pair.Factor ?? 1,
            _ => pair.IsBelow ? segment.Gap.Factor ?? 1 : 1,
        };
    }

    static decimal? Impact(IReadOnlyList<Way> ways, SegmentDiagnosis segment) => segment.Gap.Factor is { } factor
        ? new Lifts([.. ways.Where(way => way.Value == segment.Value)], (_, _) => factor).Alone(Array.IndexOf(Pairs, segment.Pair))
        : null;

    static string NoLever(Gap gap, decimal revenue) => gap.Finding switch
    {
        Finding.NothingToCompare => "there is no target in force, and there are no segments to compare",
        Finding.NotEnoughData => "not enough data",
        Finding.AtOrAbove => "it is not below",
        _ when gap.Actual.Converted == 0 => "not estimable: nobody converted",
        _ when revenue == 0 => "not estimable: nothing was won",
        _ => "nothing that lies below has enough data and revenue to lift",
    };

    VelocityGap? Velocity(Pair pair, decimal revenue)
    {
        if (query.VelocityTarget(pair) is not { } target)
        {
            return null;
        }

        // V is of journeys that were followed long enough, so the days are those on which they started.
        var matureUntil = query.Ways.Scope.AsOf - query.Ways.Horizon;
        var until = query.Ways.Scope.To < matureUntil ? query.Ways.Scope.To.Value : matureUntil;
        var days = (until - (query.Ways.Scope.From ?? _earliest))?.TotalDays;
        return _counts.VelocityOf(target, days > 0 ? revenue / (decimal)days : null);
    }

    static Rate Chain(IReadOnlyList<Way> ways, int pair) =>
        Rate.Of(ways.Sum(way => way.Steps[pair].Converted), ways.Sum(way => way.Steps[pair].N), $"no journey reached {Pairs[pair].From.Name()} in time");

    /// <returns>Null where fewer than two segments have journeys.</returns>
    static double? Benchmark(IReadOnlyList<Way> ways, int pair)
    {
        List<(long, long N)> peers =
        [
            .. ways.GroupBy(way => way.Value).Select(value => (value.Sum(way => way.Steps[pair].Converted), N: value.Sum(way => way.Steps[pair].N))),
        ];
        return peers.Count(peer => peer.N > 0) < 2 ? null : PeerBenchmark.Of(peers);
    }
}
