using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <summary>What the definitions say of one segment at one pair.</summary>
sealed record NaiveSegment(Pair Pair, string? Value, Yardstick Yardstick, (int Converted, int N) Actual, double? Aim, double? PValue, double? Impact)
{
    public bool IsBelow => PValue is not null && (double)Actual.Converted / Actual.N < Aim;
}

/// <summary>Every segment against the target of its own, that of the pair, or what good segments reach; and which gaps are real among all that are tested.</summary>
sealed class NaiveSegments
{
    readonly NaiveRevenue _revenue;

    public NaiveSegments(IReadOnlyList<NaiveJourney> journeys, DiagnosisQuery query)
    {
        var (scope, dimension) = (query.Ways.Scope, query.Ways.Dimension);
        _revenue = new(journeys, query.Ways, scope.From ?? DateTimeOffset.MinValue, scope.To ?? DateTimeOffset.MaxValue);
        var started = journeys.Where(journey => journey.Reach(Stage.Lead) is { } start && !(start.OccurredAt < scope.From)
            && scope.Filters.All(filter => filter.Values.Contains(journey.ValueOf(filter.Dimension, start)))).ToList();
        string?[] values = [.. _revenue.Ways.Select(way => way.Value).Distinct()];
        All =
        [
            .. from item in Pair.All.Take(Way.Pairs).Index()
               let peers = values.Select(value => ChainOf(value, item.Index)).Where(chain => chain.N > 0).ToList()
               from value in values
               let own = value is null ? null : query.ConversionTarget(item.Item, new(dimension.Name, value))
               let target = own ?? query.ConversionTarget(item.Item)
               let actual = target is null ? ChainOf(value, item.Index) : AtTarget(item.Item, value, (Goal.Conversion)target.Details.Goal)
               let aim = target is not null ? ((Goal.Conversion)target.Details.Goal).Ratio : peers.Count < 2 ? (double?)null : Benchmark(peers)
               select new NaiveSegment(
                   item.Item,
                   value,
                   own is not null ? Yardstick.SegmentTarget : target is not null ? Yardstick.Target : aim is null ? Yardstick.None : Yardstick.PeerBenchmark,
                   actual,
                   aim,
                   aim is null ? null : NaiveLevers.PValue(actual, aim.Value),
                   actual.Converted == 0 ? null : Impact(value, item.Index, aim * actual.N / actual.Converted)),
        ];

        (int Converted, int N) AtTarget(Pair pair, string? value, Goal.Conversion goal)
        {
            var mature = started.Where(journey => journey.Reach(Stage.Lead)!.To <= pair.From && journey.Reach(pair.From) is { } from
                && from.OccurredAt + goal.Horizon <= scope.AsOf && journey.ValueOf(dimension, from) == value).ToList();
            return (mature.Count(journey => journey.Reach(pair.To)?.OccurredAt - journey.Reach(pair.From)!.OccurredAt <= goal.Horizon), mature.Count);
        }
    }

    public IReadOnlyList<NaiveSegment> All { get; }

    IEnumerable<double> PValues => All.Select(segment => segment.PValue).OfType<double>();

    /// <summary>Benjamini and Hochberg: below or at some p-value that is at most as large as a tenth of the share of those that are no larger.</summary>
    public bool IsReal(NaiveSegment segment) => segment.IsBelow && PValues.Any(limit =>
        segment.PValue <= limit && limit <= 0.1 * PValues.Count(p => p <= limit) / PValues.Count());

    (int Converted, int N) ChainOf(string? value, int pair)
    {
        var steps = _revenue.Ways.Where(way => way.Value == value).Select(way => _revenue.StepOf(way, pair)).ToList();
        return (steps.Sum(step => step.Converted), steps.Sum(step => step.N));
    }

    double? Impact(string? value, int pair, double? factor) => _revenue.Ways.Where(way => way.Value == value).Sum(way =>
    {
        var (converted, n) = _revenue.StepOf(way, pair);
        return converted == 0 ? 0 : (double)_revenue.AmountOf(way.Value, way.Start) * (Math.Min(factor ?? 1, (double)n / converted) - 1);
    });

    /// <summary>The n-weighted 75th percentile of the rates, each drawn to the mean by the weight of m = c̄(1 − c̄)/τ² − 1 journeys.</summary>
    static double Benchmark(List<(int Converted, int N)> peers)
    {
        double n = peers.Sum(peer => peer.N);
        var mean = peers.Sum(peer => peer.Converted) / n;
        var chance = mean * (1 - mean);
        var spread = peers.Sum(peer => (peer.Converted - (peer.N * mean)) * (peer.Converted - (peer.N * mean)) / peer.N);
        var scale = n - (peers.Sum(peer => (double)peer.N * peer.N) / n) - (peers.Count - 1);
        var between = (spread - ((peers.Count - 1) * chance)) / scale;
        if (scale <= 0 || between <= 0)
        {
            return mean;
        }
        var m = Math.Max(0, (chance / between) - 1);
        double Drawn((int Converted, int N) peer) => (peer.Converted + (m * mean)) / (peer.N + m);
        return peers.Select(Drawn).Where(rate => peers.Where(peer => Drawn(peer) <= rate).Sum(peer => peer.N) >= 0.75 * n).Min();
    }
}
