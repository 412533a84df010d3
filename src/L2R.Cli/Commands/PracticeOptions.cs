using System.CommandLine;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary>What the commands of targets and triggers ask for in the same words.</summary>
static class PracticeOptions
{
    static readonly OrderedDictionary<string, Cadence> Cadences = new()
    {
        ["day"] = Cadence.Day,
        ["week"] = Cadence.Week,
        ["month"] = Cadence.Month,
        ["quarter"] = Cadence.Quarter,
        ["fiscal-year"] = Cadence.FiscalYear,
    };

    public static Option<Cadence?> Period(string name, string description) => QuestionOptions.Create<Cadence?>(
        name, "month", $"{description}: {string.Join(", ", Cadences.Keys)}",
        text => Cadences.TryGetValue(text, out var cadence) ? cadence : throw new FormatException($"one of {string.Join(", ", Cadences.Keys)}; not '{text}'"));

    public static Option<TargetSegment?> Segment() => QuestionOptions.Create<TargetSegment?>(
        "--segment", "segment=enterprise", "Only journeys with this value of this dimension. All of them unless given",
        text => WaterfallQuestion.Filter(text) is { IncludeUnknown: false, Values: [var value] } filter
            ? new TargetSegment { Dimension = filter.Dimension, Value = value }
            : throw new FormatException($"one value of one dimension, as in segment=enterprise; not '{text}'"));

    /// <summary>The resource name of what a person typed: with its collection or without.</summary>
    /// <param name="prefix">Such as <c>targets/</c>.</param>
    public static string Name(string prefix, string typed) => typed.StartsWith(prefix, StringComparison.Ordinal) ? typed : prefix + typed;
}
