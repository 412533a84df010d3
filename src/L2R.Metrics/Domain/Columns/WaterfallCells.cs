namespace L2R.Metrics.Domain.Columns;

/// <summary>The counts of every group that one thread has come across, side by side in one array.</summary>
sealed class WaterfallCells : IDisposable
{
    // Where the counts of a cell are. Six stages have a reach; ten stages and exits have entries and a stock.
    public const int Reach = 0;
    public const int Inferred = Reach + 6;
    public const int Entries = Inferred + 6;
    public const int Departures = Entries + 10;
    public const int StandingBefore = Departures + 10;
    public const int Late = StandingBefore + 10;
    public const int OutOfOrder = Late + 1;
    public const int WithoutAmount = OutOfOrder + 1;
    public const int Mismatches = WithoutAmount + 1;
    const int Pairs = Mismatches + 1;

    // Where those of a pair are, from its own start. Two more for each horizon.
    public const int Cohort = 0;
    public const int StartedAbove = 1;
    public const int Converted = 2;
    public const int Open = 3;
    public const int CohortOutOfOrder = 4;
    public const int ThroughputOutOfOrder = 5;
    public const int Horizons = 6;

    /// <summary>Keys of a pair in <see cref="Durations"/>: by cohort, by throughput.</summary>
    public const int DurationKinds = 2;

    /// <summary>Keys of a pair in <see cref="Fates"/>: converted, ended, still open.</summary>
    public const int FateKinds = 3;

    const long LargestTable = 4_000_000;

    readonly int _maxCells;
    readonly int _periods;
    readonly int[]? _table; // cell number + 1, by key
    readonly Dictionary<long, int>? _numbers; // the same where a table would be too large
    readonly List<long> _keys = [];

    public WaterfallCells(WaterfallQuery query, long groups, int periods)
    {
        (_periods, _maxCells) = (periods, query.MaxGroups);
        PairStride = StrideOfPair(query);
        Stride = StrideOf(query);
        if (groups * periods <= LargestTable)
        {
            _table = new int[groups * periods];
        }
        else
        {
            _numbers = [];
        }
    }

    public int Stride { get; }

    public int PairStride { get; }

    /// <summary>Of one thread; <see cref="Complete"/> makes those of the whole.</summary>
    public int[] Counts { get; private set; } = [];

    /// <summary>Group × periods + period, of each cell.</summary>
    public IReadOnlyList<long> Keys => _keys;

    public KeyedLog Durations { get; } = new();

    public KeyedLog Fates { get; } = new();

    public Dictionary<(int Cell, string Currency), decimal> Won { get; } = [];

    /// <summary>Of the cells that were too many: enough to say what would be few enough.</summary>
    public HashSet<int> GroupsTooMany { get; } = [];

    public int FirstPeriodTooMany { get; private set; } = int.MaxValue;

    /// <returns>-1 where there are too many.</returns>
    public int Find(int group, int period)
    {
        var key = ((long)group * _periods) + period;
        var number = _table is not null ? _table[key] : _numbers!.GetValueOrDefault(key);
        return number != 0 ? number - 1 : Create(key, group, period);
    }

    public int PairAt(int cell, int pair) => (cell * Stride) + Pairs + (pair * PairStride);

    /// <summary>Fills in the counts of the whole that follow from others, which the scan therefore leaves out.</summary>
    /// <param name="counts">Of one cell, all threads together.</param>
    public static void Complete(Span<long> counts, WaterfallQuery query)
    {
        // Who reached a stage was at risk there or had started above it.
        for (var pair = 0; pair < query.Pairs.Count; pair++)
        {
            var at = PairIn(pair, query);
            counts[at + Cohort] = counts[Reach + (int)query.Pairs[pair].From] - counts[at + StartedAbove];
        }
    }

    /// <summary>How many counts a cell has.</summary>
    public static int StrideOf(WaterfallQuery query) => PairIn(query.Pairs.Count, query);

    /// <summary>Where the counts of a pair begin in those of a cell.</summary>
    public static int PairIn(int pair, WaterfallQuery query) => Pairs + (pair * StrideOfPair(query));

    static int StrideOfPair(WaterfallQuery query) => Horizons + (2 * query.Horizons.Count);

    public void Dispose()
    {
        Durations.Dispose();
        Fates.Dispose();
    }

    int Create(long key, int group, int period)
    {
        if (_keys.Count == _maxCells)
        {
            GroupsTooMany.Add(group);
            FirstPeriodTooMany = Math.Min(FirstPeriodTooMany, period);
            return -1;
        }
        _keys.Add(key);
        if ((_keys.Count * Stride) > Counts.Length)
        {
            var counts = Counts;
            Array.Resize(ref counts, Math.Max(Stride, 2 * counts.Length));
            Counts = counts;
        }
        if (_table is not null)
        {
            _table[key] = _keys.Count;
        }
        else
        {
            _numbers![key] = _keys.Count;
        }
        return _keys.Count - 1;
    }
}
