using System.Buffers;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Columns;

/// <summary>One question being answered: counted by threads beside each other, put together, and put in order.</summary>
sealed class WaterfallAnswering
{
    const int ChunksOfThread = 4; // fewer are not worth another thread

    readonly JourneyColumns _journeys;
    readonly WaterfallQuery _query;
    readonly Workers _workers;
    readonly GroupIndex _groups;
    readonly PeriodIndex _periods;
    readonly Dictionary<GroupKey, GroupTally> _tallies = [];

    public WaterfallAnswering(JourneyColumns journeys, WaterfallQuery query, Workers workers)
    {
        (_journeys, _query, _workers, _groups) = (journeys, query, workers, new GroupIndex(query, journeys.Values));
        var chunks = journeys.Chunks.Where(view => view.Chunk.Count > 0).ToList();
        var first = chunks.Select(view => view.Chunk.MinEntered).DefaultIfEmpty(long.MaxValue).Min();
        var last = chunks.Select(view => view.Chunk.MaxEntered).DefaultIfEmpty(long.MinValue).Max();
        _periods = new PeriodIndex(
            query.Periods, Math.Max(first, query.From?.UtcTicks ?? long.MinValue), Math.Max(Math.Min(last, LastInstant().UtcTicks), query.From?.UtcTicks ?? long.MinValue));
    }

    public WaterfallAnswer Run(System.Threading.CancellationToken cancellationToken)
    {
        Tally(cancellationToken);
        return new(_query.AsOf, _query.KnownAt, [.. Groups()]);
    }

