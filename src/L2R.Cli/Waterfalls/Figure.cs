using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>Figures as people read them.</summary>
static class Figure
{
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>56.3%; a dash where there is no value.</summary>
    public static string Percent(double? ratio) => ratio is { } value ? value.ToString("0.0%", CultureInfo.InvariantCulture) : "–";

    /// <summary>The ratio; <c>not mature yet</c> where journeys are only too young, a dash where there are none.</summary>
    public static string Ratio(Rate rate, long immature = 0) => rate.HasRatio ? Percent(rate.Ratio) : immature > 0 ? "not mature yet" : "–";

    public static string Interval(Rate rate) => rate.HasIntervalLowRatio ? Interval(rate.IntervalLowRatio, rate.IntervalHighRatio) : "";

    /// <summary>55.4 – 57.1%.</summary>
    public static string Interval(double low, double high) => string.Create(CultureInfo.InvariantCulture, $"{low * 100:0.0} – {high * 100:0.0}%");

    /// <summary>In the unit that a person would choose: 1.3 s, 44 s, 14 min, 4.1 h, 16.0 d.</summary>
    public static string Time(Duration? duration) => duration?.ToTimeSpan() switch
    {
        null => "–",
        { TotalSeconds: < 9.95 } span => Text($"{span.TotalSeconds:0.0} s"),
        { TotalSeconds: < 59.5 } span => Text($"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 59.5 } span => Text($"{span.TotalMinutes:0} min"),
        { TotalHours: < 23.95 } span => Text($"{span.TotalHours:0.0} h"),
        { } span => Text($"{span.TotalDays:0.0} d"),
    };

    /// <summary>As it was typed: 30d, 12h, 90m, 45s.</summary>
    public static string Horizon(Duration duration) => duration.Seconds switch
    {
        0 => "0d",
        var seconds when seconds % 86_400 == 0 => Text($"{seconds / 86_400}d"),
        var seconds when seconds % 3_600 == 0 => Text($"{seconds / 3_600}h"),
        var seconds when seconds % 60 == 0 => Text($"{seconds / 60}m"),
        var seconds => Text($"{seconds}s"),
    };

    public static string Money(Money money) => Text($"{money.CurrencyCode} {money.ToDecimal():#,0.00}");

    /// <summary>Whole units without the currency; a dash where there is no amount.</summary>
    public static string Whole(Money? money) => money is null ? "–" : Text($"{money.ToDecimal():#,0}");

    public static string Instant(Timestamp instant) => instant.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
