using L2R.Ledger.Domain;
using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain.Columns;

/// <summary>Counts the journeys of one chunk after the other into the cells of one thread.</summary>
sealed partial class WaterfallScan(WaterfallQuery query, GroupIndex groups, PeriodIndex periods, WaterfallCells cells)
{
    const int StageCount = 6;
    const int None = -1;

    readonly long _asOf = query.AsOf.UtcTicks;
    readonly long _from = query.From?.UtcTicks ?? long.MinValue;
    readonly long _to = query.To?.UtcTicks ?? long.MaxValue;
    readonly long[] _horizons = [.. query.Horizons.Select(horizon => horizon.Ticks)];
    readonly bool _hasCurve = query.CurveTimes.Count > 0;
    readonly bool _hasVelocity = query.HasVelocity;
    readonly Pair[] _pairs = [.. query.Pairs];

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
