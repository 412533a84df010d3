using System.Collections.Concurrent;
using System.Globalization;

namespace L2R.Metrics.Domain;

public enum PeriodKind
{
    Day,

    /// <summary>Monday to Sunday, ISO 8601.</summary>
    Week,
    Month,

    /// <summary>Of the calendar year.</summary>
    Quarter,

    /// <summary>Twelve months from the calendar's first month on.</summary>
    FiscalYear,
}

/// <summary>A period of the reporting zone, as instants.</summary>
/// <param name="Name">Such as 2026-01-31, 2026-W05, 2026-01, 2026-Q1, FY2026, or FY2026/27 for a year that begins in 2026.</param>
/// <param name="From">Included.</param>
/// <param name="To">Not included.</param>
public sealed record Period(string Name, DateTimeOffset From, DateTimeOffset To)
{
    // Periods are keys of every table: of one kind no two begin together.
    public override int GetHashCode() => From.GetHashCode();
}

/// <summary>Cuts time into the periods of a tenant's reporting zone.</summary>
/// <remarks>Remembers the periods that it was asked for, by many at once.</remarks>
/// <param name="zone">Where days begin.</param>
/// <param name="fiscalStartMonth">1 to 12.</param>
public sealed class ReportingCalendar(PeriodKind kind, TimeZoneInfo zone, int fiscalStartMonth = 1)
{
    readonly ConcurrentDictionary<DateTimeOffset, Period> _byStart = [];
    readonly ConcurrentDictionary<int, Period> _byDay = []; // of the days of UTC that it was asked for

    public PeriodKind Kind => kind;

    /// <summary>The period that holds an instant.</summary>
    public Period PeriodOf(DateTimeOffset instant)
    {
        var day = (int)(instant.UtcTicks / TimeSpan.TicksPerDay);
        if (!_byDay.TryGetValue(day, out var period) || instant < period.From || instant >= period.To)
        {
            var start = StartOf(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime));

            // Where clocks go back across midnight the old date comes a second time: that hour belongs to the period that has begun.
            period = Starting(start);
            period = instant < period.To ? period : Starting(Next(start));
            period = _byStart.GetOrAdd(period.From, period);
            _byDay[day] = period;
        }
        return period;
    }

    /// <summary>The period that follows.</summary>
    public Period After(Period period) => PeriodOf(period.To);

    /// <summary>The first instant of the last so many periods, the one that holds an instant included.</summary>
    /// <param name="count">At least 1.</param>
    public DateTimeOffset StartOfLast(int count, DateTimeOffset until)
    {
        var period = PeriodOf(until);
        for (; count > 1; count--)
        {
            period = PeriodOf(period.From.AddTicks(-1));
        }
        return period.From;
    }

    /// <summary>How many periods there are from the one that holds an instant to the one that holds a later one.</summary>
    public int Count(DateTimeOffset first, DateTimeOffset last)
    {
        var count = 1;
        for (var period = PeriodOf(first); period.To <= last; period = After(period))
        {
            count++;
        }
        return count;
    }

    /// <summary>The same zone, cut into the next longer periods. Null where there are none.</summary>
    public ReportingCalendar? Longer() => kind == PeriodKind.FiscalYear ? null : new(kind + 1, zone, fiscalStartMonth);

    Period Starting(DateOnly start) => new(NameOf(start), Midnight(start), Midnight(Next(start)));

    DateOnly StartOf(DateOnly date) => kind switch
    {
        PeriodKind.Day => date,
        PeriodKind.Week => date.AddDays(-(((int)date.DayOfWeek + 6) % 7)),
        PeriodKind.Month => FirstOfMonth(date),
        PeriodKind.Quarter => FirstOfMonth(date).AddMonths(-((date.Month - 1) % 3)),
        _ => FirstOfMonth(date).AddMonths(-((date.Month - fiscalStartMonth + 12) % 12)),
    };

    DateOnly Next(DateOnly start) => kind switch
    {
        PeriodKind.Day => start.AddDays(1),
        PeriodKind.Week => start.AddDays(7),
        PeriodKind.Month => start.AddMonths(1),
        PeriodKind.Quarter => start.AddMonths(3),
        _ => start.AddYears(1),
    };

    string NameOf(DateOnly start) => kind switch
    {
        PeriodKind.Day => start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        PeriodKind.Week => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(start):0000}-W{ISOWeek.GetWeekOfYear(start):00}"),
        PeriodKind.Month => start.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        PeriodKind.Quarter => string.Create(CultureInfo.InvariantCulture, $"{start.Year:0000}-Q{((start.Month - 1) / 3) + 1}"),
        _ when fiscalStartMonth == 1 => string.Create(CultureInfo.InvariantCulture, $"FY{start.Year:0000}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"FY{start.Year:0000}/{(start.Year + 1) % 100:00}"),
    };

    static DateOnly FirstOfMonth(DateOnly date) => new(date.Year, date.Month, 1);

    /// <summary>The first instant of a date. Where midnight comes twice the first; where it is skipped the instant of the skip.</summary>
    DateTimeOffset Midnight(DateOnly date)
    {
        var local = date.ToDateTime(TimeOnly.MinValue);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local - offset, TimeSpan.Zero);
    }
}
