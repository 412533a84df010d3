using L2R.ServiceDefaults;
using L2R.Type.V1;

namespace L2R.Opportunity.Api;

/// <summary>Between exact amounts on the wire, units and billionths, and decimals; between days on the wire and dates.</summary>
static class MoneyMapping
{
    const int MaxNanos = 999_999_999;
    const decimal NanosPerUnit = 1_000_000_000m;

    public static decimal ToDecimal(Money money) => money.Units + (money.Nanos / NanosPerUnit);

    /// <param name="amount">At most 9 decimal places.</param>
    public static Money ToProto(decimal amount, string currency)
    {
        var units = decimal.Truncate(amount);
        return new Money { CurrencyCode = currency, Units = (long)units, Nanos = (int)((amount - units) * NanosPerUnit) };
    }

    /// <returns>Null when it is unset, or breaks a rule; the second adds a problem.</returns>
    public static decimal? Amount(this List<FieldProblem> problems, string field, Money? money)
    {
        if (money is null)
        {
            return null;
        }
        var before = problems.Count;
        if (money.CurrencyCode.Length == 0)
        {
            problems.Add(new($"{field}.currency_code", "is required"));
        }
        problems.Currency($"{field}.currency_code", money.CurrencyCode);
        if (money.Units < 0)
        {
            problems.Add(new($"{field}.units", "must not be negative"));
        }
        if (money.Nanos is < 0 or > MaxNanos)
        {
            problems.Add(new($"{field}.nanos", $"must be 0 to {MaxNanos}"));
        }
        return problems.Count == before ? ToDecimal(money) : null;
    }

    public static Date ToProto(DateOnly date) => new() { Year = date.Year, Month = date.Month, Day = date.Day };

    /// <returns>Null when it is unset, or no day; the second adds a problem.</returns>
    public static DateOnly? Day(this List<FieldProblem> problems, string field, Date? date)
    {
        if (date is null)
        {
            return null;
        }
        if (date is { Year: >= 1 and <= 9999, Month: >= 1 and <= 12, Day: >= 1 } && date.Day <= DateTime.DaysInMonth(date.Year, date.Month))
        {
            return new DateOnly(date.Year, date.Month, date.Day);
        }
        problems.Add(new(field, "must be a day of the calendar, with year, month and day"));
        return null;
    }
}
