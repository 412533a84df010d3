using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Practice;

/// <summary>Targets as a person reads them.</summary>
static class TargetTable
{
    const int LongestSegment = 16; // so that the widest row has 100 columns

    public static IEnumerable<string> ToLines(IReadOnlyCollection<Target> targets, string? tenant)
    {
        if (targets.Count == 0)
        {
            return [$"No targets of {(tenant is null ? "the token's tenant" : $"tenant {tenant}")}: ./l2r targets create makes one."];
        }
        var table = new TextTable("pair", "of", "goal", "from (UTC)", "until");
        foreach (var target in targets)
        {
            table.Add(
                $"{WaterfallTable.Name(target.From)} → {WaterfallTable.Name(target.To)}",
                Cut(target.Segment is { } segment ? $"{segment.Dimension}={segment.Value}" : "all", LongestSegment),
                Goal(target),
                Instant(target.EffectiveStartTime),
                target.EffectiveEndTime is { } end ? Instant(end) : "");
        }
        return table.ToLines();
    }

    /// <summary>The text, or its beginning and an ellipsis.</summary>
    public static string Cut(string text, int longest) => text.Length <= longest ? text : $"{text[..(longest - 1)]}…";

    static string Goal(Target target) => target.GoalCase switch
    {
        Target.GoalOneofCase.Volume => $"{Figure.Count(target.Volume.ReachCount)} a {Period(target.Volume.Period)}",
        Target.GoalOneofCase.Conversion => $"{Figure.Percent(target.Conversion.Ratio)} in {Figure.Horizon(target.Conversion.Horizon)}",
        Target.GoalOneofCase.Velocity => $"median {Figure.Time(target.Velocity.Median)} in {Figure.Horizon(target.Velocity.Horizon)}",
        _ => "newer than this program", // a kind of goal that was added since
    };

    public static string Period(Cadence cadence) => cadence == Cadence.FiscalYear ? "fiscal year" : cadence.ToString().ToLowerInvariant();

    // A target mostly begins with a day.
    static string Instant(Timestamp instant) => instant.ToDateTimeOffset() is var at && at.TimeOfDay == TimeSpan.Zero
        ? at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
