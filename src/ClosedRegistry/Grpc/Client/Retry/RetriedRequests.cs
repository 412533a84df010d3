using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>One of the calls that a <see cref="RetriedCall{TRequest, TResponse}"/> makes.</summary>
sealed record Attempt<TRequest, TResponse>(GrpcCall<TRequest, TResponse> Call, Task<TResponse>? Response, IAsyncStreamReader<TResponse>? Responses)
    where TRequest : class
    where TResponse : class;

/// <summary>A request as it travels, and the one after it.</summary>
sealed class SentRequest(byte[] framed, bool isHeldBack)
{
    public ReadOnlyMemory<byte> Framed => framed;

    /// <summary>True where it may wait in the transport's buffer for the next.</summary>
    public bool IsHeldBack => isHeldBack;

    /// <summary>Done when one attempt has sent it.</summary>
    public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null at the end of the requests.</summary>
    public TaskCompletionSource<SentRequest?> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The requests of a call, kept for further attempts. Not safe for several threads at once, but attempts may read meanwhile.</summary>
sealed class SentRequests
{
    readonly AttemptPolicies _channel;
    readonly long? _maxSize;
    TaskCompletionSource<SentRequest?> _last;
    long _size;

    /// <param name="maxSize">In bytes; null for no limit.</param>
    public SentRequests(AttemptPolicies channel, long? maxSize)
    {
        (_channel, _maxSize) = (channel, maxSize);
        First = _last = new TaskCompletionSource<SentRequest?>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Where an attempt begins to read.</summary>
    public TaskCompletionSource<SentRequest?> First { get; private set; }

    /// <summary>Takes room for a request.</summary>
    /// <returns>False where the call or its channel has none left.</returns>
    public bool TryKeep(int bytes)
    {
        if (_size + bytes > _maxSize || !_channel.TryReserve(bytes))
        {
            return false;
        }
        _size += bytes;
        return true;
    }

    public void Add(SentRequest request)
    {
        var last = _last;
        _last = request.Next;
        last.SetResult(request);
    }

    public void Complete() => _last.SetResult(null);

    /// <summary>Attempts fail with it when they get here.</summary>
    public void Fail(Exception exception) => _last.SetException(exception);

    /// <summary>No further attempt will be made: what was sent need not be kept.</summary>
    public void LetGo()
    {
        First = _last;
        _channel.Release(_size);
        _size = 0;
    }
}

/// <summary>The requests of one attempt: from the first on, as long as the call holds them.</summary>
sealed class ReplayedRequests : HttpContent
{
    TaskCompletionSource<SentRequest?>? _first;

    public ReplayedRequests(TaskCompletionSource<SentRequest?> first)
    {
        _first = first;
        Headers.TryAddWithoutValidation("Content-Type", Wire.Headers.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Let go of, so that what was sent can be collected while a long stream goes on.
        var next = Interlocked.Exchange(ref _first, null) ?? throw new InvalidOperationException("The requests have been sent before.");
        await stream.FlushAsync(cancellationToken); // the headers leave now: the server may answer before the first message
        while (await next.Task.WaitAsync(cancellationToken) is { } request)
        {
            await stream.WriteAsync(request.Framed, cancellationToken);
            if (!request.IsHeldBack)
            {
                await stream.FlushAsync(cancellationToken);
            }
            request.Sent.TrySetResult();
            next = request.Next;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>The requests of a streaming call that may be tried again. A write is done when an attempt has sent it.</summary>
sealed class RetriedRequestStream<TRequest, TResponse>(RetriedCall<TRequest, TResponse> call) : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    readonly Lock _writing = new();
    Task _write = Task.CompletedTask;
    bool _complete;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ObjectDisposedException.ThrowIf(call.IsDisposed, call);
        lock (_writing)
        {
            return _complete ? Task.FromException(new InvalidOperationException("Request stream has already been completed."))
                : call.EndException() is { } failure ? Task.FromException(failure)
                : _write.IsCompleted ? _write = SendAsync(message, cancellationToken)
                : Task.FromException(new InvalidOperationException("Can't write the message because the previous write is in progress."));
        }
    }

    public Task CompleteAsync()
    {
        ObjectDisposedException.ThrowIf(call.IsDisposed, call);
        lock (_writing)
        {
            if (!_write.IsCompleted)
            {
                return Task.FromException(
                    new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress."));
            }
            if (!_complete)
            {
                _complete = true;
                call.CompleteRequests();
            }
        }
        return Task.CompletedTask;
    }

    async Task SendAsync(TRequest message, CancellationToken cancellationToken)
    {
        using var registration = call.CancelWith(cancellationToken);
        var request = call.Add(message, WriteOptions);
        await Task.WhenAny(request.Sent.Task, call.Ended);
        if (!request.Sent.Task.IsCompleted)
        {
            throw call.EndException()!;
        }
    }
}

/// <summary>The responses of a streaming call that may be tried again: those of the attempt that counts.</summary>
sealed class RetriedResponseStream<TRequest, TResponse>(RetriedCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    IAsyncStreamReader<TResponse>? _responses;

    public TResponse Current => _responses is null ? null! : _responses.Current;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(call.IsDisposed, call);
        return _responses?.MoveNext(cancellationToken) ?? FirstAsync(cancellationToken);
    }

    async Task<bool> FirstAsync(CancellationToken cancellationToken)
    {
        Attempt<TRequest, TResponse> final;
        using (call.CancelWith(cancellationToken))
        {
            final = await call.Committed;
        }
        if (call.IsDisposed)
        {
            throw final.Call.CreateException(final.Call.GetStatus());
        }
        _responses = final.Responses!;
        return await _responses.MoveNext(cancellationToken);
    }
}
