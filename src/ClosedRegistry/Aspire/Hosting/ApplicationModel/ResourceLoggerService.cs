using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>The output of each resource, and what the host says about it.</summary>
public class ResourceLoggerService : IDisposable
{
    readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);
    readonly ConcurrentDictionary<string, string> _ids = new(StringComparer.OrdinalIgnoreCase);

    public ILogger GetLogger(IResource resource) => GetLog(resource.Name);

    public ILogger GetLogger(string resourceName) => GetLog(resourceName);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => GetLog(resource.Name).WatchAsync();

    /// <param name="resourceName">The name of the resource, or the id that its notifications carry.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => GetLog(resourceName).WatchAsync();

    public void Complete(IResource resource) => GetLog(resource.Name).Complete();

    /// <param name="name">The name of the resource, or the id that its notifications carry.</param>
    public void Complete(string name) => GetLog(name).Complete();

    public void Dispose()
    {
        foreach (var log in _logs.Values)
        {
            log.Complete();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>A replica has a log of its own, and what it says is in that of the resource too.</summary>
    internal void AddId(string resourceId, string resourceName, bool isReplica)
    {
        if (isReplica)
        {
            _logs[resourceId] = new(GetLog(resourceName));
        }
        else
        {
            _ids[resourceId] = resourceName;
        }
    }

    internal ResourceLog GetLog(string nameOrId) => _logs.GetOrAdd(_ids.GetValueOrDefault(nameOrId, nameOrId), _ => new(ofAll: null));
}

/// <param name="ofAll">The log of the resource, for one of its replicas.</param>
sealed class ResourceLog(ResourceLog? ofAll) : ILogger
{
    const int BacklogSize = 10_000; // lines
    const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z '";

    /// <summary>Each line begins with the time at which it came.</summary>
    public const int TimeLength = 25;

    readonly Lock _lock = new();
    readonly Queue<LogLine> _backlog = new();
    readonly List<Channel<LogLine>> _watchers = [];
    int _count;
    bool _isComplete;

    public void Add(string content, bool isErrorMessage)
    {
        lock (_lock)
        {
            var time = TimeProvider.System.GetUtcNow().ToString(TimeFormat, CultureInfo.InvariantCulture);
            var line = new LogLine(++_count, time + content, isErrorMessage);
            if (_backlog.Count == BacklogSize)
            {
                _backlog.Dequeue();
            }
            _backlog.Enqueue(line);
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(line));
        }
        ofAll?.Add(content, isErrorMessage);
    }

    /// <returns>The last lines after one of a given number, oldest first, at most as many as wanted.</returns>
    public IReadOnlyList<LogLine> Read(int after, int most)
    {
        lock (_lock)
        {
            return [.. _backlog.Skip(Math.Max(after - (_count - _backlog.Count), _backlog.Count - most))];
        }
    }

    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            _watchers.ForEach(watcher => watcher.Writer.TryComplete());
        }
        ofAll?.Complete(); // replicas end together
    }

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var lines = Channel.CreateUnbounded<LogLine>();
        lock (_lock)
        {
            foreach (var line in _backlog)
            {
                lines.Writer.TryWrite(line);
            }
            _watchers.Add(lines);
            if (_isComplete)
            {
                lines.Writer.TryComplete();
            }
        }
        try
        {
            while (await lines.Reader.WaitToReadAsync(cancellationToken))
            {
                List<LogLine> batch = [];
                while (lines.Reader.TryRead(out var line))
                {
                    batch.Add(line);
                }
                yield return batch;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(lines);
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add(exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}", logLevel >= LogLevel.Error);
}
