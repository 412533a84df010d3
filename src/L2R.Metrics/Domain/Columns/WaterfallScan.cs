using L2R.Ledger.Domain;
using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain.Columns;

/// <summary>Counts the journeys of one chunk after the other into the cells of one thread.</summary>
sealed class WaterfallScan(WaterfallQuery query, GroupIndex groups, PeriodIndex periods, WaterfallCells cells)
{
    const int StageCount = 6;
    const int PairCount = 6; // five neighbours, and the first to the last
    const int LastPair = PairCount - 1;
    const int None = -1;

    readonly long _asOf = query.AsOf.UtcTicks;
    readonly long _from = query.From?.UtcTicks ?? long.MinValue;
    readonly long _to = query.To?.UtcTicks ?? long.MaxValue;
    readonly long[] _horizons = [.. query.Horizons.Select(horizon => horizon.Ticks)];
    readonly bool _hasCurve = query.CurveTimes.Count > 0;

    // Of the journey at hand, by rank: when it came so far, by an entry of which stage, in which cell.
    readonly long[] _reachedAt = new long[StageCount];
    readonly int[] _reachedBy = new int[StageCount];
    readonly int[] _reachedIn = new int[StageCount];
    readonly int[] _firstEntries = new int[StageCount];

    readonly JourneyRun _run = new(query, groups, periods, cells);

    JourneyChunk _chunk = null!;
    int _detail;
    int _mismatch;
    int _group;

    public void Add(ChunkView view)
    {
        (_chunk, _detail, _mismatch) = (view.Chunk, 0, 0);
        var cut = _chunk.MaxEntered > _asOf || _chunk.MaxRecorded > _asOf;
        var start = 0;
        foreach (var end in _chunk.RunEnds)
        {
            if (!cut && query.CohortBy is null && _run.IsOf(_chunk, start))
            {
                AddRun(view, start, end);
            }
            else
            {
                AddEach(view, start, end);
            }
            start = end;
        }
    }

    void AddEach(ChunkView view, int start, int stop)
    {
        for (var journey = start; journey < stop; journey++)
        {
            _group = GroupOf(journey);
            if (_group < 0 || view.IsGone(journey) || !IsSelected(journey))
            {
                continue;
            }
            var (first, end) = (_chunk.FirstStays[journey], _chunk.FirstStays[journey + 1]);
            while (end > first && _chunk.Entered[end - 1] > _asOf)
            {
                end--;
            }
            if (end > first)
            {
                Add(journey, first, end);
            }
        }
    }

    /// <summary>Journeys of which each went down the waterfall, never back, and in the same steps: what holds for one holds for all.</summary>
    void AddRun(ChunkView view, int start, int stop)
    {
        for (var journey = start; journey < stop; journey += JourneyRun.BlockSize)
        {
            var end = Math.Min(journey + JourneyRun.BlockSize, stop);
            _run.Take(_chunk, journey, end);
            if (view.Gone is not null || query.Journeys != JourneySelection.Any)
            {
                _run.Keep(taken => !view.IsGone(taken) && IsSelected(taken));
            }
            if (_chunk.Mismatches.Of.Length > 0)
            {
                foreach (var (taken, group) in _run.Taken())
                {
                    _group = group;
                    AddMismatches(taken, None);
                }
            }
            _run.Count();
            foreach (var (cell, stay) in _run.Wins())
            {
                AddAmount(cell, stay);
            }
        }
    }

    int GroupOf(int journey) =>
        (groups.Origin is { } origin ? origin[_chunk.Origins[journey]] : 0) + (groups.Current is { } current ? current[_chunk.Currents[journey]] : 0);

    bool IsSelected(int journey) => query.Journeys switch
    {
        JourneySelection.First => _chunk.Numbers[journey] == 1,
        JourneySelection.Latest => _chunk.IsLatest(journey, _asOf),
        _ => true,
    };

    void Add(int journey, int first, int end)
    {
        // In a cohort by a stage all belongs to the row that reached it.
        var fixedCell = None;
        if (query.CohortBy is { } stage && (fixedCell = CohortCell((int)stage, first, end)) == None)
        {
            return;
        }

        var (ranks, standing) = (0, None);
        var (stages, entered) = (_chunk.Stages, _chunk.Entered);
        for (var stay = first; stay < end; stay++)
        {
            var packed = stages[stay];
            var to = (int)JourneyChunk.StageOf(packed);
            var at = entered[stay];
            var cell = fixedCell != None ? fixedCell : CellAt(at, stay);
            if (to < StageCount)
            {
                for (; ranks <= to; ranks++)
                {
                    (_reachedAt[ranks], _reachedBy[ranks], _reachedIn[ranks]) = (at, to, cell);
                }
            }
            if (JourneyChunk.Stood(packed))
            {
                if (standing != None)
                {
                    AddLeaving(standing, at, fixedCell, cell);
                }
                standing = stay;
            }
            if (cell == None)
            {
                continue;
            }
            AddEntry(cell, to, stay);
            if (!JourneyChunk.Stood(packed))
            {
                cells.Counts[(cell * cells.Stride) + Departures + to]++;
            }
        }
        if (fixedCell == None)
        {
            AddStandingBefore(standing, left: long.MaxValue);
        }

        if (_chunk.Mismatches.Of.Length > 0)
        {
            AddMismatches(journey, fixedCell);
        }
        var standsIn = (int)JourneyChunk.StageOf(_chunk.Stages[standing]);
        AddReaches(journey, first, end, ranks, endedAt: standsIn >= StageCount ? _chunk.Entered[standing] : long.MaxValue);
    }

