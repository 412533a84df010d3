using System.Globalization;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>Figures as they stand in a sentence.</summary>
public static class Plain
{
    /// <summary>SAL → SQL.</summary>
    public static string Name(Pair pair) => $"{pair.From.Name()} → {pair.To.Name()}";

    /// <summary>41%; 4.1% below a tenth.</summary>
    public static string Percent(double ratio) => ratio.ToString(ratio is > 0 and < 0.0995 ? "0.0%" : "0%", CultureInfo.InvariantCulture);

    /// <summary>41% of 512 (37 to 45%).</summary>
    /// <param name="rate">With a value.</param>
    public static string Rate(Rate rate) => Text(
        $"{Percent(rate.Value!.Value)} of {rate.N:#,0} ({Percent(rate.Interval!.Value.Low).TrimEnd('%')} to {Percent(rate.Interval.Value.High)})");

    /// <summary>EUR 1.2m; EUR 12k; EUR 310.</summary>
    public static string Amount(decimal amount, string currency) => $"{currency} " + Math.Abs(amount) switch
    {
        >= 999_500_000 => Text($"{amount / 1_000_000_000:#,0.0}bn"),
        >= 999_500 => Text($"{amount / 1_000_000:0.0}m"),
        >= 9_995 => Text($"{amount / 1_000:0}k"),
        >= 1_000 => Text($"{amount / 1_000:0.0}k"),
        _ => Text($"{amount:0}"),
    };

    /// <summary>12 days; 1 day; 5 hours below one and a half days.</summary>
    public static string Time(TimeSpan span) => span.TotalDays >= 1.5 || span == TimeSpan.FromDays(1) ? Days(span) : Text($"{span.TotalHours:0.#} hours");

    /// <summary>30 days.</summary>
    public static string Days(TimeSpan span) => span == TimeSpan.FromDays(1) ? "1 day" : Text($"{span.TotalDays:0.#} days");

    /// <summary>a, b and c.</summary>
    public static string List(IReadOnlyList<string> items) => items.Count < 2
        ? string.Concat(items)
        : $"{string.Join(", ", items.SkipLast(1))} and {items[^1]}";

    /// <summary>In every culture the same.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
