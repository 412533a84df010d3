using L2R.Ledger.Domain;
using static L2R.Metrics.Domain.Columns.WaterfallCells;

namespace L2R.Metrics.Domain.Columns;

/// <summary>Counts the journeys of one chunk after the other into the cells of one thread.</summary>
sealed class WaterfallScan(WaterfallQuery query, GroupIndex groups, PeriodIndex periods, WaterfallCells cells)
{
    static readonly (int From, int To)[] PairStages = [.. Pair.All.Select(pair => ((int)pair.From, (int)pair.To))];

    const int StageCount = 6;
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

    JourneyChunk _chunk = null!;
    int _detail;
    int _mismatch;
    int _group;

    public void Add(ChunkView view)
    {
        (_chunk, _detail, _mismatch) = (view.Chunk, 0, 0);
        var cut = _chunk.MaxEntered > _asOf;
        for (var journey = 0; journey < _chunk.Count; journey++)
        {
            if (view.IsGone(journey) || !Counts(journey))
            {
                continue;
            }
            var (first, end) = (_chunk.FirstStays[journey], _chunk.FirstStays[journey + 1]);
            if (cut)
            {
                while (end > first && _chunk.Entered[end - 1] > _asOf)
                {
                    end--;
                }
            }
            _group = (groups.Origin?[_chunk.Origins[journey]] ?? 0) + (groups.Current?[_chunk.Currents[journey]] ?? 0);
            if (end > first && _group >= 0)
            {
                Add(journey, first, end);
            }
        }
    }

    bool Counts(int journey) => query.Journeys switch
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
        for (var stay = first; stay < end; stay++)
        {
            var packed = _chunk.Stages[stay];
            var to = (int)JourneyChunk.StageOf(packed);
            var at = _chunk.Entered[stay];
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

        AddMismatches(journey, fixedCell);
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
        if (to != (int)Stage.ClosedWon)
        {
            return;
        }
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
            counts[WithoutAmount]++;
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
        var outOfOrder = (_chunk.Marks[journey] & JourneyChunk.OutOfOrder) != 0;
        if (outOfOrder)
        {
            outOfOrder = FindFirstEntries(first, end);
        }
        for (var rank = 0; rank < ranks; rank++)
        {
            if (_reachedIn[rank] is var cell and not None)
            {
                var counts = cells.Counts.AsSpan(cell * cells.Stride, cells.Stride);
                counts[Reach + rank]++;
                counts[Inferred + rank] += _reachedBy[rank] == rank ? 0 : 1;
                counts[OutOfOrder] += rank == 0 && outOfOrder ? 1 : 0;
            }
        }
        for (var pair = 0; pair < PairStages.Length && ranks > 0; pair++)
        {
            var (from, to) = PairStages[pair];
            if (from < ranks && _reachedIn[from] is var start and not None)
            {
                AddStart(start, pair, from, to < ranks ? _reachedAt[to] - _reachedAt[from] : long.MaxValue, endedAt);
                AddDuration(start, pair, kind: 0, from, to, ranks);
                cells.Counts[cells.PairAt(start, pair) + CohortOutOfOrder] += outOfOrder && IsOutOfOrder(from, to) ? 1 : 0;
            }
            if (to < ranks && _reachedIn[to] is var arrival and not None)
            {
                AddDuration(arrival, pair, kind: 1, from, to, ranks);
                cells.Counts[cells.PairAt(arrival, pair) + ThroughputOutOfOrder] += outOfOrder && IsOutOfOrder(from, to) ? 1 : 0;
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
        var followed = _asOf - _reachedAt[from];
        counts[Cohort]++;
        counts[Converted] += taken == long.MaxValue ? 0 : 1;
        counts[Open] += taken == long.MaxValue && endedAt == long.MaxValue ? 1 : 0;
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
            cells.Fates.Add((((cell * PairStages.Length) + pair) * FateKinds) + fate, time);
        }
    }

    void AddDuration(int cell, int pair, int kind, int from, int to, int ranks)
    {
        if (to < ranks && _reachedBy[from] == from && _reachedBy[to] == to)
        {
            cells.Durations.Add((((cell * PairStages.Length) + pair) * DurationKinds) + kind, _reachedAt[to] - _reachedAt[from]);
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
