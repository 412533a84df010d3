using L2R.Ledger.Domain;
using L2R.Metrics.Domain.Columns;
using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain;

/// <summary>What was counted for one group, from its cell to its figures.</summary>
/// <param name="counts">Laid out as <see cref="WaterfallCells"/> says. Empty: nothing was.</param>
/// <param name="velocities">By pair: cohort, throughput.</param>
/// <param name="curves">By pair, at the query's times.</param>
/// <param name="isUnknown">Whether the value of a dimension grouped by is unknown.</param>
sealed class GroupTally(
    WaterfallQuery query, long[] counts, SortedDictionary<string, decimal> won, Velocity[] velocities, IReadOnlyList<CurvePoint>[] curves, bool isUnknown)
{
    /// <summary>The stock at the end.</summary>
    /// <param name="earlier">The stock that the group before it, in time, ended with.</param>
    public long[] StockAfter(long[] earlier) =>
        [.. earlier.Select((stock, index) => stock + counts[StandingBefore + index] + counts[Entries + index] - counts[Departures + index])];

    /// <param name="earlier">The stock that the group before it, in time, ended with.</param>
    public WaterfallGroup ToGroup(GroupKey key, long[] earlier)
    {
        var end = StockAfter(earlier);
        return new WaterfallGroup(
            key,
            [.. Stages.All.Select((stage, index) => new Volume(
                stage,
                stage.IsStage() ? counts[Reach + index] : 0,
                stage.IsStage() ? counts[Inferred + index] : 0,
                counts[Entries + index],
                counts[Departures + index],
                earlier[index] + counts[StandingBefore + index],
                end[index]))],
            [.. query.Pairs.Select(ToFigures)],
            won,
            Quality);
    }

    public Quality Quality => new(
        SumOf(Inferred), isUnknown ? SumOf(Reach) : 0, counts[Late], counts[OutOfOrder], counts[WithoutAmount], counts[Mismatches]);

    /// <summary>Over the stages.</summary>
    long SumOf(int first) => counts[first..(first + Stages.Waterfall.Count)].Sum();

    /// <summary>Of a pair, as <see cref="WaterfallCells"/> lays them out.</summary>
    public ReadOnlySpan<long> CountsOf(int pair) => counts.AsSpan(PairIn(pair, query)..PairIn(pair + 1, query));

    PairFigures ToFigures(Pair pair, int index)
    {
        var own = CountsOf(index);
        var (cohort, reachFrom, reachTo) = (own[Cohort], counts[Reach + (int)pair.From], counts[Reach + (int)pair.To]);
        var horizons = new HorizonFigures[query.Horizons.Count];
        for (var horizon = 0; horizon < horizons.Length; horizon++)
        {
            var (mature, converted) = (own[Horizons + (2 * horizon)], own[Horizons + (2 * horizon) + 1]);
            var rate = Rate.Of(converted, mature, cohort == 0 ? NobodyAtRisk(pair) : "no journey has been followed for this long");
            horizons[horizon] = new(query.Horizons[horizon], rate, cohort - mature);
        }
        return new(
            pair,
            cohort,
            own[StartedAbove],
            Rate.Of(own[Converted], cohort, NobodyAtRisk(pair)),
            own[Open],
            reachFrom == 0 ? null : (double)reachTo / reachFrom,
            horizons,
            curves[index],
            velocities[index * DurationKinds] with { OutOfOrder = own[CohortOutOfOrder] },
            velocities[(index * DurationKinds) + 1] with { OutOfOrder = own[ThroughputOutOfOrder] });
    }

    static string NobodyAtRisk(Pair pair) => $"no journey was at risk at {pair.From.Name()}";
}
