using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using L2R.Cli.Waterfalls;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Simulation;

/// <summary>How a simulation of history ended. <c>--json</c> prints it.</summary>
/// <param name="Journeys">Drawn, those of leads that came back included.</param>
/// <param name="Rows">Of those journeys.</param>
/// <param name="Touches">Of those journeys.</param>
/// <param name="Comparison">Null where the ledger did not have all of them.</param>
sealed record SimulationReport(SimulationOptions Options, string Source, long Journeys, long Rows, long Touches, HistoryReport History, Comparison? Comparison)
{
    public const string Stopped = "stopped before the end: run the same command again, it goes on where this one stopped";

    static readonly string[] Header = ["truth", "rate", "95% interval", "of n", "", "truth", "curve", "95% interval", ""];

    static readonly (string Name, AttributionModel Model)[] Models =
        [.. SimulatedCredits.Models.Zip(["first", "last", "linear", "u", "w", "decay", "markov"], (model, name) => (name, model))];

    public string ToJson() => JsonSerializer.Serialize(this, SimulationReportJson.Default.SimulationReport);

    public IEnumerable<string> ToLines() => Comparison is { } compared
        ? [.. HistoryLines(), "", .. Tables(compared), .. TouchTables(compared.Touches), .. Verdicts(compared)]
        : [.. HistoryLines(), .. Wrapped.Lines(History.IsInLedger is null
            ? Stopped
            : "the ledger lacks some of them, and nothing has arrived for 3 minutes: see ./l2r status; run the same command again when all are healthy")];

    IEnumerable<string> HistoryLines() =>
    [
        Line(History.Rows, Words.Counted(History.Rows.Stored, "row"), Words.Counted(History.Rows.Unchanged, "row")),
        .. History.Touches.Sent == 0 ? Array.Empty<string>() : [Line(History.Touches, Words.Counted(History.Touches.Stored, "touch", "touches"), Words.Counted(History.Touches.Unchanged, "touch", "touches"))],
        .. History.Spends.Sent == 0 ? Array.Empty<string>() : [Line(History.Spends, Words.Counted(History.Spends.Stored, "spend"), Words.Counted(History.Spends.Unchanged, "spend"))],
        Text($"{History.Seconds:0.0} s, {(History.Rows.Sent + History.Touches.Sent + History.Spends.Sent) / Math.Max(0.001, History.Seconds):#,0}/s"),
    ];

    static string Line(SentCounts counts, string stored, string unchanged) => counts.Stored + counts.Corrected == 0
        ? $"nothing new: {unchanged} unchanged"
        : Text($"{stored} stored, {counts.Unchanged:#,0} unchanged, {counts.Corrected:#,0} corrected");

    static IEnumerable<string> Tables(Comparison compared)
    {
        foreach (var pair in compared.Pairs.GroupBy(row => (row.From, row.To, row.Days)))
        {
            var table = new TextTable([Text($"{Short(pair.Key.From)} → {Short(pair.Key.To)}, {pair.Key.Days} d"), .. Header]);
            foreach (var row in pair)
            {
                table.Add([row.Channel ?? "all", .. Cells(row.Rate), Figure.Count(row.N), Says(row.Rate), .. Cells(row.Curve), Says(row.Curve)]);
            }
            foreach (var line in table.ToLines())
            {
                yield return line;
            }
            yield return "";
        }
    }

    /// <summary>What was drawn beside what was measured: what touches cost, and whom each model credits with how many wins.</summary>
    static IEnumerable<string> TouchTables(TouchComparison? touches)
    {
        if (touches is null)
        {
            return [];
        }
        var (whole, lookback) = (touches.Figures.Where(figure => figure.Channel is null).ToDictionary(figure => figure.Figure, figure => figure.Drawn), SimulatedCredits.Lookback.TotalDays);
        return
        [
            .. TouchTable(touches, "cost, EUR", ("of touches", SimulatedCredits.TouchCost, "#,0.00"), ("of spends", SimulatedCredits.SpendCost, "#,0.00")),
            .. TouchTable(
                touches, "cost, EUR", ("together", SimulatedCredits.Cost, "#,0.00"), ("customers", SimulatedCredits.NewCustomers, "#,0"), ("CAC", SimulatedCredits.CostPerCustomer, "#,0.00")),
            .. TouchTable(touches, "wins credited", [.. Models.Take(4).Select(Column)]),
            .. TouchTable(touches, "wins credited", [.. Models.Skip(4).Select(Column), ("removed", SimulatedCredits.RemovalEffect, "0.0%")]),
            .. Wrapped.Lines(Text(
                $"{whole.GetValueOrDefault(SimulatedCredits.AllWins):#,0} wins, {whole.GetValueOrDefault(SimulatedCredits.Untouched):#,0} of them without a touch in the {lookback:0} days before; removed: the share of wins that would be lost without the channel.")),
            "",
        ];

        static (string, string, string) Column((string Name, AttributionModel Model) model) => (model.Name, SimulatedCredits.Wins(model.Model), "#,0.00");
    }

