namespace L2R.Metrics.Domain.Columns;

/// <summary>Finds the period of an instant by one look at a table of days.</summary>
sealed class PeriodIndex
{
    readonly List<Period> _periods = [];
    readonly long[] _ends; // ticks, not included
    readonly int[] _firstOfDay;
    readonly long _start;

    /// <param name="calendar">Null: all time is one period.</param>
    /// <param name="first">The first instant that will be asked for, ticks.</param>
    /// <param name="last">The last one.</param>
    public PeriodIndex(ReportingCalendar? calendar, long first, long last)
    {
        _start = first;
        if (calendar is null || first > last)
        {
            (_ends, _firstOfDay) = ([long.MaxValue], []);
            return;
        }

        for (var period = calendar.PeriodOf(At(first)); ; period = calendar.After(period))
        {
            _periods.Add(period);
            if (period.To.UtcTicks > last)
            {
                break;
            }
        }
        _ends = [.. _periods.Select(period => period.To.UtcTicks)];
        _firstOfDay = new int[((last - first) / TimeSpan.TicksPerDay) + 1];
        for (var (day, index) = (0, 0); day < _firstOfDay.Length; day++)
        {
            while (_ends[index] <= first + (day * TimeSpan.TicksPerDay))
            {
                index++;
            }
            _firstOfDay[day] = index;
        }
    }

    public int Count => _ends.Length;

    /// <summary>Null where all time is one period.</summary>
    public Period? this[int index] => _periods.Count == 0 ? null : _periods[index];

    public int Of(long instant)
    {
        if (_firstOfDay.Length == 0)
        {
            return 0;
        }
        var index = _firstOfDay[(instant - _start) / TimeSpan.TicksPerDay];
        while (instant >= _ends[index])
        {
            index++;
        }
        return index;
    }

    static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
