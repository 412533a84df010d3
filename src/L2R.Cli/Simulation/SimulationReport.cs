using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using L2R.Cli.Waterfalls;
using L2R.Ledger.Domain;

namespace L2R.Cli.Simulation;

/// <summary>How a simulation of history ended. <c>--json</c> prints it.</summary>
/// <param name="Journeys">Drawn, those of leads that came back included.</param>
/// <param name="Rows">Of those journeys.</param>
/// <param name="Comparison">Null where the ledger did not have all of them.</param>
sealed record SimulationReport(SimulationOptions Options, string Source, long Journeys, long Rows, HistoryReport History, Comparison? Comparison)
{
    static readonly string[] Header = ["truth", "rate", "95% interval", "of n", "", "truth", "curve", "95% interval", ""];

    public string ToJson() => JsonSerializer.Serialize(this, SimulationReportJson.Default.SimulationReport);

    public IEnumerable<string> ToLines() => Comparison is { } compared
        ? [HistoryLine(), "", .. Tables(compared), .. Verdict(compared)]
        : [HistoryLine(), History.IsInLedger is null
            ? "stopped before the end: run the same command again, it goes on where this one stopped"
            : "the ledger lacks some of them, and nothing has arrived for 3 minutes: see ./l2r status; run the same command again when all are healthy"];

    string HistoryLine()
    {
        var what = History.Stored + History.Corrected == 0
            ? $"nothing new: {Words.Counted(History.Unchanged, "row")} unchanged"
            : Text($"{Words.Counted(History.Stored, "row")} stored, {History.Unchanged:#,0} unchanged, {History.Corrected:#,0} corrected");
        return Text($"{what}; {History.Seconds:0.0} s, {History.Sent / Math.Max(0.001, History.Seconds):#,0} rows/s");
    }

    static IEnumerable<string> Tables(Comparison compared)
    {
        foreach (var pair in compared.Pairs.GroupBy(row => (row.From, row.To, row.Days)))
        {
            var table = new TextTable([Text($"{pair.Key.From.Name()} → {pair.Key.To.Name()} in {pair.Key.Days} d"), .. Header]);
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

    static IEnumerable<string> Verdict(Comparison compared)
    {
        var others = compared.Pairs.Where(pair => !pair.IsIndependent).Select(pair => pair.Rate.Covers).OfType<bool>().ToList();
        yield return $"Rates: {Say(compared.Rates)}; of the other {others.Count} (all channels, the whole way), which hang together, {others.Count(covers => covers)} do.";
        yield return compared.Curves.Count == 0
            ? "No curve of a channel has 10 conversions and 10 others: too few for its interval."
            : $"Curves with 10 conversions or more: {Say(compared.Curves)}.";
        yield return compared.Differences.Count == 0
            ? Text($"Reach, entries, stock, cohorts and money: all {compared.FigureCount:#,0} counts equal those that were drawn.")
            : Text($"{compared.Differences.Count:#,0} of {compared.FigureCount:#,0} counts are not those that were drawn:");
        foreach (var difference in compared.Differences)
        {
            yield return Text($"  {difference.Channel ?? "all"}: {difference.Figure}: drawn {difference.Drawn:#,0.##}, measured {difference.Measured:#,0.##}");
        }
    }

    static string[] Cells(Compared compared) =>
        [Percent(compared.Truth), Percent(compared.Measured), compared is { Low: { } low, High: { } high } ? Text($"{low * 100:0.00} – {high * 100:0.00}%") : ""];

    static string Percent(double? ratio) => ratio is { } value ? value.ToString("0.00%", CultureInfo.InvariantCulture) : "–";

    static string Says(Compared compared) => compared.Covers switch { true => "covers", false => "MISSES", null => "" };

    static string Say(Coverage coverage) =>
        $"{coverage.Covering} of {coverage.Count} intervals cover the truth (95% expected; between {coverage.Low} and {coverage.High} are consistent with that)";

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SimulationReport))]
sealed partial class SimulationReportJson : JsonSerializerContext;
