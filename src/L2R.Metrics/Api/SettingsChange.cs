using Google.Protobuf.Collections;
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
    const string CustomDimensions = "custom_dimensions";
    const string OutOfScope = "out_of_scope_rules";
    const int MaxCustomDimensions = 50;

    /// <param name="now">What may be named in rules.</param>
    public static Func<ReportingSettings, ReportingSettings> Read(Settings wanted, FieldMask? mask, ReportingSettings now, List<FieldProblem> problems)
    {
        var named = mask is { Paths.Count: > 0 } ? mask.Paths.ToHashSet() : SetFields(wanted);
        problems.Mask(named, [TimeZone, CurrencyCode, FiscalStartMonth, CustomDimensions, OutOfScope]);
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
        var declared = named.Contains(CustomDimensions) ? Declared(wanted.CustomDimensions, problems) : null;
        var rules = named.Contains(OutOfScope) ? OutOfScopeRules.Read(wanted.OutOfScopeRules, declared is null ? now : now with { Custom = now.Custom.With(declared) }, problems) : null;
        return before => before with
        {
            TimeZone = named.Contains(TimeZone) ? wanted.TimeZone : before.TimeZone,
            CurrencyCode = named.Contains(CurrencyCode) ? wanted.CurrencyCode : before.CurrencyCode,
            FiscalStartMonth = named.Contains(FiscalStartMonth) ? wanted.FiscalStartMonth : before.FiscalStartMonth,
            Custom = declared is null ? before.Custom : before.Custom.With(declared),
            OutOfScope = rules ?? before.OutOfScope,
        };
    }

    static Dictionary<string, DimensionKind> Declared(RepeatedField<CustomDimension> wanted, List<FieldProblem> problems)
    {
        const string Field = $"settings.{CustomDimensions}";
        WaterfallRequests.AtMost(Field, wanted.Count, MaxCustomDimensions, problems);
        var declared = new Dictionary<string, DimensionKind>();
        foreach (var (index, dimension) in wanted.Index())
        {
            if (dimension.Name.Length == 0)
            {
                problems.Add(new($"{Field}[{index}].name", FieldProblem.Required));
            }
            problems.CustomName($"{Field}[{index}].name", dimension.Name);
            WaterfallRequests.Defined(dimension.Kind, $"{Field}[{index}].kind", problems);
            var kind = dimension.Kind == CustomDimensionKind.Unspecified ? DimensionKind.Current : (DimensionKind)((int)dimension.Kind - 1);
            if (!declared.TryAdd(dimension.Name, kind))
            {
                problems.Add(new($"{Field}[{index}].name", "must not repeat an earlier one"));
            }
        }
        return declared;
    }

    static HashSet<string> SetFields(Settings wanted) =>
    [
        .. wanted.TimeZone.Length > 0 ? [TimeZone] : Array.Empty<string>(),
        .. wanted.CurrencyCode.Length > 0 ? [CurrencyCode] : Array.Empty<string>(),
        .. wanted.FiscalStartMonth != 0 ? [FiscalStartMonth] : Array.Empty<string>(),
        .. wanted.CustomDimensions.Count > 0 ? [CustomDimensions] : Array.Empty<string>(),
        .. wanted.OutOfScopeRules.Count > 0 ? [OutOfScope] : Array.Empty<string>(),
    ];
}
