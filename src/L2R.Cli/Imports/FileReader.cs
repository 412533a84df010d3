using System.Text;
using CsvHelper;

namespace L2R.Cli.Imports;

/// <summary>Reads a CSV file (RFC 4180, UTF-8, with a header) line by line, and goes on after broken ones.</summary>
sealed class FileReader
{
    static readonly char[] Separators = [',', ';', '\t', '|'];

    readonly string _path;
    readonly ImportMap _map;
    readonly string[] _header;
    readonly RowReader _rows;
    string? _problem;

    /// <exception cref="CommandFailedException">The file, its header, or a column that the map names is missing.</exception>
    public FileReader(string path, ImportMap map, DateTimeOffset now)
    {
        (_path, _map) = (path, map);
        if (Directory.Exists(path))
        {
            throw new CommandFailedException($"{path} is a folder: name a CSV file{(Directory.GetFiles(path, "*.csv").Order().FirstOrDefault() is { } csvFile ? $", such as {csvFile}" : "")}.");
        }
        if (!File.Exists(path))
        {
            throw new CommandFailedException($"There is no file {path}.");
        }
        using var csv = Open(skippedLines: 0);
        _header = csv.Read() ? csv.Current.ToArray() : throw new CommandFailedException($"{path} is empty.");
        if (map.Columns.Values.FirstOrDefault(column => !_header.Contains(column)) is { } missing)
        {
            throw new CommandFailedException(
                $"{path} has no column '{missing}', which the map names. It has: {string.Join(", ", _header)}.{SeparatorHint()}");
        }
        _rows = new RowReader(map, _header, now);
    }

    public string[] Header => _header;

    public IEnumerable<FileLine> Read() =>
        Lines().Select(line => line.Problem is null ? _rows.Read(line.Number, line.Cells) : _rows.Refuse(line.Number, line.Cells, line.Problem));

    /// <summary>Each line with its cells, as many as the header has; with a problem, what can be read of them.</summary>
    public IEnumerable<(long Number, string[] Cells, string? Problem)> Lines()
    {
        // A quote that is never closed swallows the lines after it: they are read again, without the line that has it.
        for (long? next = 2; next is { } first;)
        {
            next = null;
            using var csv = Open(first - 1);
            while (next is null && MoveNext(csv))
            {
                var line = first - 1 + csv.LineNumber;
                var problem = FindProblem(csv);
                next = problem is not null && csv.RawRecord.Contains((byte)'\n') ? line + 1 : null;
                yield return (line, csv.Current.ToArray(), problem);
            }
        }
    }

    /// <summary>A header of one column that holds another usual separator was cut at the wrong one.</summary>
    string SeparatorHint() =>
        _header is [var only] && Separators.FirstOrDefault(usual => usual != _map.Delimiter[0] && only.Contains(usual)) is var found and not '\0'
            ? $" Perhaps its separator is {(found == '\t' ? "a tab" : $"'{found}'")} and not '{_map.Delimiter}': "
                + $"write \"delimiter\": \"{(found == '\t' ? "\\t" : found)}\" in a map of your own (docs/import-maps.md)."
            : "";

    bool MoveNext(CsvReader csv)
    {
        _problem = null;
        return csv.Read();
    }

    string? FindProblem(CsvReader csv) =>
        csv.RawRecord.IndexOf("\uFFFD"u8) >= 0 ? "is not UTF-8: save the file as UTF-8"
        : _problem ?? (csv.FieldCount != _header.Length ? $"has {csv.FieldCount} fields where the header has {_header.Length}" : null);

    CsvReader Open(long skippedLines)
    {
        var file = new StreamReader(_path, Encoding.UTF8);
        for (; skippedLines > 0; skippedLines--)
        {
            file.ReadLine();
        }
        return CsvReader.Create(
            file,
            new CsvReaderOptions
            {
                Separator = _map.Delimiter[0],
                HasHeader = false,
                TrackLineNumbers = true,
                OnMalformedRecord = malformed =>
                    _problem = (malformed.Reason == CsvMalformedReason.UnterminatedQuote ? "has a quote that is never closed" : "has a quote out of place")
                        + ": quotes are around a whole value, and doubled inside it",
            },
            leaveOpen: false);
    }
}
