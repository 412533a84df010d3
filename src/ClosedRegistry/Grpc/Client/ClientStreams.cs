using System.Net;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The responses of a streaming call.</summary>
sealed class ClientResponseStream<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    readonly Lock _reading = new();
    Task<bool> _move = Task.FromResult(true);
    MessageReader<TResponse>? _messages;

    public TResponse Current { get; private set; } = null!;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(call.IsDisposed, call);
        if (call.Status is { } status)
        {
            return status.StatusCode == StatusCode.OK ? Task.FromResult(false) : Task.FromException<bool>(call.CreateException(status));
        }
        lock (_reading)
        {
            return _move.IsCompleted
                ? _move = MoveNextAsync(cancellationToken)
                : Task.FromException<bool>(
                    new InvalidOperationException("Can't read the next message because the previous read is still in progress."));
        }
    }

    async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        using var registration = call.CancelWith(cancellationToken);
        try
        {
            Current = null!;
            _messages ??= await call.OpenStreamAsync();
            if (_messages is null)
            {
                return false;
            }
            if (await _messages.ReadAsync(call.Cancelled) is { } message)
            {
                Current = message;
                return true;
            }
            _messages.Complete();
            var status = await call.EndByTrailersAsync();
            return status.StatusCode == StatusCode.OK ? false : throw call.CreateException(status);
        }
        catch (Exception exception)
        {
            throw call.Fail("Error reading next message.", exception);
        }
    }
}

/// <summary>The requests of a streaming call. A write is done when the transport took it, so a slow server slows the caller.</summary>
sealed class ClientRequestStream<TRequest, TResponse> : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    readonly GrpcCall<TRequest, TResponse> _call;
    readonly Lock _writing = new();
    readonly TaskCompletionSource<Stream> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Continues in line, so that the end of the request is on its way before CompleteAsync returns, and disposing the call cannot overtake it.
    readonly TaskCompletionSource _complete = new();
    Task _write = Task.CompletedTask;

    public ClientRequestStream(GrpcCall<TRequest, TResponse> call)
    {
        _call = call;
        Content = new RequestBody(this);
        WriteOptions = call.Options.WriteOptions;
    }

    public HttpContent Content { get; }

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ObjectDisposedException.ThrowIf(_call.IsDisposed, _call);
        lock (_writing)
        {
            return _complete.Task.IsCompleted ? Task.FromException(new InvalidOperationException("Request stream has already been completed."))
                : _call.Status is { } status ? Task.FromException(_call.CreateException(status))
                : _write.IsCompleted ? _write = SendAsync(message, cancellationToken)
                : Task.FromException(new InvalidOperationException("Can't write the message because the previous write is in progress."));
        }
    }

    public Task CompleteAsync()
    {
        ObjectDisposedException.ThrowIf(_call.IsDisposed, _call);
        lock (_writing)
        {
            if (!_write.IsCompleted)
            {
                return Task.FromException(
                    new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress."));
            }
        }
        _complete.TrySetResult();
        return Task.CompletedTask;
    }

    async Task SendAsync(TRequest message, CancellationToken cancellationToken)
    {
        using var registration = _call.CancelWith(cancellationToken);
        try
        {
            var stream = await _open.Task.WaitAsync(_call.Ended);
            using var framed = _call.Serialize(message, WriteOptions);
            await stream.WriteAsync(framed.Framed, _call.Ended);
            if ((WriteOptions?.Flags & WriteFlags.BufferHint) != WriteFlags.BufferHint)
            {
                await stream.FlushAsync(_call.Cancelled);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException)
        {
            // The stream is gone. How the call ended is the response's to tell, and it may be about to.
            throw _call.CreateException(_call.Status ?? new Status(StatusCode.Cancelled, "", exception));
        }
    }

    sealed class RequestBody : HttpContent
    {
        readonly ClientRequestStream<TRequest, TResponse> _requests;

        public RequestBody(ClientRequestStream<TRequest, TResponse> requests)
        {
            _requests = requests;
            Headers.TryAddWithoutValidation("Content-Type", Wire.Headers.ContentType);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken); // the headers leave now: the server may answer before the first message
            _requests._open.TrySetResult(stream);
            await _requests._complete.Task.WaitAsync(cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

/// <summary>The body of a call with one request.</summary>
sealed class SingleRequest<TRequest, TResponse> : HttpContent
    where TRequest : class
    where TResponse : class
{
    readonly GrpcCall<TRequest, TResponse> _call;
    readonly TRequest _request;

    public SingleRequest(GrpcCall<TRequest, TResponse> call, TRequest request)
    {
        _call = call;
        _request = request;
        Headers.TryAddWithoutValidation("Content-Type", Wire.Headers.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var framed = _call.Serialize(_request, _call.Options.WriteOptions);
        await stream.WriteAsync(framed.Framed, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
