using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Costs;

/// <summary>The leads that wait after RECYCLED, as text.</summary>
static class NurtureText
{
    const int LastNumber = 5;

    public static IEnumerable<string> ToLines(Nurture answer)
    {
        var (rate, horizon) = (answer.ReEntry, Figure.Horizon(answer.Horizon));
        var wins = new TextTable("journey of its lead", "won", "wins", "amount", "without amount", "other currencies");
        foreach (var win in answer.Wins)
        {
            wins.Add(
                win.Number == LastNumber ? $"{LastNumber} and later" : $"{win.Number}", Figure.Count(win.WonJourneyCount), Figure.Count(win.WinCount), Figure.Money(win.WonAmount),
                Figure.Count(win.WithoutAmountCount), string.Join(" + ", win.LeftOutWonAmounts.Select(Figure.Money)));
        }
        var periods = new TextTable("period", "recycled", "pool at its end");
        foreach (var period in answer.Periods)
        {
            periods.Add(period.Period.Name, Figure.Count(period.RecycledCount), Figure.Count(period.PoolEndCount));
        }
        return
        [
            $"In the pool: {Words.Counted(answer.PoolCount, "lead")}",
            rate.HasRatio
                ? $"Re-entry within {horizon}: {Figure.Percent(rate.Ratio)} (95% interval {Figure.Interval(rate)}), {Figure.Count(rate.ConvertedCount)} of {Figure.Count(rate.CohortCount)} that were recycled"
                : $"Re-entry within {horizon}: –, {rate.NoValueReason}",
            $"Of them reopened instead: {Figure.Count(answer.ReopenedCount)}. Not followed for so long yet: {Figure.Count(answer.ImmatureCount)}",
            "",
            .. answer.Periods.Count > 0 ? [.. periods.ToLines(), ""] : Array.Empty<string>(),
            .. answer.Wins.Count > 0 ? wins.ToLines() : ["No win in this time."],
            "",
            .. AnswerFooter.Of(answer.AsOf, answer.KnownAt, answer.Quality),
            $"{Words.Counted(answer.JourneyCount, "journey")} in the ledger; periods of {answer.TimeZone}",
        ];
    }
}
