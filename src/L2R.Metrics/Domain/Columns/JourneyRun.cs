using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain.Columns;

/// <summary>Counts journeys that took the same steps down the waterfall, a column at a time: no step is decided for one journey alone.</summary>
/// <remarks>Says what <see cref="WaterfallScan"/> says of each of them; every property of the waterfall is tested on both.</remarks>
sealed partial class JourneyRun(WaterfallQuery query, GroupIndex groups, PeriodIndex periods, WaterfallCells cells)
{
    /// <summary>As many journeys as stay in the nearest cache, with all their steps.</summary>
    public const int BlockSize = 512;

    const int StageCount = 6;
    const int MostSteps = StageCount + 1; // an exit may follow
    const int None = -1;

    readonly long _asOf = query.AsOf.UtcTicks;
    readonly long _from = query.From?.UtcTicks ?? long.MinValue;
    readonly long _to = query.To?.UtcTicks ?? long.MaxValue;
    readonly long[] _horizons = [.. query.Horizons.Select(horizon => horizon.Ticks)];
    readonly bool _hasCurve = query.CurveTimes.Count > 0;
    readonly bool _hasVelocity = query.HasVelocity;
    readonly Pair[] _pairs = [.. query.Pairs];

    // Of the run.
    readonly int[] _stages = new int[MostSteps];
    readonly int[] _stepOf = new int[StageCount]; // by rank: the step that reached it
    JourneyChunk _chunk = null!;
    int _steps;
    int _ranks;

    // Of the block, journey by journey, and for each step side by side.
    readonly int[] _journeys = new int[BlockSize];
    readonly int[] _firstStays = new int[BlockSize];
    readonly int[] _groups = new int[BlockSize];
    readonly long[][] _at = [.. Enumerable.Range(0, MostSteps).Select(_ => new long[BlockSize])];
    readonly int[][] _cells = [.. Enumerable.Range(0, MostSteps).Select(_ => new int[BlockSize])];
    int _count;

    /// <summary>Whether a journey only went down: every entry is of a later stage than the one before and was taken, an exit comes last.</summary>
    public bool IsOf(JourneyChunk chunk, int journey)
    {
        var (first, end) = (chunk.FirstStays[journey], chunk.FirstStays[journey + 1]);
        _steps = end - first;
        _ranks = 0;
        if (_steps > MostSteps)
        {
            return false;
        }
        for (var step = 0; step < _steps; step++)
        {
            var packed = chunk.Stages[first + step];
            var stage = (int)JourneyChunk.StageOf(packed);
            var isExit = stage >= StageCount;
            if (!JourneyChunk.Stood(packed) || (isExit ? step != _steps - 1 : stage < _ranks))
            {
                return false;
            }
            _stages[step] = stage;
            for (; !isExit && _ranks <= stage; _ranks++)
            {
                _stepOf[_ranks] = step;
            }
        }
        return true;
    }

    /// <summary>Begins a block: journeys that no filter leaves out.</summary>
    /// <param name="end">Not included, at most <see cref="BlockSize"/> from <paramref name="start"/>.</param>
    public void Take(JourneyChunk chunk, int start, int end)
    {
        var (byOrigin, byCurrent, origins, currents) = (groups.Origin, groups.Current, chunk.Origins, chunk.Currents);
        var count = 0;
        for (var journey = start; journey < end; journey++)
        {
            var group = (byOrigin is null ? 0 : byOrigin[origins[journey]]) + (byCurrent is null ? 0 : byCurrent[currents[journey]]);
            // Written in any case, and kept or not: nobody can foretell which, so a jump here costs more than the writing.
            _journeys[count] = journey;
            _groups[count] = group;
            count += group >= 0 ? 1 : 0;
        }
        (_chunk, _count) = (chunk, count);
    }

    /// <summary>Leaves out of the block what is not wanted for another reason.</summary>
    public void Keep(Func<int, bool> isWanted)
    {
        var count = 0;
        for (var index = 0; index < _count; index++)
        {
            if (isWanted(_journeys[index]))
            {
                (_journeys[count], _groups[count]) = (_journeys[index], _groups[index]);
                count++;
            }
        }
        _count = count;
    }

