using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Answers DEADLINE_EXCEEDED when the time is up, whether or not the handler is done, and cancels the handler.</summary>
sealed class ServerDeadline : IDisposable
{
    const int ResetCancel = 0x8; // RFC 9113, section 7

    static readonly Status Exceeded = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");
    static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40); // timers take no more than 49.7 days

    readonly HttpServerCallContext _call;
    readonly ILogger _logger;
    readonly CancellationTokenSource _cancelled;
    readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Timer _timer;

    public ServerDeadline(HttpServerCallContext call, TimeSpan timeout, CancellationToken aborted, ILogger logger)
    {
        _call = call;
        _logger = logger;
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Token = _cancelled.Token;
        Time = TimeProvider.System.GetUtcNow().UtcDateTime + timeout;
        _timer = new Timer(static deadline => ((ServerDeadline)deadline!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(timeout);
    }

    public DateTime Time { get; }

    public CancellationToken Token { get; }

    /// <summary>Done when the answer that the deadline gave is out.</summary>
    public Task Passed => _passed.Task;

    public void Dispose()
    {
        _timer.Dispose();
        _cancelled.Dispose();
    }

    void Arm(TimeSpan remaining) => _timer.Change(remaining < LongestTimer ? remaining : LongestTimer, Timeout.InfiniteTimeSpan);

    void OnTimer()
    {
        var remaining = Time - TimeProvider.System.GetUtcNow().UtcDateTime;
        if (remaining > TimeSpan.Zero)
        {
            Arm(remaining);
        }
        else
        {
            _ = PassAsync();
        }
    }

    async Task PassAsync()
    {
        var isHandlerLate = true;
        try
        {
            isHandlerLate = _call.TryEnd(Exceeded);
            if (isHandlerLate)
            {
                ServerLog.DeadlineExceeded(_logger, _call.Method);
                await AnswerAsync(_call.Http.Features);
            }
        }
        catch (Exception exception)
        {
            // Nobody awaits a timer: the log is the only place to tell.
            ServerLog.DeadlineFailed(_logger, _call.Method, exception);
        }

        try
        {
            if (isHandlerLate)
            {
                await _cancelled.CancelAsync();
            }
        }
        catch (AggregateException exception)
        {
            // Thrown by what the handler registered with the token.
            ServerLog.DeadlineFailed(_logger, _call.Method, exception);
        }
        _passed.TrySetResult();
    }

    static async Task AnswerAsync(IFeatureCollection features)
    {
        if (features.Get<IHttpResponseBodyFeature>() is { } body)
        {
            await body.CompleteAsync();
        }
        features.Get<IHttpResetFeature>()?.Reset(ResetCancel);
    }
}
