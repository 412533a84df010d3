using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Counts one cohort.</summary>
sealed class CohortTally(CohortQuery query)
{
    readonly long[] _mature = new long[query.Horizons.Count];
    readonly long[] _converted = new long[query.Horizons.Count];
    long _startedAbove;
    long _toDate;
    long _open;

    public long Cohort { get; private set; }

    /// <param name="start">R of the first stage.</param>
    public void Add(JourneyFacts journey, DateTimeOffset start)
    {
        if (journey.StartedAt > query.Pair.From)
        {
            _startedAbove++;
            return;
        }

        Cohort++;
        var followed = query.Scope.AsOf - start;
        var taken = journey.Reach(query.Pair.To)?.At - start;
        _toDate += taken is null ? 0 : 1;
        _open += taken is null && journey.EndedAt is null ? 1 : 0;
        for (var index = 0; index < _mature.Length; index++)
        {
            if (followed >= query.Horizons[index])
            {
                _mature[index]++;
                _converted[index] += taken <= query.Horizons[index] ? 1 : 0;
            }
        }
    }

    public void Add(CohortTally other)
    {
        Cohort += other.Cohort;
        _startedAbove += other._startedAbove;
        _toDate += other._toDate;
        _open += other._open;
        for (var index = 0; index < _mature.Length; index++)
        {
            _mature[index] += other._mature[index];
            _converted[index] += other._converted[index];
        }
    }

    public CohortRow ToRow(Period? period, IReadOnlyList<CohortValue> values)
    {
        var nobody = $"no journey was at risk at {query.Pair.From.Name()}";
        return new CohortRow(
            period,
            values,
            Cohort,
            _startedAbove,
            Rate.Of(_toDate, Cohort, nobody),
            _open,
            [.. query.Horizons.Select((horizon, index) => new HorizonFigures(
                horizon,
                Rate.Of(_converted[index], _mature[index], Cohort == 0 ? nobody : "not mature yet"),
                Cohort - _mature[index]))]);
    }
}
