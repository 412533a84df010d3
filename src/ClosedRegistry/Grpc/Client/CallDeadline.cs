using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>Fires once when the deadline of a call has passed, unless disposed before.</summary>
sealed class CallDeadline : IDisposable
{
    static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40); // timers take no more than 49.7 days
    static readonly TimeSpan ShortestTimer = TimeSpan.FromMilliseconds(1);

    readonly CallOptions _options;
    readonly Action _onPassed;
    readonly Timer _timer;

    public CallDeadline(CallOptions options, Action onPassed)
    {
        _options = options;
        _onPassed = onPassed;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = new Timer(
                static deadline => ((CallDeadline)deadline!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        OnTimer();
    }

    /// <returns>Null where there is no deadline; zero or less where it has passed.</returns>
    public static TimeSpan? TimeLeft(CallOptions options)
    {
        if (options.Deadline is not { } deadline || deadline == DateTime.MaxValue)
        {
            return null;
        }
        var left = deadline - TimeProvider.System.GetUtcNow().UtcDateTime;
        return left < Headers.MaxTimeout ? left : Headers.MaxTimeout;
    }

    public void Dispose() => _timer.Dispose();

    void OnTimer()
    {
        if (TimeLeft(_options) is { } left && left > TimeSpan.Zero)
        {
            var due = left < LongestTimer ? left : LongestTimer;
            _timer.Change(due > ShortestTimer ? due : ShortestTimer, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _onPassed();
        }
    }
}