    int CohortCell(int rank, int first, int end)
    {
        for (var stay = first; stay < end; stay++)
        {
            var to = (int)JourneyChunk.StageOf(_chunk.Stages[stay]);
            if (to < StageCount && to >= rank)
            {
                return CellAt(_chunk.Entered[stay], stay);
            }
        }
        return None;
    }

    void AddEntry(int cell, int to, int stay)
    {
        var counts = cells.Counts.AsSpan(cell * cells.Stride, cells.Stride);
        counts[Entries + to]++;
        if (_chunk.MaxRecorded > _asOf && _chunk.Recorded[stay] > _asOf)
        {
            counts[Late]++;
        }
        if (to == (int)Stage.ClosedWon)
        {
            AddAmount(cell, stay);
        }
    }

    void AddAmount(int cell, int stay)
    {
        while (_detail < _chunk.Details.Of.Length && _chunk.Details.Of[_detail] < stay)
        {
            _detail++;
        }
        if (_detail < _chunk.Details.Of.Length && _chunk.Details.Of[_detail] == stay
            && _chunk.Details.Items[_detail] is { Amount: { } amount, Currency: { } currency })
        {
            cells.Won[(cell, currency)] = cells.Won.GetValueOrDefault((cell, currency)) + amount;
        }
        else
        {
            cells.Counts[(cell * cells.Stride) + WithoutAmount]++;
        }
    }

    /// <summary>Leaving a stage counts by the values with which it was entered.</summary>
    void AddLeaving(int stay, long left, int fixedCell, int cellOfNext)
    {
        if (fixedCell == None)
        {
            AddStandingBefore(stay, left);
        }
        var cell = fixedCell != None ? fixedCell : groups.AtEntry is null ? cellOfNext : CellAt(left, stay);
        if (cell != None)
        {
            cells.Counts[(cell * cells.Stride) + Departures + (int)JourneyChunk.StageOf(_chunk.Stages[stay])]++;
        }
    }

    void AddStandingBefore(int stay, long left)
    {
        // Also of a time that is empty: who stood there at its start stands there at its end.
        if (_from != long.MinValue && _chunk.Entered[stay] < _from && left >= _from && AnyCell(_from, _chunk.Values[stay]) is var cell and not None)
        {
            cells.Counts[(cell * cells.Stride) + StandingBefore + (int)JourneyChunk.StageOf(_chunk.Stages[stay])]++;
        }
    }

    void AddMismatches(int journey, int fixedCell)
    {
        var (of, items) = _chunk.Mismatches;
        while (_mismatch < of.Length && of[_mismatch] < journey)
        {
            _mismatch++;
        }
        for (; _mismatch < of.Length && of[_mismatch] == journey; _mismatch++)
        {
            var (at, values) = items[_mismatch];
            if (at <= _asOf && (fixedCell != None ? fixedCell : CellOf(at, values)) is var cell and not None)
            {
                cells.Counts[(cell * cells.Stride) + Mismatches]++;
            }
        }
    }

    void AddReaches(int journey, int first, int end, int ranks, long endedAt)
    {
        var outOfOrder = (_chunk.Marks[journey] & JourneyChunk.OutOfOrder) != 0 && FindFirstEntries(first, end);
        var counts = cells.Counts;
        for (var rank = 0; rank < ranks; rank++)
        {
            var cell = _reachedIn[rank];
            if (cell != None && _reachedBy[rank] != rank)
            {
                counts[(cell * cells.Stride) + Inferred + rank]++;
            }
        }
        if (ranks > 0 && outOfOrder && _reachedIn[0] != None)
        {
            counts[(_reachedIn[0] * cells.Stride) + OutOfOrder]++;
        }
        if (ranks == StageCount && _reachedIn[StageCount - 1] is var won and not None)
        {
            counts[(won * cells.Stride) + Reach + StageCount - 1]++;
        }
        for (var pair = 0; pair < ranks && pair < LastPair; pair++)
        {
            AddPair(pair, pair, pair + 1, ranks, endedAt, outOfOrder);
        }
        if (ranks > 0)
        {
            AddPair(LastPair, 0, StageCount - 1, ranks, endedAt, outOfOrder);
        }
    }

    /// <param name="from">A rank that was reached.</param>
    void AddPair(int pair, int from, int to, int ranks, long endedAt, bool outOfOrder)
    {
        var arrived = to < ranks;
        var taken = arrived ? _reachedAt[to] - _reachedAt[from] : long.MaxValue;
        var counted = arrived && _reachedBy[from] == from && _reachedBy[to] == to; // neither end is inferred
        var reversed = outOfOrder && IsOutOfOrder(from, to);
        if (_reachedIn[from] is var start and not None)
        {
            AddStart(start, pair, from, taken, endedAt);
            if (counted)
            {
                cells.Durations.Add(((start * PairCount) + pair) * DurationKinds, taken);
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
                cells.Durations.Add((((arrival * PairCount) + pair) * DurationKinds) + 1, taken);
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
        counts[Cohort]++;
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
            cells.Fates.Add((((cell * PairCount) + pair) * FateKinds) + fate, time);
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

    int CellAt(long instant, int stay) => CellOf(instant, _chunk.Values[stay]);

    /// <param name="values">As known at the instant.</param>
    /// <returns><see cref="None"/> where the time or a filter leaves it out, or there are too many groups.</returns>
    int CellOf(long instant, int values) => instant < _from || instant >= _to ? None : AnyCell(instant, values);

    int AnyCell(long instant, int values)
    {
        var group = groups.AtEntry is { } atEntry ? _group + atEntry[values] : _group;
        return group < 0 ? None : cells.Find(group, periods.Of(instant));
    }
}
