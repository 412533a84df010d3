using System.Text.RegularExpressions;

namespace L2R.AppHost.Stack;

/// <summary>The output of one resource in a file, which is emptied at the start and moved to <c>.1</c> when it has grown too large.</summary>
sealed partial class LogFile(string path) : IDisposable
{
    const long MaxLength = 20 * 1024 * 1024; // bytes
    const int TailLength = 20; // lines

    readonly Lock _lock = new();
    readonly Queue<string> _tail = new();
    StreamWriter _writer = Open(path);

    public string Path { get; } = path;

    public void Add(IEnumerable<string> lines)
    {
        lock (_lock)
        {
            foreach (var line in lines)
            {
                var text = Decoration().Replace(Arrival().Replace(line, ""), "");
                _writer.WriteLine(text);
                if (_tail.Count == TailLength)
                {
                    _tail.Dequeue();
                }
                _tail.Enqueue(text);
            }
            _writer.Flush();
            if (_writer.BaseStream.Length > MaxLength)
            {
                _writer.Dispose();
                File.Move(Path, $"{Path}.1", overwrite: true);
                _writer = Open(Path);
            }
        }
    }

    /// <summary>The last 20 lines.</summary>
    public IReadOnlyList<string> GetTail()
    {
        lock (_lock)
        {
            return [.. _tail];
        }
    }

    public void Dispose() => _writer.Dispose();

    // Readers may follow it meanwhile.
    static StreamWriter Open(string path) => new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));

    // When the line came, which Aspire puts before it: most lines tell their own time.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z ?")]
    private static partial Regex Arrival();

    // Colours are for terminals.
    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Decoration();
}
