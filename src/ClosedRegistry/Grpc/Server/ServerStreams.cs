using Grpc.Core;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server;

/// <summary>The requests of a streaming call.</summary>
sealed class RequestStream<T>(HttpServerCallContext call, Func<DeserializationContext, T> deserialize) : IAsyncStreamReader<T>
    where T : class
{
    readonly MessageReader<T> _messages =
        new(call.Http.Request.BodyReader, deserialize, call.Settings.MaxReceiveMessageSize, call.Settings.Encodings, call.RequestEncoding);

    readonly CancellationToken _aborted = call.Http.RequestAborted;
    bool _ended;

    public T Current { get; private set; } = null!;

    public void End() => _ended = true;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }
        if (_ended || _aborted.IsCancellationRequested)
        {
            return Task.FromException<bool>(new InvalidOperationException("Can't read messages after the request is complete."));
        }
        Current = null!;
        return MoveNextAsync(cancellationToken);
    }

    async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        Current = (await _messages.ReadAsync(cancellationToken))!;
        return Current is not null;
    }
}

/// <summary>The responses of a streaming call. A write is done when the transport took it, so a slow reader slows the handler.</summary>
sealed class ResponseStream<T>(HttpServerCallContext call, Action<T, SerializationContext> serialize) : IServerStreamWriter<T>
    where T : class
{
    readonly CancellationToken _aborted = call.Http.RequestAborted;
    readonly Lock _writing = new();
    Task _write = Task.CompletedTask;
    bool _ended;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public void End() => _ended = true;

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (message is null)
        {
            return Task.FromException(new ArgumentNullException(nameof(message)));
        }
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }
        if (_ended || _aborted.IsCancellationRequested)
        {
            return Task.FromException(new InvalidOperationException("Can't write the message because the request is complete."));
        }
        lock (_writing)
        {
            return _write.IsCompleted
                ? _write = SendAsync(message, cancellationToken)
                : Task.FromException(new InvalidOperationException("Can't write the message because the previous write is in progress."));
        }
    }

    async Task SendAsync(T message, CancellationToken cancellationToken)
    {
        await call.WriteAsync(message, serialize);
        if ((WriteOptions?.Flags & WriteFlags.BufferHint) == WriteFlags.BufferHint)
        {
            return;
        }
        var flushed = await call.Http.Response.BodyWriter.FlushAsync(cancellationToken);
        if (!flushed.IsCompleted && (_aborted.IsCancellationRequested || cancellationToken.IsCancellationRequested))
        {
            throw new OperationCanceledException("Request aborted while sending the message.");
        }
    }
}
