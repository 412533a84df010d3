using System.Globalization;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Practice;

/// <summary>Triggers as a person reads them.</summary>
static class TriggerTable
{
    public const string Prefix = "triggers/";

    // So that the widest row has 100 columns.
    const int LongestName = 16;
    const int LongestCondition = 37;

    public static IEnumerable<string> ToLines(IReadOnlyCollection<Trigger> triggers, string? tenant)
    {
        if (triggers.Count == 0)
        {
            return [$"No triggers of {(tenant is null ? "the token's tenant" : $"tenant {tenant}")}: ./l2r triggers create makes one."];
        }
        var table = new TextTable("trigger", "state", "what", "fires");
        foreach (var trigger in triggers)
        {
            table.Add(
                trigger.Name[Prefix.Length..], trigger.Armed ? "armed" : "held", TargetTable.Cut(trigger.DisplayName, LongestName), TargetTable.Cut(Condition(trigger), LongestCondition));
        }
        return table.ToLines();
    }

    static string Condition(Trigger trigger) => trigger.ConditionCase switch
    {
        Trigger.ConditionOneofCase.Metric => Condition(trigger.Metric),
        Trigger.ConditionOneofCase.Calendar => trigger.Calendar is var calendar && calendar.Every == Cadence.Unspecified
            ? $"on {Day(calendar)}"
            : $"every {TargetTable.Period(calendar.Every)} from {Day(calendar)}",
        Trigger.ConditionOneofCase.PolicyActivated => "policy activated",
        _ => "newer than this program", // a kind of condition that was added since
    };

    static string Condition(MetricCondition metric)
    {
        var (side, pair) = (metric.Comparison == TriggerComparison.Below ? "<" : ">", $"{WaterfallTable.Name(metric.From)} → {WaterfallTable.Name(metric.To)}");
        return string.Create(CultureInfo.InvariantCulture, $"{metric.Measure.ToString().ToLowerInvariant()} {pair} {side} {metric.Threshold:0.####}");
    }

    static string Day(CalendarCondition calendar) =>
        string.Create(CultureInfo.InvariantCulture, $"{calendar.FirstDate.Year:0000}-{calendar.FirstDate.Month:00}-{calendar.FirstDate.Day:00}");
}