    /// <summary>The journeys of the block, each with its group as far as no entry decides it.</summary>
    public IEnumerable<(int Journey, int Group)> Taken() => Enumerable.Range(0, _count).Select(index => (_journeys[index], _groups[index]));

    /// <summary>Where the journeys of the block were won: cell and stay. None where the run has no win.</summary>
    public IEnumerable<(int Cell, int Stay)> Wins()
    {
        var last = _steps - 1;
        for (var index = 0; index < _count && _stages[last] == StageCount - 1; index++)
        {
            if (_cells[last][index] is var cell and not None)
            {
                yield return (cell, _firstStays[index] + last);
            }
        }
    }

    /// <summary>Counts the block, all but the amounts.</summary>
    public void Count()
    {
        for (var index = 0; index < _count; index++)
        {
            _firstStays[index] = _chunk.FirstStays[_journeys[index]];
        }
        for (var step = 0; step < _steps; step++)
        {
            FindCells(step);
        }
        if (_from != long.MinValue)
        {
            CountStandingBefore();
        }
        for (var step = 0; step < _steps - 1; step++)
        {
            CountDepartures(step);
        }
        for (var step = 0; step < _steps; step++)
        {
            AddOne(_cells[step], Entries + _stages[step]);
        }
        for (var rank = 0; rank < _ranks; rank++)
        {
            AddOne(_cells[_stepOf[rank]], Reach + rank);
            if (!IsOwn(rank))
            {
                AddOne(_cells[_stepOf[rank]], Inferred + rank);
            }
        }
        for (var pair = 0; pair < _pairs.Length; pair++)
        {
            var (from, to) = ((int)_pairs[pair].From, (int)_pairs[pair].To);
            if (from < _ranks)
            {
                CountPair(pair, from, to);
            }
        }
    }

    void FindCells(int step)
    {
        var (at, found, entered) = (_at[step], _cells[step], _chunk.Entered);
        for (var index = 0; index < _count; index++)
        {
            var stay = _firstStays[index] + step;
            var instant = entered[stay];
            at[index] = instant;
            found[index] = instant < _from || instant >= _to ? None : CellOf(instant, index, stay);
        }
    }

    void CountStandingBefore()
    {
        for (var step = 0; step < _steps; step++)
        {
            for (var index = 0; index < _count; index++)
            {
                if (_at[step][index] < _from && (step == _steps - 1 || _at[step + 1][index] >= _from))
                {
                    AddOne(CellOf(_from, index, _firstStays[index] + step), StandingBefore + _stages[step]);
                }
            }
        }
    }

    void CountDepartures(int step)
    {
        if (groups.AtEntry is null)
        {
            AddOne(_cells[step + 1], Departures + _stages[step]);
            return;
        }
        var left = _at[step + 1]; // by the values with which the stage was entered
        for (var index = 0; index < _count; index++)
        {
            if (left[index] >= _from && left[index] < _to)
            {
                AddOne(CellOf(left[index], index, _firstStays[index] + step), Departures + _stages[step]);
            }
        }
    }

    /// <summary>Whether the entry that reached a stage is of this stage.</summary>
    bool IsOwn(int rank) => _stages[_stepOf[rank]] == rank;

    int At(int pair, int count) => cells.PairAt(0, pair) + count;

    int CellOf(long instant, int index, int stay)
    {
        var group = groups.AtEntry is { } atEntry ? _groups[index] + atEntry[_chunk.Values[stay]] : _groups[index];
        return group < 0 ? None : cells.Find(group, periods.Of(instant));
    }

    void AddOne(int cell, int count)
    {
        if (cell != None)
        {
            cells.Counts[(cell * cells.Stride) + count]++;
        }
    }

    void AddOne(int[] found, int count)
    {
        var (counts, stride) = (cells.Counts, cells.Stride);
        for (var index = 0; index < _count; index++)
        {
            if (found[index] != None)
            {
                counts[(found[index] * stride) + count]++;
            }
        }
    }
}
