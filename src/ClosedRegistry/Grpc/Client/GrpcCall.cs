using System.Diagnostics;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>One call on one HTTP/2 stream. It ends once: by the server's status, an error, a cancellation, its deadline, or its disposal.</summary>
sealed class GrpcCall<TRequest, TResponse> : ICall
    where TRequest : class
    where TResponse : class
{
    readonly Lock _ending = new();
    readonly CancellationTokenSource _cancelled = new();
    readonly CancellationTokenSource _ended = new();
    readonly TaskCompletionSource<HttpResponseMessage> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    HttpResponseMessage? _response;
    Status? _status;
    Metadata? _trailers;
    Task? _single;
    CancellationTokenRegistration _onUserCancels;
    CancellationTokenRegistration _onChannelDisposed;
    CallDeadline? _deadline;
    Activity? _activity;

    readonly int _previousAttempts;

    public GrpcCall(GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options, int previousAttempts = 0)
    {
        if (options.Deadline is { } deadline && deadline != DateTime.MaxValue && deadline != DateTime.MinValue && deadline.Kind != DateTimeKind.Utc)
        {
            throw new InvalidOperationException("Deadline must have a kind DateTimeKind.Utc or be equal to DateTime.MaxValue or DateTime.MinValue.");
        }
        ObjectDisposedException.ThrowIf(channel.Disposed.IsCancellationRequested, channel);
        Channel = channel;
        Method = method;
        Options = options;
        _previousAttempts = previousAttempts;
    }

    public GrpcChannel Channel { get; }
    public Method<TRequest, TResponse> Method { get; }
    public CallOptions Options { get; }

    /// <summary>Fires when the call is given up on this side.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Fires when the call has ended, whoever ended it: nobody takes a request any more.</summary>
    public CancellationToken Ended => _ended.Token;

    public bool IsDisposed { get; private set; }

    /// <summary>Null while the call runs.</summary>
    public Status? Status
    {
        get
        {
            lock (_ending)
            {
                return _status;
            }
        }
    }

    /// <summary>Done when the headers are here or the call has ended. Faulted where it ended without.</summary>
    public Task Answered => _opened.Task;

    /// <summary>Milliseconds to wait before another attempt, as the server asks; negative to make none, null where it does not say.</summary>
    public int? Pushback => _response is null ? null : ResponseStatus.PushbackOf(_response);

    public FramedMessage Serialize(TRequest message, WriteOptions? writeOptions) =>
        RequestMessage.Serialize(Channel, Method.RequestMarshaller, Options, message, writeOptions);

    /// <summary>Sends the request, and reads the one response.</summary>
    public Task<TResponse> RunSingleAsync(HttpContent request)
    {
        var response = RunAsync(request);
        _single = response;
        return response;

        async Task<TResponse> RunAsync(HttpContent request)
        {
            try
            {
                var response = await OpenAsync(request);
                if (Status is { } early)
                {
                    throw CreateException(early);
                }
                var message = await (await OpenReaderAsync(response)).ReadSingleAndCompleteAsync(Cancelled);
                var status = ResponseStatus.OfTrailers(response);
                var final = End(message is null && status.StatusCode == StatusCode.OK
                    ? new Status(StatusCode.Internal, "Failed to deserialize response message.")
                    : status);
                return final.StatusCode == StatusCode.OK ? message! : throw CreateException(final);
            }
            catch (Exception exception)
            {
                throw Fail("Error starting gRPC call.", exception);
            }
        }
    }

    /// <summary>Sends the request; the responses are read from what this returns.</summary>
    public IAsyncStreamReader<TResponse> RunStream(HttpContent request)
    {
        _ = RunAsync(request);
        return new ClientResponseStream<TRequest, TResponse>(this);

        async Task RunAsync(HttpContent request)
        {
            try
            {
                await OpenAsync(request);
            }
            catch (Exception exception)
            {
                // Told to whoever reads, through _opened.
                Fail("Error starting gRPC call.", exception);
            }
        }
    }

    /// <returns>Null where the call ended without messages.</returns>
    public async Task<MessageReader<TResponse>?> OpenStreamAsync()
    {
        var response = await _opened.Task;
        return Status is not { } status ? await OpenReaderAsync(response)
            : status.StatusCode == StatusCode.OK ? null
            : throw CreateException(status);
    }

    /// <summary>Ends the call by the response's trailers.</summary>
    public async Task<Status> EndByTrailersAsync() => End(ResponseStatus.OfTrailers(await _opened.Task));

    public async Task<Metadata> GetHeadersAsync() => ResponseStatus.ToMetadata((await _opened.Task).Headers);

    public Status GetStatus() => Status ?? throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    public Metadata GetTrailers() => Trailers
        ?? throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");

    public CancellationTokenRegistration CancelWith(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled && cancellationToken != Options.CancellationToken
            ? cancellationToken.UnsafeRegister(OnCancelled, this)
            : default;

    public void Dispose()
    {
        IsDisposed = true;
        Cancel(new Status(StatusCode.Cancelled, "gRPC call disposed."));
        _single.Forget();
    }

    /// <summary>Ends the call because of an exception on this side, unless it has ended.</summary>
    /// <returns>What the caller gets to see.</returns>
    public Exception Fail(string summary, Exception exception)
    {
        if (Status is null)
        {
            var status = Transport.Explain(summary, exception);
            // The server resets a stream whose deadline passed, and may do so before the timer here.
            Cancel(status.StatusCode == StatusCode.Cancelled && CallDeadline.TimeLeft(Options) <= TimeSpan.Zero
                ? new Status(StatusCode.DeadlineExceeded, status.Detail, status.DebugException)
                : status);
        }
        var failure = CreateException(GetStatus());
        if (_opened.TrySetException(failure))
        {
            _ = _opened.Task.Exception; // seen here; nobody has to ask for the headers
        }
        return failure;
    }

    public Exception CreateException(Status status) =>
        Channel.Options.ThrowOperationCanceledOnCancellation && status.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded
            ? new OperationCanceledException(
                status.Detail, status.DebugException,
                Options.CancellationToken.IsCancellationRequested ? Options.CancellationToken : Cancelled)
            : new RpcException(status, Trailers ?? Metadata.Empty);

    Metadata? Trailers => _trailers ??=
        Status is not null && !Cancelled.IsCancellationRequested && _response is not null
            ? ResponseStatus.ToMetadata(_response.TrailingHeaders)
            : null;

    async Task<HttpResponseMessage> OpenAsync(HttpContent content)
    {
        _activity = ClientDiagnostics.Start(Method.FullName);
        var request = new HttpRequestMessage(HttpMethod.Post, Channel.UriOf(Method))
        {
            Version = Channel.HttpVersion,
            VersionPolicy = Channel.VersionPolicy,
            Content = content,
        };
        RequestHeaders.AddTo(request.Headers, Options.Headers, Channel.Encodings, _previousAttempts, ArmDeadline());
        _onUserCancels = Options.CancellationToken.UnsafeRegister(OnCancelled, this);
        _onChannelDisposed = Channel.Disposed.UnsafeRegister(static call => ((GrpcCall<TRequest, TResponse>)call!).Dispose(), this);
        if (Cancelled.IsCancellationRequested)
        {
            Unregister(); // it ended before there was anything to unregister
        }

        await RequestHeaders.AddCredentialsAsync(request.Headers, Channel, Method, Options.Credentials, Cancelled);
        await Channel.AdmitAsync(Options, Cancelled);
        Cancelled.ThrowIfCancellationRequested();

        var response = await Channel.SendAsync(request, Cancelled);
        _response = response;
        if (Cancelled.IsCancellationRequested)
        {
            response.Dispose();
            Cancelled.ThrowIfCancellationRequested();
        }
        if (ResponseStatus.OfHeaders(response) is { } early)
        {
            _trailers = ResponseStatus.ToMetadata(response.Headers);
            var isSingle = Method.Type is MethodType.Unary or MethodType.ClientStreaming;
            End(isSingle && early.StatusCode == StatusCode.OK
                ? new Status(StatusCode.Internal, "Failed to deserialize response message. The response header contains a gRPC status of OK, which means any message returned to the client for this call should be ignored. A unary or client streaming gRPC call must have a response message, which makes this response invalid.")
                : early);
        }
        _opened.TrySetResult(response);
        return response;
    }

    async Task<MessageReader<TResponse>> OpenReaderAsync(HttpResponseMessage response) => new(
        PipeReader.Create(await response.Content.ReadAsStreamAsync(Cancelled), ResponseStatus.PipeOptions),
        Method.ResponseMarshaller.ContextualDeserializer,
        Channel.Options.MaxReceiveMessageSize,
        Channel.Encodings,
        ResponseStatus.EncodingOf(response));

    /// <returns>The time until the deadline, null where there is none.</returns>
    TimeSpan? ArmDeadline()
    {
        if (CallDeadline.TimeLeft(Options) is not { } timeout)
        {
            return null;
        }
        if (timeout <= TimeSpan.Zero)
        {
            Cancel(new Status(StatusCode.DeadlineExceeded, ""));
        }
        else
        {
            _deadline = new CallDeadline(Options, () => Cancel(new Status(StatusCode.DeadlineExceeded, "")));
        }
        return timeout;
    }

    static void OnCancelled(object? call, CancellationToken cancellationToken) => ((GrpcCall<TRequest, TResponse>)call!).Cancel(
        new Status(StatusCode.Cancelled, "Call canceled by the client.", new OperationCanceledException(cancellationToken)));

    void Cancel(Status status)
    {
        if (TryEnd(status))
        {
            _cancelled.Cancel();
            _response?.Dispose(); // resets the stream where the server is still sending
            _ended.Cancel();
        }
    }

    /// <returns>The status that the call ended with, which may be another where something else was first.</returns>
    Status End(Status status)
    {
        if (TryEnd(status))
        {
            _response?.Dispose(); // ends the request where it is still open
            _ended.Cancel();
        }
        return GetStatus();
    }

    bool TryEnd(Status status)
    {
        lock (_ending)
        {
            if (_status is not null)
            {
                return false;
            }
            _status = status;
        }
        Unregister();
        ClientDiagnostics.Stop(_activity, status.StatusCode);
        return true;
    }

    void Unregister()
    {
        _deadline?.Dispose();
        _onUserCancels.Unregister();
        _onChannelDisposed.Unregister();
    }
}