    /// <summary>What was counted of each group in which anything happened.</summary>
    /// <exception cref="TooManyGroupsException">There are more than the query allows.</exception>
    public IReadOnlyDictionary<GroupKey, GroupTally> Tally(System.Threading.CancellationToken cancellationToken)
    {
        var threads = Count(cancellationToken);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Merge(threads) is { } tooMany)
            {
                throw tooMany;
            }
        }
        finally
        {
            Array.ForEach(threads, cells => cells.Dispose());
        }
        return _tallies;
    }

    WaterfallCells[] Count(System.Threading.CancellationToken cancellationToken)
    {
        var threads = new WaterfallCells[Math.Clamp(_journeys.Chunks.Count / ChunksOfThread, 1, _workers.Count)];
        var next = -1;
        _workers.Run(threads.Length, thread =>
        {
            threads[thread] = new(_query, _groups.Count, _periods.Count);
            var scan = new WaterfallScan(_query, _groups, _periods, threads[thread]);
            while (!cancellationToken.IsCancellationRequested
                && System.Threading.Interlocked.Increment(ref next) is var chunk && chunk < _journeys.Chunks.Count)
            {
                scan.Add(_journeys.Chunks[chunk]);
            }
        });
        return threads;
    }

    /// <returns>Why there is no answer; null where there is.</returns>
    TooManyGroupsException? Merge(WaterfallCells[] threads)
    {
        var wholes = new Dictionary<long, int>();
        foreach (var key in threads.SelectMany(cells => cells.Keys))
        {
            wholes.TryAdd(key, wholes.Count);
        }
        if (wholes.Count > _query.MaxGroups || threads.Any(cells => cells.GroupsTooMany.Count > 0))
        {
            return TooMany(
                wholes.Keys.Select(GroupOf).Concat(threads.SelectMany(cells => cells.GroupsTooMany)),
                wholes.Keys.Select(PeriodOf).Concat(threads.Select(cells => cells.FirstPeriodTooMany)).Min());
        }

        var stride = WaterfallCells.StrideOf(_query);
        var counts = Enumerable.Range(0, wholes.Count).Select(_ => new long[stride]).ToArray();
        var won = Enumerable.Range(0, wholes.Count).Select(_ => new SortedDictionary<string, decimal>(StringComparer.Ordinal)).ToArray();
        foreach (var cells in threads)
        {
            for (var cell = 0; cell < cells.Keys.Count; cell++)
            {
                var whole = counts[wholes[cells.Keys[cell]]];
                var own = cells.Counts.AsSpan(cell * stride, stride);
                for (var index = 0; index < stride; index++)
                {
                    whole[index] += own[index];
                }
            }
            foreach (var ((cell, currency), amount) in cells.Won)
            {
                var whole = won[wholes[cells.Keys[cell]]];
                whole[currency] = whole.GetValueOrDefault(currency) + amount;
            }
        }

        foreach (var whole in counts)
        {
            WaterfallCells.Complete(whole, _query);
        }

        var velocities = Velocities(threads, wholes);
        var curves = Curves(threads, wholes);
        foreach (var (key, whole) in wholes)
        {
            _tallies.Add(KeyOf(key), new GroupTally(_query, counts[whole], won[whole], velocities[whole], curves[whole], _groups.IsUnknown(GroupOf(key))));
        }
        if (_query.Periods is null && _query.GroupBy.Count == 0 && _tallies.Count == 0)
        {
            _tallies.Add(default, Nothing);
        }
        return null;
    }

    Velocity[][] Velocities(WaterfallCells[] threads, Dictionary<long, int> wholes)
    {
        var kinds = _query.Pairs.Count * WaterfallCells.DurationKinds;
        var sorted = KeyedLog.Sort([.. threads.Select(cells => (cells.Durations, WholeKeys(cells, wholes, kinds)))], wholes.Count * kinds, _workers, out var starts);
        var velocities = new Velocity[wholes.Count][];
        _workers.Run(wholes.Count, whole =>
        {
            velocities[whole] = [.. Enumerable.Range(whole * kinds, kinds)
                .Select(key => Velocity.Of(sorted.AsSpan(starts[key], starts[key + 1] - starts[key]), outOfOrder: 0))];
        });
        ArrayPool<long>.Shared.Return(sorted);
        return velocities;
    }

    IReadOnlyList<CurvePoint>[][] Curves(WaterfallCells[] threads, Dictionary<long, int> wholes)
    {
        var kinds = _query.Pairs.Count * WaterfallCells.FateKinds;
        var sorted = KeyedLog.Sort([.. threads.Select(cells => (cells.Fates, WholeKeys(cells, wholes, kinds)))], wholes.Count * kinds, _workers, out var starts);
        var curves = new IReadOnlyList<CurvePoint>[wholes.Count][];
        _workers.Run(wholes.Count, whole =>
        {
            curves[whole] = [.. Enumerable.Range(0, _query.Pairs.Count).Select(pair =>
            {
                var key = (whole * kinds) + (pair * WaterfallCells.FateKinds);
                return AalenJohansen.Estimate(Of(key), Of(key + 1), Of(key + 2), _query.CurveTimes);
            })];
        });
        ArrayPool<long>.Shared.Return(sorted);
        return curves;

        List<long> Of(int key) => [.. sorted.AsSpan(starts[key], starts[key + 1] - starts[key])];
    }

    /// <summary>What each key of a thread's log is in the whole.</summary>
    static int[] WholeKeys(WaterfallCells cells, Dictionary<long, int> wholes, int kinds) =>
        [.. cells.Keys.SelectMany(key => Enumerable.Range(wholes[key] * kinds, kinds))];

    IEnumerable<WaterfallGroup> Groups()
    {
        var count = 0;
        foreach (var group in InOrder())
        {
            // Periods in which nobody moved are groups too.
            if (count++ == _query.MaxGroups)
            {
                throw TooMany(_tallies.Keys.Select(key => (key.First, key.Second)).Distinct().Count(), _tallies.Keys.Min(key => key.Period!.From));
            }
            yield return group;
        }
    }

    IEnumerable<WaterfallGroup> InOrder() => _tallies
        .GroupBy(group => (group.Key.First, group.Key.Second))
        .OrderBy(series => series.Key.First, StringComparer.Ordinal)
        .ThenBy(series => series.Key.Second, StringComparer.Ordinal)
        .SelectMany(series => _query.Periods is { } periods && _query.CohortBy is null
            ? InSequence(series.ToDictionary(), periods)
            : series.OrderBy(group => group.Key.Period?.From).Select(group => group.Value.ToGroup(group.Key, NoStock)));

    /// <summary>The periods of one series in their order, each with the stock that the one before it left.</summary>
    IEnumerable<WaterfallGroup> InSequence(Dictionary<GroupKey, GroupTally> series, ReportingCalendar periods)
    {
        var stock = NoStock;
        var end = LastInstant();
        var key = series.Keys.MinBy(candidate => candidate.Period!.From);
        for (var left = series.Count; left > 0 || key.Period!.From <= end; key = key with { Period = periods.After(key.Period!) })
        {
            if (series.TryGetValue(key, out var group))
            {
                left--;
            }
            else if (Array.TrueForAll(stock, count => count == 0))
            {
                continue; // nothing happened, and nobody stood anywhere
            }

            group ??= Nothing;
            yield return group.ToGroup(key, stock);
            stock = group.StockAfter(stock);
        }
    }

    TooManyGroupsException TooMany(IEnumerable<int> groups, int firstPeriod) =>
        TooMany(groups.Distinct().Count(), _periods[firstPeriod]?.From);

    TooManyGroupsException TooMany(int series, DateTimeOffset? first)
    {
        var most = _query.MaxGroups / series;
        if (_query.Periods is not { } periods || most == 0)
        {
            return new(_query.MaxGroups, longer: null, from: null);
        }

        var last = LastInstant();
        var longer = periods.Longer();
        while (longer?.Count(first!.Value, last) > most)
        {
            longer = longer.Longer();
        }
        return new(_query.MaxGroups, longer?.Kind, periods.StartOfLast(most, last));
    }

    GroupKey KeyOf(long key) => _groups.NamesOf(GroupOf(key)) is var (first, second) ? new(_periods[PeriodOf(key)], first, second) : default;

    int GroupOf(long key) => (int)(key / _periods.Count);

    int PeriodOf(long key) => (int)(key % _periods.Count);

    GroupTally Nothing => new(
        _query,
        new long[WaterfallCells.StrideOf(_query)],
        [],
        [.. Enumerable.Repeat(Velocity.Of([], 0), _query.Pairs.Count * WaterfallCells.DurationKinds)],
        [.. Enumerable.Repeat(AalenJohansen.Estimate([], [], [], _query.CurveTimes), _query.Pairs.Count)],
        isUnknown: false);

    /// <summary>The last instant that the query looks at.</summary>
    DateTimeOffset LastInstant() => _query.To <= _query.AsOf ? _query.To.Value.AddTicks(-1) : _query.AsOf;

    static long[] NoStock => new long[Stages.All.Count];
}
