using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain.Columns;

/// <summary>What a journey counts for once it is known how far it came.</summary>
sealed partial class WaterfallScan
{
    void AddReaches(int journey, int first, int end, int ranks, long endedAt)
    {
        var outOfOrder = (_chunk.Marks[journey] & JourneyChunk.OutOfOrder) != 0 && FindFirstEntries(first, end);
        var counts = cells.Counts;
        for (var rank = 0; rank < ranks; rank++)
        {
            var cell = _reachedIn[rank];
            if (cell != None)
            {
                counts[(cell * cells.Stride) + Reach + rank]++;
                counts[(cell * cells.Stride) + Inferred + rank] += _reachedBy[rank] != rank ? 1 : 0;
            }
        }
        if (ranks > 0 && outOfOrder && _reachedIn[0] != None)
        {
            counts[(_reachedIn[0] * cells.Stride) + OutOfOrder]++;
        }
        for (var pair = 0; pair < _pairs.Length; pair++)
        {
            var (from, to) = ((int)_pairs[pair].From, (int)_pairs[pair].To);
            if (from < ranks)
            {
                AddPair(pair, from, to, ranks, endedAt, outOfOrder);
            }
        }
    }

    /// <param name="from">A rank that was reached.</param>
    void AddPair(int pair, int from, int to, int ranks, long endedAt, bool outOfOrder)
    {
        var arrived = to < ranks;
        var taken = arrived ? _reachedAt[to] - _reachedAt[from] : long.MaxValue;
        var counted = _hasVelocity && arrived && _reachedBy[from] == from && _reachedBy[to] == to; // neither end is inferred
        var reversed = outOfOrder && IsOutOfOrder(from, to);
        if (_reachedIn[from] is var start and not None)
        {
            AddStart(start, pair, from, taken, endedAt);
            if (counted)
            {
                cells.Durations.Add(((start * _pairs.Length) + pair) * DurationKinds, taken);
            }
            if (reversed)
            {
                cells.Counts[cells.PairAt(start, pair) + CohortOutOfOrder]++;
            }
        }
        if (arrived && _reachedIn[to] is var arrival and not None)
        {
            if (counted)
            {
                cells.Durations.Add((((arrival * _pairs.Length) + pair) * DurationKinds) + 1, taken);
            }
            if (reversed)
            {
                cells.Counts[cells.PairAt(arrival, pair) + ThroughputOutOfOrder]++;
            }
        }
    }

    /// <param name="taken">From the first stage's reach to the second's; <see cref="long.MaxValue"/> where there is none.</param>
    void AddStart(int cell, int pair, int from, long taken, long endedAt)
    {
        var counts = cells.Counts.AsSpan(cells.PairAt(cell, pair), cells.PairStride);
        if (_reachedBy[0] > from)
        {
            counts[StartedAbove]++;
            return;
        }
        if (taken != long.MaxValue)
        {
            counts[Converted]++;
        }
        else if (endedAt == long.MaxValue)
        {
            counts[Open]++;
        }
        var followed = _asOf - _reachedAt[from];
        for (var index = 0; index < _horizons.Length; index++)
        {
            if (followed >= _horizons[index])
            {
                counts[Horizons + (2 * index)]++;
                counts[Horizons + (2 * index) + 1] += taken <= _horizons[index] ? 1 : 0;
            }
        }
        if (_hasCurve)
        {
            var (fate, time) = taken != long.MaxValue ? (0, taken)
                : endedAt != long.MaxValue ? (1, endedAt - _reachedAt[from])
                : (2, followed);
            cells.Fates.Add((((cell * _pairs.Length) + pair) * FateKinds) + fate, time);
        }
    }

    /// <returns>Whether any two stages were first entered against their order.</returns>
    bool FindFirstEntries(int first, int end)
    {
        Array.Fill(_firstEntries, None);
        for (var stay = end - 1; stay >= first; stay--)
        {
            if ((int)JourneyChunk.StageOf(_chunk.Stages[stay]) is var to and < StageCount)
            {
                _firstEntries[to] = stay;
            }
        }
        var previous = None;
        foreach (var entry in _firstEntries)
        {
            if (entry != None && entry < previous)
            {
                return true;
            }
            previous = Math.Max(previous, entry);
        }
        return false;
    }

    bool IsOutOfOrder(int earlier, int later) => _firstEntries[later] != None && _firstEntries[later] < _firstEntries[earlier];
}
