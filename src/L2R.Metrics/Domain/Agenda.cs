using System.Globalization;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>The sentences of reviews.</summary>
public static class Agenda
{
    /// <summary>A trigger's figure, and what it passed.</summary>
    public static string Fired(Condition.Metric condition, Reading reading)
    {
        var side = condition.Comparison == Comparison.Below ? "below" : "above";
        var all = reading.Interval is null ? "" : "the whole interval is ";
        return $"{Sentence(reading)}: {all}{side} the threshold of {Value(condition.Threshold, reading.Measure)}.";
    }

    public static string Came(DateOnly date) => Text($"The date has come: {date:yyyy-MM-dd}.");

    /// <param name="policy">Its resource name.</param>
    /// <param name="reason">Why this version differs from the one before.</param>
    public static string Activated(string policy, string displayName, DateTimeOffset at, string reason) =>
        Text($"{displayName} ({policy}) decides since {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {reason}");

    public static string FollowUp(Decision decision) =>
        Text($"On {decision.Time.UtcDateTime:yyyy-MM-dd} it was decided: {decision.Text} Trade-off: {decision.TradeOff}");

    /// <summary>A figure after a decision beside the one that led to it.</summary>
    public static string Effect(Reading before, Reading after) =>
        $"Before the decision: {Sentence(before)}. After it: {Sentence(after)}. This is no proof that the decision caused the difference.";

    /// <summary>A figure, and the target that is in force.</summary>
    public static string Standing(Reading reading, Goal? goal)
    {
        var target = goal switch
        {
            Goal.Volume(var count, _) => (double)count,
            Goal.Conversion(var ratio, _) => ratio,
            Goal.Velocity(var median, _) => median.TotalDays,
            _ => (double?)null,
        };
        return target is { } aim
            ? $"{Sentence(reading)}. Target: {Value(aim, reading.Measure)}, {Judged(reading, aim)}."
            : $"{Sentence(reading)}.";
    }

    /// <summary>LEAD to MQL within 30 d, 2026-01: 34.0% (95%: 31.1 – 37.0%, n 1,020).</summary>
    public static string Sentence(Reading reading)
    {
        var what = reading.Measure switch
        {
            Measure.Volume => $"Journeys that reached {reading.Pair.To.Name()}",
            Measure.Conversion(var horizon) => Text($"{reading.Pair.From.Name()} to {reading.Pair.To.Name()} within {Days(horizon)}"),
            _ => Text($"Median from {reading.Pair.From.Name()} to {reading.Pair.To.Name()} of those within {Days(reading.Measure.Maturity)}"),
        };
        var whose = reading.Segment is { } segment ? $" ({segment.Dimension} {segment.Value})" : "";
        if (reading.Value is not { } value)
        {
            return $"{what}{whose}, {reading.Period.Name}: no figure, there were no journeys";
        }
        var rests = reading is { Measure: Measure.Volume, Interval: var mean }
            ? mean is { } around ? Text($" (95%: {Value(around.Low, reading.Measure)} to {Value(around.High, reading.Measure)})") : ""
            : reading.Interval is { } interval ? Text($" (95%: {Value(interval.Low, reading.Measure)} to {Value(interval.High, reading.Measure)}, n {reading.N:#,0})")
            : Text($" (too few for an interval, n {reading.N:#,0})");
        return $"{what}{whose}, {reading.Period.Name}: {Value(value, reading.Measure)}{rests}";
    }

    /// <summary>Met or missed only where the whole interval says so.</summary>
    static string Judged(Reading reading, double target)
    {
        if (reading.Value is not { } value || (reading.Interval is null && reading.Measure is not Measure.Volume))
        {
            return "not enough data";
        }
        var (low, high) = reading.Interval is { } interval ? (interval.Low, interval.High) : (value, value);
        var isLowGood = reading.Measure is Measure.Velocity;
        return (isLowGood ? high <= target : low >= target) ? "met"
            : (isLowGood ? low > target : high < target) ? "missed"
            : "within the interval";
    }

    static string Value(double value, Measure measure) => measure switch
    {
        Measure.Volume => Text($"{value:#,0.#}"),
        Measure.Conversion => Text($"{value * 100:0.0}%"),
        _ => Text($"{value:0.0} d"),
    };

    static string Days(TimeSpan span) => span.Ticks % TimeSpan.TicksPerDay == 0 ? Text($"{span.TotalDays:0} d") : Text($"{span.TotalHours:0.##} h");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
