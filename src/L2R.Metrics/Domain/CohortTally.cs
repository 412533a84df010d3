using L2R.Ledger.Domain;
using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain;

/// <summary>What was counted of one cohort: the counts of one pair of the waterfall.</summary>
sealed class CohortTally(CohortQuery query)
{
    readonly long[] _counts = new long[Horizons + (2 * query.Horizons.Count)];

    /// <summary>Journeys at risk.</summary>
    public long Count => _counts[Cohort];

    public bool IsEmpty => Count == 0 && _counts[StartedAbove] == 0;

    /// <param name="counts">Laid out as <see cref="Columns.WaterfallCells"/> says.</param>
    public void Add(ReadOnlySpan<long> counts)
    {
        for (var index = 0; index < _counts.Length; index++)
        {
            _counts[index] += counts[index];
        }
    }

    public void Add(CohortTally other) => Add(other._counts);

    public CohortRow ToRow(Period? period, IReadOnlyList<CohortValue> values)
    {
        var nobody = $"no journey was at risk at {query.Pair.From.Name()}";
        return new CohortRow(
            period,
            values,
            Count,
            _counts[StartedAbove],
            Rate.Of(_counts[Converted], Count, nobody),
            _counts[Open],
            [.. query.Horizons.Select((horizon, index) => (Horizon: horizon, At: Horizons + (2 * index))).Select(cell => new HorizonFigures(
                cell.Horizon,
                Rate.Of(_counts[cell.At + 1], _counts[cell.At], Count == 0 ? nobody : "not mature yet"),
                Count - _counts[cell.At]))]);
    }
}
