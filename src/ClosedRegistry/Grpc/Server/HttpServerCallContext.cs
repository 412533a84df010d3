using System.Net.Sockets;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>A call on top of one HTTP/2 request.</summary>
sealed class HttpServerCallContext : ServerCallContext, IServerCallContextFeature
{
    static readonly AuthContext Unauthenticated = new(null, []);

    readonly ILogger _logger;
    readonly ServerDeadline? _deadline;
    readonly Lock _responding = new();
    Metadata? _requestHeaders;
    Metadata? _responseTrailers;
    string? _responseEncoding;
    bool _ended;

    public HttpServerCallContext(HttpContext http, MethodSettings settings, ILogger logger)
    {
        Http = http;
        Settings = settings;
        _logger = logger;
        http.Features.Set<IServerCallContextFeature>(this);
        http.Features.Get<IHttpActivityFeature>()?.Activity.AddTag("grpc.method", MethodCore);

        if (settings.ResponseCompression is { } compression && Accepts(http.Request.Headers.GrpcAcceptEncoding, compression))
        {
            SetResponseEncoding(compression);
        }
        var timeout = http.Request.Headers.GrpcTimeout;
        if (timeout.Count == 1 && Headers.TryDecodeTimeout(timeout[0]!, out var allowed) && allowed > TimeSpan.Zero)
        {
            _deadline = new ServerDeadline(this, allowed, http.RequestAborted, logger);
        }
    }

    public HttpContext Http { get; }

    public MethodSettings Settings { get; }

    public string? RequestEncoding => Http.Request.Headers.GrpcEncoding;

    /// <summary>True once the answer is out, because the handler ended or the deadline passed.</summary>
    public bool HasEnded => _ended;

    ServerCallContext IServerCallContextFeature.ServerCallContext => this;

    protected override string MethodCore => Http.Request.Path.Value!;

    protected override string HostCore => Http.Request.Host.Value!;

    protected override string PeerCore => Http.Connection switch
    {
        { RemoteIpAddress: null } => "unknown",
        { RemoteIpAddress: { AddressFamily: AddressFamily.InterNetworkV6 } address, RemotePort: var port } => $"ipv6:[{address}]:{port}",
        { RemoteIpAddress: { AddressFamily: AddressFamily.InterNetwork } address, RemotePort: var port } => $"ipv4:{address}:{port}",
        { RemoteIpAddress: var address, RemotePort: var port } => $"unknown:{address}:{port}",
    };

    protected override DateTime DeadlineCore => _deadline?.Time ?? DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override CancellationToken CancellationTokenCore => _deadline?.Token ?? Http.RequestAborted;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => Unauthenticated;

    protected override IDictionary<object, object> UserStateCore => Http.Items!;

    /// <summary>Writes one message into the response's buffer.</summary>
    public async ValueTask WriteAsync<T>(T message, Action<T, SerializationContext> serialize)
    {
        if (!Http.Response.HasStarted)
        {
            await Http.Response.StartAsync(CancellationToken.None);
        }
        lock (_responding)
        {
            if (_ended)
            {
                throw new InvalidOperationException("Can't write the message because the request is complete.");
            }
            using var target = new ResponseMessage(
                Http.Response.BodyWriter,
                Settings.MaxSendMessageSize,
                Encodings.MayCompress(WriteOptions) ? Settings.Encodings.Find(_responseEncoding) : null,
                Settings.ResponseCompressionLevel);
            serialize(message, target);
        }
    }

    /// <summary>Ends the call with the status that it has by now.</summary>
    public async ValueTask EndAsync()
    {
        if (!TryEnd(Status) && _deadline is not null)
        {
            await _deadline.Passed;
        }
        _deadline?.Dispose();
    }

    /// <summary>Ends the call the way that the exception asks for.</summary>
    public ValueTask FailAsync(Exception exception, string method)
    {
        if (exception is RpcException { Status: var status } rpc)
        {
            ServerLog.Raised(_logger, status.StatusCode, status.Detail, status.DebugException);
            foreach (var entry in rpc.Trailers)
            {
                ResponseTrailers.Add(entry);
            }
            Status = status;
            return EndAsync();
        }

        if (exception is OperationCanceledException or IOException && CancellationToken.IsCancellationRequested)
        {
            ServerLog.Canceled(_logger, method, exception);
        }
        else
        {
            ServerLog.Failed(_logger, method, exception);
        }
        const string Message = "Exception was thrown by handler.";
        Status = new Status(
            StatusCode.Unknown, Settings.EnableDetailedErrors ? $"{Message} {ExceptionText.Describe(exception)}" : Message, exception);
        return EndAsync();
    }

    /// <summary>Puts trailers and status where they go, unless somebody did before.</summary>
    public bool TryEnd(Status status)
    {
        lock (_responding)
        {
            if (_ended)
            {
                return false;
            }
            Status = status;
            var trailers = GrpcResponse.Trailers(Http.Response);
            foreach (var entry in _responseTrailers ?? [])
            {
                GrpcResponse.Append(trailers, entry, "trailer");
            }
            GrpcResponse.SetStatus(trailers, status);
            Http.Features.Get<IHttpActivityFeature>()?.Activity.AddTag("grpc.status_code", ((int)status.StatusCode).ToString());
            _ended = true;
            return true;
        }
    }

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (Http.Response.HasStarted)
        {
            throw new InvalidOperationException("Response headers can only be sent once per call.");
        }
        foreach (var entry in responseHeaders)
        {
            if (entry.Key == Headers.EncodingRequest)
            {
                SetResponseEncoding(entry.Value);
            }
            else
            {
                GrpcResponse.Append(Http.Response.Headers, entry, "header");
            }
        }
        return Http.Response.BodyWriter.FlushAsync(CancellationToken.None).AsTask();
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Context propagation tokens are not supported: use EnableCallContextPropagation.");

    static bool Accepts(string? accepted, string encoding) =>
        accepted?.Split(',', StringSplitOptions.TrimEntries).Contains(encoding, StringComparer.Ordinal) == true;

    void SetResponseEncoding(string encoding)
    {
        _responseEncoding = encoding;
        Http.Response.Headers.GrpcEncoding = encoding;
    }

    Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, value) in Http.Request.Headers)
        {
            if (!GrpcResponse.IsOfTheProtocol(name))
            {
                Headers.AddTo(metadata, name, value.ToString());
            }
        }
        return metadata;
    }
}
