using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>Suggested targets, a goal planned back, the outlook, and why revenue changed, as text.</summary>
static class PlanningText
{
    public static IEnumerable<string> ToLines(TargetSuggestions suggestions) =>
    [
        .. suggestions.Suggestions.SelectMany(suggestion => Wrapped.Lines(suggestion.Sentence)),
        "",
        "From the median of the last eight mature periods to their better quarter.",
        .. AnswerFooter.Of(suggestions.AsOf, suggestions.KnownAt, suggestions.Quality),
    ];

    public static IEnumerable<string> ToLines(GoalPlan plan)
    {
        var stages = new TextTable("stage", "needed", "reached", "goes on", "of", "before the win");
        foreach (var stage in plan.Stages)
        {
            stages.Add(
                WaterfallTable.Name(stage.Stage), Needed(stage.HasNeededCount ? stage.NeededCount : null), Reached(stage.HasReachedCount ? stage.ReachedCount : null),
                stage.Chain is { } chain ? Figure.Ratio(chain) : "", stage.Chain is null ? "" : Figure.Count(stage.Chain.CohortCount), stage.Chain is null ? "" : Figure.Time(stage.MedianToWin));
        }
        var names = plan.Stages.SelectMany(stage => stage.Months, (_, month) => month.Month.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        var months = new TextTable(["needed (reached)", .. plan.Stages.Select(stage => WaterfallTable.Name(stage.Stage))]);
        foreach (var name in names)
        {
            months.Add([name, .. plan.Stages.Select(stage => Cell(stage.Months.FirstOrDefault(month => month.Month.Name == name)))]);
        }
        return
        [
            .. Wrapped.Lines(plan.Summary),
            "",
            .. stages.ToLines(),
            .. names.Count == 0 ? [] : months.ToLines().Prepend(""),
            "",
            $"{Words.Counted(plan.JourneyCount, "journey")} of the history, {Figure.Count(plan.WonCount)} won{(plan.AverageAmount is { } average ? $" for {Figure.Money(average)} each" : "")}.",
            .. AnswerFooter.Of(plan.AsOf, plan.KnownAt, plan.Quality),
        ];
    }

    public static IEnumerable<string> ToLines(Outlook outlook)
    {
        var table = new TextTable($"open now, {outlook.Total.ExpectedAmount?.CurrencyCode ?? "–"}", "open", "too old", "wins", "revenue", "from", "to", "learnt from");
        foreach (var stage in outlook.Stages)
        {
            Add(WaterfallTable.Name(stage.Stage), stage, $"{Figure.Count(stage.HistoryWonCount)} of {Figure.Count(stage.HistoryCount)}");
        }
        Add("all", outlook.Total, "");
        return
        [
            .. Wrapped.Lines(outlook.Summary),
            "",
            .. table.ToLines(),
            "",
            .. Wrapped.Lines("From and to: 95% of what chance does to each journey; what the history itself may be off by is not in it. Learnt from journeys that still stood at the stage at that age: those that had gone on say nothing of those that are left. Too old: fewer than 30 stood there so long."),
            .. AnswerFooter.Of(outlook.AsOf, outlook.KnownAt, outlook.Quality),
        ];

        void Add(string name, StageOutlook stage, string history) => table.Add(
            name, Figure.Count(stage.OpenCount), Figure.Count(stage.UnestimatedCount),
            stage.HasExpectedWinCount ? FormattableString.Invariant($"{stage.ExpectedWinCount:#,0.0}") : "–",
            Figure.Whole(stage.ExpectedAmount), Figure.Whole(stage.LowAmount), Figure.Whole(stage.HighAmount), history);
    }

    public static IEnumerable<string> ToLines(ChangeExplanation change)
    {
        var table = new TextTable("what changed", change.Change.CurrencyCode);
        foreach (var part in change.Parts)
        {
            table.Add(Name(part, change.Dimension), Signed(part.Amount));
        }
        table.Add("all of it", Signed(change.Change));
        return
        [
            .. Wrapped.Lines(change.Summary),
            "",
            .. table.ToLines(),
            "",
            $"Earlier: {Side(change.Before)}. Later: {Side(change.After)}.",
            .. AnswerFooter.Of(change.AsOf, change.KnownAt, change.Quality),
        ];
    }

    static string Side(RevenueSide side) =>
        $"{Words.Counted(side.JourneyCount, "journey")}{(side.ImmatureCount > 0 ? $", {Figure.Count(side.ImmatureCount)} too young" : "")}, {Figure.Money(side.WonAmount)} won";

    static string Name(RevenuePart part, string dimension) => part.Factor switch
    {
        ChangeFactor.Volume => "more or fewer journeys",
        ChangeFactor.Mix => $"the mix of {dimension}",
        ChangeFactor.DealSize => "won amount per won journey",
        ChangeFactor.Other => "wins no journey of the period leads to",
        _ => StagePair.Name(part.From, part.To),
    };

    static string Signed(Money money) => FormattableString.Invariant($"{money.ToDecimal():+#,0.00;-#,0.00;0.00}");

    static string Cell(MonthPlan? month) => month is null ? "" : Needed(month.NeededCount) + (month.HasReachedCount ? $" ({Reached(month.ReachedCount)})" : "");

    static string Needed(double? count) => count is { } needed ? Figure.Count((long)Math.Ceiling(needed)) : "–";

    static string Reached(long? count) => count is { } reached ? Figure.Count(reached) : "–";
}
