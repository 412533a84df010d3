using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain.Columns;

/// <summary>What the journeys of a run count for between two stages.</summary>
sealed partial class JourneyRun
{
    void CountPair(int pair, int from, int to)
    {
        var (start, startAt) = (_cells[_stepOf[from]], _at[_stepOf[from]]);
        var arrived = to < _ranks;
        if (_stages[_stepOf[0]] > from)
        {
            AddOne(start, At(pair, StartedAbove));
        }
        else
        {
            if (arrived)
            {
                AddOne(start, At(pair, Converted));
            }
            else if (_stages[_steps - 1] < StageCount)
            {
                AddOne(start, At(pair, Open));
            }
            CountHorizons(pair, start, startAt, arrived ? _at[_stepOf[to]] : null);
            if (_hasCurve)
            {
                AddFates(pair, start, startAt, arrived ? _at[_stepOf[to]] : null);
            }
        }
        if (_hasVelocity && arrived && IsOwn(from) && IsOwn(to))
        {
            AddDurations(pair, start, startAt, _cells[_stepOf[to]], _at[_stepOf[to]]);
        }
    }

    void CountHorizons(int pair, int[] start, long[] startAt, long[]? endAt)
    {
        for (var horizon = 0; horizon < _horizons.Length; horizon++)
        {
            var span = _horizons[horizon];
            for (var index = 0; index < _count; index++)
            {
                if (start[index] != None && _asOf - startAt[index] >= span)
                {
                    var counts = cells.Counts.AsSpan((start[index] * cells.Stride) + At(pair, Horizons + (2 * horizon)), 2);
                    counts[0]++;
                    counts[1] += endAt is not null && endAt[index] - startAt[index] <= span ? 1 : 0;
                }
            }
        }
    }

    void AddFates(int pair, int[] start, long[] startAt, long[]? endAt)
    {
        var ended = _stages[_steps - 1] >= StageCount ? _at[_steps - 1] : null;
        for (var index = 0; index < _count; index++)
        {
            if (start[index] != None)
            {
                var (fate, at) = endAt is not null ? (0, endAt[index]) : ended is not null ? (1, ended[index]) : (2, _asOf);
                cells.Fates.Add((((start[index] * _pairs.Length) + pair) * FateKinds) + fate, at - startAt[index]);
            }
        }
    }

    void AddDurations(int pair, int[] start, long[] startAt, int[] end, long[] endAt)
    {
        for (var index = 0; index < _count; index++)
        {
            var duration = endAt[index] - startAt[index];
            if (start[index] != None)
            {
                cells.Durations.Add(((start[index] * _pairs.Length) + pair) * DurationKinds, duration);
            }
            if (end[index] != None)
            {
                cells.Durations.Add((((end[index] * _pairs.Length) + pair) * DurationKinds) + 1, duration);
            }
        }
    }
}
