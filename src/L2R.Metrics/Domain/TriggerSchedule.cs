namespace L2R.Metrics.Domain;

/// <summary>When a trigger is looked at, by the calendar of the tenant's reporting zone.</summary>
/// <remarks>Not for several threads at once.</remarks>
/// <param name="fiscalStartMonth">1 to 12.</param>
public sealed class TriggerSchedule(TimeZoneInfo zone, int fiscalStartMonth)
{
    // Rows of a period's last minutes may still be on their way, and a period is looked at once.
    static readonly TimeSpan Settling = TimeSpan.FromHours(1);

    readonly ReportingCalendar _days = new(PeriodKind.Day, zone);

    /// <summary>The first look: at the last period that is mature already, or the first date that has not passed.</summary>
    /// <returns>Null where nothing is due until a policy is activated, or the only date has passed.</returns>
    public Due? First(Condition condition, DateTimeOffset now) => condition switch
    {
        Condition.Metric metric => At(metric, LastMature(metric.Period, metric.Measure.Maturity, now)),
        Condition.Calendar calendar => At(Occurrence(calendar, date => date >= DateOf(now))),
        _ => null,
    };

    /// <summary>The look after one that was just taken. Of a metric no period is left out; of dates that passed unseen the last one counts.</summary>
    public Due? After(Condition condition, Due taken, DateTimeOffset now) => condition switch
    {
        Condition.Metric metric => At(metric, Periods(metric.Period).After(PeriodOf(metric, taken))),
        Condition.Calendar calendar => At(Occurrence(calendar, date => date > DateOf(now))),
        _ => null,
    };

    /// <summary>The period of a metric that a look is at.</summary>
    public Period PeriodOf(Condition.Metric metric, Due due) => Periods(metric.Period).PeriodOf(due.PeriodStart);

    /// <summary>The last period whose journeys have all been followed for so long, and an hour more.</summary>
    public Period LastMature(PeriodKind kind, TimeSpan maturity, DateTimeOffset now)
    {
        var periods = Periods(kind);
        return periods.PeriodOf(periods.PeriodOf(now - maturity - Settling).From.AddTicks(-1));
    }

    /// <summary>The last date of a calendar up to now; null where there is none.</summary>
    public DateOnly? LastDate(Condition.Calendar calendar, DateTimeOffset now)
    {
        var today = DateOf(now);
        DateOnly? last = null;
        for (var number = 0; Date(calendar, number) is { } date && date <= today; number++)
        {
            last = date;
        }
        return last;
    }

    /// <summary>The date of an instant.</summary>
    public DateOnly DateOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <summary>The first instant of a date.</summary>
    public DateTimeOffset StartOf(DateOnly date)
    {
        // No clock changes at noon.
        var noon = date.ToDateTime(new TimeOnly(12, 0));
        return _days.PeriodOf(new DateTimeOffset(noon - zone.GetUtcOffset(noon), TimeSpan.Zero)).From;
    }

    static Due At(Condition.Metric metric, Period period) => new(period.To + metric.Measure.Maturity + Settling, period.From);

    Due? At(DateOnly? date) => date is { } known ? new(StartOf(known), StartOf(known)) : null;

    static DateOnly? Occurrence(Condition.Calendar calendar, Func<DateOnly, bool> isWanted)
    {
        for (var number = 0; Date(calendar, number) is { } date; number++)
        {
            if (isWanted(date))
            {
                return date;
            }
        }
        return null;
    }

    /// <summary>The date of that number, from 0. Counted from the first one, so that a 31st stays one where the month has it.</summary>
    /// <returns>Null after the only date, and beyond the year 9999.</returns>
    static DateOnly? Date(Condition.Calendar calendar, int number)
    {
        if (number > 0 && calendar.Every is null)
        {
            return null;
        }
        var months = calendar.Every switch
        {
            PeriodKind.Month => 1,
            PeriodKind.Quarter => 3,
            PeriodKind.FiscalYear => 12,
            _ => 0,
        };
        var days = calendar.Every switch
        {
            PeriodKind.Day => 1,
            PeriodKind.Week => 7,
            _ => 0,
        };
        var isPastTheEnd = ((DateOnly.MaxValue.Year - calendar.First.Year) * 12L) - 12 < (long)months * number
            || DateOnly.MaxValue.DayNumber - calendar.First.DayNumber < (long)days * number;
        return isPastTheEnd && number > 0 ? null : calendar.First.AddMonths(months * number).AddDays(days * number);
    }

    ReportingCalendar Periods(PeriodKind kind) => new(kind, zone, fiscalStartMonth);
}
