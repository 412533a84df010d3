using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace L2R.Cli.Imports;

/// <summary>How an import ended. <c>--json</c> prints it.</summary>
/// <param name="Rows">Lines with data.</param>
/// <param name="Sent">Rows that an owner has answered for.</param>
/// <param name="Unchanged">Rows that were there already, with the same content; also those that the file repeats.</param>
/// <param name="Rejected">Lines that were not taken in, those that fail because of another one included.</param>
/// <param name="Seconds">From the first row sent until the last one was in the ledger, or acknowledged where nobody waited for that.</param>
/// <param name="InLedger">Whether the ledger has heard of all of them; null where nobody waited for it.</param>
/// <param name="Interrupted">Whether it was stopped before everything was sent.</param>
sealed record ImportReport(
    string ImportId,
    string File,
    long Rows,
    long Journeys,
    long Sent,
    long Stored,
    long Unchanged,
    long Corrected,
    long Rejected,
    double Seconds,
    double RowsPerSecond,
    bool? InLedger,
    bool Interrupted,
    IReadOnlyList<Refusal> Rejects)
{
    const int ShownRejects = 100;

    /// <summary>Of a file of touches, how many leads they are of; null for moves, which are of journeys.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Leads { get; init; }

    string Of => Leads is { } leads ? Words.Counted(leads, "lead") : Words.Counted(Journeys, "journey");

    /// <returns>The exit code.</returns>
    public int Print(Terminal terminal, bool asJson)
    {
        foreach (var line in asJson ? [ToJson()] : ToLines())
        {
            terminal.Line(line);
        }
        return Interrupted ? ExitCodes.Interrupted
            : InLedger == false ? ExitCodes.Failed
            : Rejected > 0 ? ExitCodes.Rejects
            : ExitCodes.Done;
    }

    public string ToJson() => JsonSerializer.Serialize(this, ImportReportJson.Default.ImportReport);

    public IEnumerable<string> ToLines()
    {
        if (Sent > 0)
        {
            var what = Stored + Corrected > 0 || Rejected > 0
                ? Text($"{Words.Counted(Stored, "row")} stored, {Unchanged:#,0} unchanged, {Corrected:#,0} corrected")
                : $"nothing new: {Words.Counted(Unchanged, "row")} unchanged";
            var end = InLedger == true ? "the ledger had the last one" : "the last acknowledgement";
            var of = Interrupted ? Text($"{Sent:#,0} of {Words.Counted(Rows, "row")} sent") : Of;
            yield return Text($"{what}, {Rejected:#,0} rejected; {of}");
            yield return Text($"{Seconds:0.0} s, {RowsPerSecond:#,0} rows/s until {end}");
        }
        else
        {
            yield return Text($"{Words.Counted(Rows, "row")} of {Of}, {Rejected:#,0} rejected; nothing was sent");
        }
        if (Interrupted)
        {
            yield return "stopped before the end: run the same command again, it goes on where this one stopped";
        }
        if (InLedger == false)
        {
            yield return "the ledger lacks some of them, and nothing has arrived for 3 minutes: see ./l2r status; "
                + "they are safe with the services, and arrive when all are healthy";
        }
        foreach (var refusal in Rejects.Take(ShownRejects))
        {
            yield return ToLine(refusal);
        }
        if (Rejects.Count > ShownRejects)
        {
            yield return Text($"… and {Rejects.Count - ShownRejects:#,0} more: --json lists them all");
        }
        if (Rejects.Count > 0)
        {
            yield return "correct these lines and import the file again; lines that are stored are left unchanged";
        }
    }

    static string ToLine(Refusal refusal)
    {
        var later = refusal.LaterLines.Count == 0 ? ""
            : $"; because of it {(refusal.LaterLines.Count == 1 ? "line" : "lines")} {string.Join(", ", refusal.LaterLines)} of its journey too";
        return Text($"line {refusal.Line}: {refusal.Reason}: {refusal.Message}{later}");
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ImportReport))]
sealed partial class ImportReportJson : JsonSerializerContext;
