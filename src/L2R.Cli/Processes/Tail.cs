namespace L2R.Cli.Processes;

/// <summary>Keeps the last lines of an output, and all of it in a file where one is named.</summary>
sealed class Tail(int lines, string? file = null) : IDisposable
{
    readonly Queue<string> _last = new(lines);
    readonly StreamWriter? _file = file is null ? null : Create(file);

    public string Text => string.Join(Environment.NewLine, _last);

    public void Add(string line)
    {
        if (_last.Count == lines)
        {
            _last.Dequeue();
        }

        _last.Enqueue(line);
        _file?.WriteLine(line);
    }

    public void Dispose() => _file?.Dispose();

    static StreamWriter Create(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return new StreamWriter(file) { AutoFlush = true };
    }
}
