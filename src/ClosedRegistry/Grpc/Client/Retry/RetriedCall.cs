using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>A call that is tried again by a policy, until one attempt is committed to: that one's answer is the answer.</summary>
/// <remarks>gRFC A6. An attempt is committed to when its headers arrive, when it fails for good, or when the requests outgrow the buffer.</remarks>
sealed class RetriedCall<TRequest, TResponse> : ICall
    where TRequest : class
    where TResponse : class
{
    readonly GrpcChannel _channel;
    readonly AttemptPolicies _retries;
    readonly Method<TRequest, TResponse> _method;
    readonly AttemptPolicy _policy;
    readonly Lock _lock = new();
    readonly List<Attempt<TRequest, TResponse>> _running = [];
    readonly CancellationTokenSource _cancelled = new();
    readonly CancellationTokenRegistration _onUserCancels;
    readonly TaskCompletionSource<Attempt<TRequest, TResponse>> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _disposed = new();
    readonly SentRequests _requests;
    volatile Attempt<TRequest, TResponse>? _final;
    Task<TResponse>? _response;
    bool _isLastAttempt;

    public RetriedCall(GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options, AttemptPolicy policy)
    {
        _channel = channel;
        _retries = channel.Retries!;
        _method = method;
        _policy = policy;
        _requests = new SentRequests(_retries, channel.Options.MaxRetryBufferPerCallSize);
        Options = options.WithCancellationToken(_cancelled.Token);
        _onUserCancels = CancelWith(options.CancellationToken);
    }

    public CallOptions Options { get; }

    public bool IsDisposed => _disposed.IsCancellationRequested;

    public Task<Attempt<TRequest, TResponse>> Committed => _committed.Task;

    /// <summary>Done when the attempt that counts has ended.</summary>
    public Task Ended => _ended.Task;

    bool IsCommitted => _committed.Task.IsCompleted;

    public Task<TResponse> RunSingleAsync()
    {
        _ = RunAsync();
        return _response = ReadAsync();

        async Task<TResponse> ReadAsync() => await (await Committed).Response!;
    }

    public IAsyncStreamReader<TResponse> RunStream()
    {
        _ = RunAsync();
        return new RetriedResponseStream<TRequest, TResponse>(this);
    }

    /// <summary>Appends the one request of a call, and the end of its requests. A failure is told to who awaits the answer.</summary>
    public void AddSingle(TRequest message)
    {
        try
        {
            Add(message, Options.WriteOptions);
            CompleteRequests();
        }
        catch (Exception exception)
        {
            _requests.Fail(exception);
        }
    }

    /// <summary>Appends a request for all attempts. Where it is too much to keep, the attempt that runs is the last.</summary>
    public SentRequest Add(TRequest message, WriteOptions? writeOptions)
    {
        using var framed = RequestMessage.Serialize(_channel, _method.RequestMarshaller, Options, message, writeOptions);
        var request = new SentRequest(framed.Framed.ToArray(), (writeOptions?.Flags & WriteFlags.BufferHint) == WriteFlags.BufferHint);
        Attempt<TRequest, TResponse>? last = null;
        lock (_lock)
        {
            if (!IsCommitted && !_requests.TryKeep(request.Framed.Length))
            {
                _isLastAttempt = true;
                last = _running.FirstOrDefault();
            }
        }
        if (last is not null)
        {
            Commit(last);
        }
        _requests.Add(request);
        return request;
    }

    public void CompleteRequests() => _requests.Complete();

    /// <returns>Null while the call runs.</returns>
    public Exception? EndException() =>
        !Ended.IsCompleted ? null
        : _final is { Call: var call } ? call.CreateException(call.GetStatus())
        : Committed.Exception!.InnerException;

    public CancellationTokenRegistration CancelWith(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? cancellationToken.UnsafeRegister(static call => ((RetriedCall<TRequest, TResponse>)call!)._cancelled.Cancel(), this) : default;

    public async Task<Metadata> GetHeadersAsync() => await (await Committed).Call.GetHeadersAsync();

    public Status GetStatus() => _final?.Call.GetStatus()
        ?? throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    public Metadata GetTrailers() => _final?.Call.GetTrailers()
        ?? throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");

    public void Dispose()
    {
        _disposed.Cancel();
        foreach (var attempt in Running())
        {
            attempt.Call.Dispose();
        }
        _response.Forget();
    }

    async Task RunAsync()
    {
        try
        {
            await (_policy.HedgingDelay is { } delay ? HedgeAsync(delay) : RetryAsync());
        }
        catch (Exception exception)
        {
            // Nobody awaits this task: the caller learns of it through what it awaits. Such as a channel that was disposed meanwhile.
            _committed.TrySetException(exception);
            _ = _committed.Task.Exception;
            _ended.TrySetResult();
        }
    }

    async Task RetryAsync()
    {
        var backoff = _policy.InitialBackoff;
        for (var number = 1; ; number++)
        {
            var attempt = Start(number);
            await attempt.Call.Answered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var mayFollow = MayAnotherFollow(attempt, out var pushback);
            if (!mayFollow || number == _policy.MaxAttempts || _retries.Throttle?.IsActive == true)
            {
                Commit(attempt);
                return;
            }
            Drop(attempt);
            await DelayAsync(pushback ?? backoff * Random.Shared.NextDouble());
            backoff = (pushback ?? backoff) * _policy.BackoffMultiplier;
            backoff = backoff < _policy.MaxBackoff ? backoff : _policy.MaxBackoff;
        }
    }

    async Task HedgeAsync(TimeSpan delay)
    {
        var never = new TaskCompletionSource().Task;
        for (var number = 1; !IsCommitted; number++)
        {
            Start(number);
            var pause = MayStart() ? DelayAsync(delay) : never;
            while (!pause.IsCompleted && !IsCommitted)
            {
                var running = Running();
                await Task.WhenAny([pause, Committed, .. running.Select(attempt => attempt.Call.Answered)]);
                if (running.FirstOrDefault(attempt => attempt.Call.Answered.IsCompleted) is not { } answered)
                {
                    continue;
                }
                var mayFollow = MayAnotherFollow(answered, out var pushback);
                var mayStart = MayStart();
                if (!mayFollow || (running.Length == 1 && !mayStart))
                {
                    Commit(answered);
                    return;
                }
                Drop(answered);
                pause = mayStart ? DelayAsync(pushback ?? TimeSpan.Zero) : never;
            }

            bool MayStart() => number < _policy.MaxAttempts && _retries.Throttle?.IsActive != true;
        }
    }

    Attempt<TRequest, TResponse> Start(int number)
    {
        var call = new GrpcCall<TRequest, TResponse>(_channel, _method, Options, previousAttempts: number - 1);
        if (IsDisposed)
        {
            call.Dispose(); // so that it sends nothing
        }
        ReplayedRequests requests;
        lock (_lock)
        {
            requests = new ReplayedRequests(_requests.First);
        }
        var isStream = _method.Type is MethodType.ServerStreaming or MethodType.DuplexStreaming;
        var attempt = new Attempt<TRequest, TResponse>(
            call, isStream ? null : call.RunSingleAsync(requests), isStream ? call.RunStream(requests) : null);
        bool isLast;
        lock (_lock)
        {
            _running.Add(attempt);
            isLast = _isLastAttempt;
        }
        if (isLast)
        {
            Commit(attempt);
        }
        if (IsDisposed || (IsCommitted && _final != attempt))
        {
            call.Dispose(); // whoever disposed or committed meanwhile did not know of it
        }
        return attempt;
    }

    /// <param name="pushback">How long the server asks to wait; null where it does not say.</param>
    bool MayAnotherFollow(Attempt<TRequest, TResponse> attempt, out TimeSpan? pushback)
    {
        pushback = null;
        if (IsCommitted || attempt.Call.Status is not { StatusCode: not StatusCode.OK and var code })
        {
            return false;
        }
        var milliseconds = attempt.Call.Pushback;
        var isKnown = _policy.Codes.Contains(code);
        if (isKnown || milliseconds < 0)
        {
            _retries.Throttle?.Failed();
        }
        pushback = milliseconds is { } time ? TimeSpan.FromMilliseconds(time) : null;
        return (milliseconds is null ? isKnown : milliseconds >= 0)
            && !IsDisposed && !_cancelled.IsCancellationRequested && !(CallDeadline.TimeLeft(Options) <= TimeSpan.Zero);
    }

    /// <summary>Waits, but no longer than the call lives: the next attempt ends as the call has to, and sends nothing.</summary>
    async Task DelayAsync(TimeSpan time)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_cancelled.Token, _disposed.Token, _channel.Disposed);
        using var deadline = CallDeadline.TimeLeft(Options) < time ? new CallDeadline(Options, stop.Cancel) : null;
        await Task.Delay(time, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    Attempt<TRequest, TResponse>[] Running()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }

    void Drop(Attempt<TRequest, TResponse> attempt)
    {
        lock (_lock)
        {
            _running.Remove(attempt);
        }
        attempt.Call.Dispose();
    }

    void Commit(Attempt<TRequest, TResponse> attempt)
    {
        Attempt<TRequest, TResponse>[] others;
        lock (_lock)
        {
            if (IsCommitted)
            {
                return;
            }
            _final = attempt;
            _committed.SetResult(attempt);
            others = [.. _running.Where(other => other != attempt)];
            _running.RemoveAll(other => other != attempt);
            _requests.LetGo();
        }
        foreach (var other in others)
        {
            other.Call.Dispose();
        }
        attempt.Call.Ended.UnsafeRegister(
            _ =>
            {
                if (attempt.Call.Status is { StatusCode: StatusCode.OK })
                {
                    _retries.Throttle?.Succeeded();
                }
                _onUserCancels.Unregister();
                _ended.TrySetResult();
            },
            null);
    }
}
