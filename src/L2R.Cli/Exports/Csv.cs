using System.Globalization;

namespace L2R.Cli.Exports;

/// <summary>Lines of CSV by RFC 4180.</summary>
static class Csv
{
    static readonly char[] Quoted = ['"', ',', '\r', '\n'];

    // What spreadsheet programs take for the beginning of a formula, which may send what stands beside it to somebody.
    static readonly char[] Formulas = ['=', '+', '-', '@', '\t', '\r', '\n'];

    /// <param name="cells">As <see cref="Cell"/> gives them.</param>
    /// <returns>With its end.</returns>
    public static string Line(IEnumerable<string> cells) =>
        string.Join(',', cells.Select(cell => cell.IndexOfAny(Quoted) < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\r\n";

    /// <summary>Empty for null. A text that a spreadsheet would take for a formula begins with an apostrophe, by which it takes it for a text.</summary>
    public static string Cell(object? value) => value switch
    {
        null => "",
        string text => text.Length > 0 && Formulas.Contains(text[0]) ? $"'{text}" : text,
        bool truth => truth ? "true" : "false",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
