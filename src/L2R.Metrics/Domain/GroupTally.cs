using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Counts one group.</summary>
/// <param name="isUnknown">Whether the value of a dimension grouped by is unknown.</param>
sealed class GroupTally(WaterfallQuery query, bool isUnknown)
{
    readonly long[] _reach = new long[Stages.Waterfall.Count];
    readonly long[] _inferred = new long[Stages.Waterfall.Count];
    readonly long[] _entries = new long[Stages.All.Count];
    readonly long[] _departures = new long[Stages.All.Count];
    readonly long[] _standingBefore = new long[Stages.All.Count];
    readonly PairTally[] _pairs = [.. Pair.All.Select(pair => new PairTally(pair, query))];
    readonly SortedDictionary<string, decimal> _won = new(StringComparer.Ordinal);
    long _unknown;
    long _late;
    long _outOfOrder;
    long _withoutAmount;
    long _mismatches;

    public void AddReach(JourneyFacts journey, Stage stage)
    {
        _reach[(int)stage]++;
        _inferred[(int)stage] += journey.IsInferred(stage) ? 1 : 0;
        _unknown += isUnknown ? 1 : 0;
        _outOfOrder += stage == Stage.Lead && journey.IsAnyOutOfOrder ? 1 : 0;
        for (var index = 0; index < _pairs.Length; index++)
        {
            if (Pair.All[index].From == stage)
            {
                _pairs[index].AddStart(journey);
            }
            if (Pair.All[index].To == stage)
            {
                _pairs[index].AddArrival(journey);
            }
        }
    }

    public void AddEntry(in Stay stay)
    {
        _entries[(int)stay.Stage]++;
        _late += stay.IsLate ? 1 : 0;
        if (stay.Stage != Stage.ClosedWon)
        {
            return;
        }
        if (stay is { Amount: { } amount, Currency: { } currency })
        {
            _won[currency] = _won.GetValueOrDefault(currency) + amount;
        }
        else
        {
            _withoutAmount++;
        }
    }

    public void AddMismatches(int rows) => _mismatches += rows;

    public void AddDeparture(Stage stage) => _departures[(int)stage]++;

    /// <summary>Counts a journey that stands in a stage when the query's time begins.</summary>
    public void AddStandingBefore(Stage stage) => _standingBefore[(int)stage]++;

    /// <summary>The stock at the end.</summary>
    /// <param name="earlier">The stock that the group before it, in time, ended with.</param>
    public long[] StockAfter(long[] earlier) =>
        [.. earlier.Select((stock, index) => stock + _standingBefore[index] + _entries[index] - _departures[index])];

    /// <param name="earlier">The stock that the group before it, in time, ended with.</param>
    public WaterfallGroup ToGroup(GroupKey key, long[] earlier)
    {
        var end = StockAfter(earlier);
        return new WaterfallGroup(
            key,
            [.. Stages.All.Select((stage, index) => new Volume(
                stage,
                stage.IsStage() ? _reach[index] : 0,
                stage.IsStage() ? _inferred[index] : 0,
                _entries[index],
                _departures[index],
                earlier[index] + _standingBefore[index],
                end[index]))],
            [.. _pairs.Select((tally, index) => tally.ToFigures(_reach[(int)Pair.All[index].From], _reach[(int)Pair.All[index].To]))],
            _won,
            new Quality(_inferred.Sum(), _unknown, _late, _outOfOrder, _withoutAmount, _mismatches));
    }
}