    static IEnumerable<string> TouchTable(TouchComparison touches, string title, params (string Name, string Figure, string Format)[] columns)
    {
        var figures = touches.Figures.Where(figure => columns.Any(column => column.Figure == figure.Figure)).ToLookup(figure => figure.Channel);
        var table = new TextTable([title, .. columns.SelectMany(column => new[] { column.Name, "measured" })]);
        foreach (var channel in figures)
        {
            table.Add([channel.Key ?? "all", .. columns.SelectMany(column => channel.SingleOrDefault(figure => figure.Figure == column.Figure) is { } figure
                ? new[] { Rounded(figure.Drawn), Rounded(figure.Measured) }.Select(value => value.ToString(column.Format, CultureInfo.InvariantCulture))
                : ["–", "–"])]);
        }
        return [.. table.ToLines(), ""];

        // First to what both know: else a half that one of them has a billionth less of is shown as two figures.
        static decimal Rounded(decimal value) => Math.Round(value, 6);
    }

    static IEnumerable<string> Verdicts(Comparison compared)
    {
        var others = compared.Pairs.Where(pair => !pair.IsIndependent).Select(pair => pair.Rate.Covers).OfType<bool>().ToList();
        return
        [
            .. Wrapped.Lines($"Rates: {Say(compared.Rates)}; of the other {others.Count} (all channels, segments, reps, months, the whole way), which hang together, {others.Count(covers => covers)} do."),
            .. Wrapped.Lines(compared.Curves.Count == 0
                ? $"No curve of a channel has {ComparedPair.Enough} conversions and {ComparedPair.Enough} others: too few for its interval."
                : $"Curves with {ComparedPair.Enough} conversions or more: {Say(compared.Curves)}."),
            .. Wrapped.Lines(SayJudged(compared)),
            .. Equality("Reach, entries, stock, cohorts and money, all but stock by month too", compared.FigureCount, compared.Differences),
            .. compared.MonthsNotComparedReason is { } reason ? Wrapped.Lines($"Months are not compared: {reason}.") : [],
            .. compared.Touches is { } touches
                ? Equality("Attribution by 7 models, cost and CAC, by channel and campaign", touches.FigureCount, touches.Differences)
                : Wrapped.Lines($"Attribution and cost are not compared: {compared.TouchesNotComparedReason}."),
        ];
    }

    static IEnumerable<string> Equality(string what, int count, IReadOnlyCollection<ComparedFigure> differences) => differences.Count == 0
        ? Wrapped.Lines(Text($"{what}: all {count:#,0} figures equal those that were drawn."))
        :
        [
            .. Wrapped.Lines(Text($"{what}: {differences.Count:#,0} of {count:#,0} figures are not those that were drawn:")),
            .. differences.Select(difference =>
                Text($"  {difference.Channel ?? "all"}: {difference.Figure}: drawn {difference.Drawn:#,0.###}, measured {difference.Measured:#,0.###}")),
        ];

    static string Short(Stage stage) => stage switch { Stage.Opportunity => "OPP", Stage.ClosedWon => "WON", _ => stage.Name() };

    static string[] Cells(Compared compared) =>
        [Percent(compared.Truth), Percent(compared.Measured), compared is { Low: { } low, High: { } high } ? Text($"{low * 100:0.00}–{high * 100:0.00}%") : ""];

    static string Percent(double? ratio) => ratio is { } value ? value.ToString("0.00%", CultureInfo.InvariantCulture) : "–";

    static string Says(Compared compared) => (compared.Verdict, compared.Covers) switch
    {
        (Verdict.Covers, _) or (null, true) => "covers",
        (Verdict.ByChance, _) => "by chance",
        (Verdict.Misses, _) => "MISSES",
        (null, false) => "too few",
        _ => "",
    };

    static string SayJudged(Comparison compared)
    {
        var intervals = Text($"{compared.JudgedCount:#,0} intervals, made so wide that in 95 of 100 simulations every one of them covers the truth");
        return compared.MissCount == 0
            ? $"All {intervals}, do."
            : Text($"Of {intervals}, {compared.MissCount:#,0} {(compared.MissCount == 1 ? "does" : "do")} NOT: another seed tells whether by chance.");
    }

    static string Say(Coverage coverage) =>
        $"{coverage.Covering} of {coverage.Count} intervals cover the truth (95% expected; between {coverage.Low} and {coverage.High} are consistent with that)";

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SimulationReport))]
sealed partial class SimulationReportJson : JsonSerializerContext;
