using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.Domain;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Reads which settings a caller changes; adds every rule that the new values break.</summary>
static class SettingsChange
{
    const string TimeZone = "time_zone";
    const string CurrencyCode = "currency_code";
    const string FiscalStartMonth = "fiscal_start_month";

    public static Func<ReportingSettings, ReportingSettings> Read(Settings wanted, FieldMask? mask, List<FieldProblem> problems)
    {
        var named = mask is { Paths.Count: > 0 } ? mask.Paths.ToHashSet() : SetFields(wanted);
        problems.Mask(named, [TimeZone, CurrencyCode, FiscalStartMonth]);
        if (named.Contains(TimeZone) && !TimeZoneInfo.TryFindSystemTimeZoneById(wanted.TimeZone, out _))
        {
            problems.Add(new($"settings.{TimeZone}", $"must be the IANA name of a zone such as Europe/Amsterdam, and is '{wanted.TimeZone.Echo()}'"));
        }
        if (named.Contains(CurrencyCode))
        {
            if (wanted.CurrencyCode.Length == 0)
            {
                problems.Add(new($"settings.{CurrencyCode}", FieldProblem.Required));
            }
            problems.Currency($"settings.{CurrencyCode}", wanted.CurrencyCode);
        }
        if (named.Contains(FiscalStartMonth) && wanted.FiscalStartMonth is < 1 or > 12)
        {
            problems.Add(new($"settings.{FiscalStartMonth}", "must be from 1 to 12"));
        }
        return before => before with
        {
            TimeZone = named.Contains(TimeZone) ? wanted.TimeZone : before.TimeZone,
            CurrencyCode = named.Contains(CurrencyCode) ? wanted.CurrencyCode : before.CurrencyCode,
            FiscalStartMonth = named.Contains(FiscalStartMonth) ? wanted.FiscalStartMonth : before.FiscalStartMonth,
        };
    }

    static HashSet<string> SetFields(Settings wanted) =>
    [
        .. wanted.TimeZone.Length > 0 ? [TimeZone] : Array.Empty<string>(),
        .. wanted.CurrencyCode.Length > 0 ? [CurrencyCode] : Array.Empty<string>(),
        .. wanted.FiscalStartMonth != 0 ? [FiscalStartMonth] : Array.Empty<string>(),
    ];
}
