namespace L2R.Cli.Waterfalls;

/// <summary>Rows of cells as aligned text: the first column to the left, the others to the right, two blanks between.</summary>
sealed class TextTable(params string[] header)
{
    const string Gap = "  ";

    readonly List<string[]> _rows = [header];

    /// <param name="cells">As many as the header has, or fewer.</param>
    public void Add(params string[] cells) => _rows.Add([.. cells, .. Enumerable.Repeat("", header.Length - cells.Length)]);

    public IEnumerable<string> ToLines()
    {
        var widths = header.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        return _rows.Select(row => string.Join(Gap, row.Select((cell, column) =>
            column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }
}
