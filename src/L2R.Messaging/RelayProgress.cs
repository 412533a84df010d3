namespace L2R.Messaging;

/// <summary>When the outbox relay of this replica last got on, and what stops it.</summary>
public sealed class RelayProgress(TimeProvider clock)
{
    long _lastSuccess = clock.GetTimestamp();
    volatile string? _error;

    /// <summary>Says what keeps the outbox from moving; null while the relay gets on at least that often.</summary>
    public string? Problem(TimeSpan stuckAfter)
    {
        var since = clock.GetElapsedTime(Volatile.Read(ref _lastSuccess));
        return since < stuckAfter
            ? null
            : $"nothing was sent for {since.TotalSeconds:0} s{(_error is { } error ? $"; the last try ended with {error}" : ": the broker does not answer")}";
    }

    internal void Succeeded()
    {
        Volatile.Write(ref _lastSuccess, clock.GetTimestamp());
        _error = null;
    }

    internal void Failed(Exception exception) => _error = $"{exception.GetType().Name}: {exception.Message}";
}
