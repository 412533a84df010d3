namespace L2R.Metrics.Domain;

/// <summary>How a tenant reports.</summary>
/// <param name="TimeZone">IANA name of the zone in which periods begin.</param>
/// <param name="CurrencyCode">ISO 4217.</param>
/// <param name="FiscalStartMonth">1 to 12.</param>
/// <param name="UpdateTime">Null while these are the defaults.</param>
/// <param name="Version">0 for the defaults; grows by one with each write.</param>
public sealed record ReportingSettings(string TimeZone, string CurrencyCode, int FiscalStartMonth, DateTimeOffset? UpdateTime, long Version)
{
    /// <summary>What questions may group and filter by beside what L2R itself knows.</summary>
    public CustomDimensions Custom { get; init; } = CustomDimensions.None;

    /// <summary>Which journeys are in no figure.</summary>
    public ScopeRules OutOfScope { get; init; } = ScopeRules.None;

    public static ReportingSettings Default { get; } = new("UTC", "EUR", FiscalStartMonth: 1, UpdateTime: null, Version: 0);
}
