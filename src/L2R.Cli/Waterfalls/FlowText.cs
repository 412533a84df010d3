using L2R.Ledger.V1;
using L2R.Metrics.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>The flow as text: for each period what came, what left and where to.</summary>
static class FlowText
{
    const int LongestReason = 50;

    public static IEnumerable<string> ToLines(Flow flow) =>
    [
        .. flow.Periods.Count == 0 ? ["No journey is in question: the filters or the time leave none.", ""] : flow.Periods.SelectMany(Table),
        .. AnswerFooter.Of(flow.AsOf, flow.KnownAt, flow.Quality),
        $"{Words.Counted(flow.JourneyCount, "journey")} in the ledger; periods of {flow.TimeZone}",
    ];

    static IEnumerable<string> Table(FlowPeriod period)
    {
        var stages = new TextTable(period.Period?.Name ?? "stage", "at start", "came", "left", "at end");
        foreach (var stage in period.Stages)
        {
            stages.Add(
                WaterfallTable.Name(stage.Stage),
                Figure.Count(stage.StockStartCount),
                Figure.Count(stage.EntryCount),
                Figure.Count(stage.DepartureCount),
                Figure.Count(stage.StockEndCount));
        }
        var moves = new TextTable("moves", "journeys");
        foreach (var move in period.Moves)
        {
            var from = move.From == Stage.Unspecified ? "start" : WaterfallTable.Name(move.From);
            moves.Add($"{from} → {WaterfallTable.Name(move.To)}{Reason(move.Reason)}", Figure.Count(move.Count));
        }
        return [.. stages.ToLines(), .. period.Moves.Count > 0 ? moves.ToLines().Prepend("") : [], ""];
    }

    static string Reason(string reason) =>
        reason.Length == 0 ? "" : reason.Length > LongestReason ? $" ({reason[..(LongestReason - 1)]}…)" : $" ({reason})";
}
