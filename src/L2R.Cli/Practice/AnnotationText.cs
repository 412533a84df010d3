using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.V1;

namespace L2R.Cli.Practice;

/// <summary>What people did, a line each: the day, what kind of thing, and what they said of it.</summary>
static class AnnotationText
{
    const int Columns = 100;

    /// <summary>What was done in the time of a series, by the days of its zone, below an empty line; nothing where it is no series.</summary>
    public static IEnumerable<string> Below(IMessage answer)
    {
        string[] lines = answer is KnownComparison comparison ? Both(comparison) : [.. Of(answer)];
        return lines.Length == 0 ? [] : lines.Prepend("");
    }

    /// <summary>Of two series of one time: those of the one that has more; the other's are among them.</summary>
    static string[] Both(KnownComparison comparison) =>
        [.. Of(comparison.Baseline?.Annotations.Count > comparison.Restated?.Annotations.Count ? comparison.Baseline : comparison.Restated)];

    static IEnumerable<string> Of(IMessage? answer)
    {
        var fields = answer?.Descriptor;
        return fields?.FindFieldByName("annotations")?.Accessor.GetValue(answer) is not IEnumerable<Annotation> annotations
            ? []
            : annotations.Select(annotation => Line(annotation, Zone((string)fields!.FindFieldByName("time_zone").Accessor.GetValue(answer))));
    }

    /// <summary>A list by itself, by the days of UTC.</summary>
    public static IEnumerable<string> ToLines(IReadOnlyCollection<Annotation> annotations, string? tenant) => annotations.Count == 0
        ? [$"No decisions and no activated policies of {(tenant is null ? "the token's tenant" : $"tenant {tenant}")} in that time."]
        : annotations.Select(annotation => Line(annotation, TimeZoneInfo.Utc));

    static string Line(Annotation annotation, TimeZoneInfo zone)
    {
        var kind = annotation.Kind switch
        {
            AnnotationKind.Decision => "decision",
            AnnotationKind.PolicyActivated => "activated",
            _ => "other", // of a later version
        };
        var tradeOff = annotation.TradeOff.Length == 0 ? "" : $" (gave up: {annotation.TradeOff})";
        var line = $"{Day(annotation.EventTime, zone)}  {kind,-9}  {annotation.DisplayName}: {annotation.Text}{tradeOff}";
        return TargetTable.Cut(string.Join(' ', line.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries)), Columns);
    }

    static string Day(Timestamp instant, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(instant.ToDateTimeOffset(), zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>UTC where this machine does not know it.</summary>
    static TimeZoneInfo Zone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
}
