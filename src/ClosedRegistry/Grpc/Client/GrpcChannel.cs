using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>A server's address, and the connections to it. Expensive to make, cheap to share: one per server and process.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    readonly ConcurrentDictionary<IMethod, Uri> _callUris = new(ReferenceEqualityComparer.Instance);
    readonly CancellationTokenSource _disposed = new();
    readonly Uri _address;
    readonly HttpMessageInvoker _http;
    readonly bool _ownsHttp;

    GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (options.HttpClient is not null && options.HttpHandler is not null)
        {
            throw new ArgumentException("HttpClient and HttpHandler have been configured. Only one HTTP caller can be specified.");
        }
        _address = address;
        IsSecure = address.Scheme == Uri.UriSchemeHttps;
        if (options is { Credentials: { IsSecure: false, CallCredentials: not null }, UnsafeUseInsecureChannelCallCredentials: false })
        {
            throw new InvalidOperationException(
                "CallCredentials can't be composed with InsecureCredentials. CallCredentials must be used with secure channel credentials like SslCredentials or by enabling GrpcChannelOptions.UnsafeUseInsecureChannelCallCredentials on the channel.");
        }
        if (options.Credentials is { } credentials && credentials.IsSecure != IsSecure)
        {
            throw new InvalidOperationException(
                $"Channel is configured with {(credentials.IsSecure ? "secure" : "insecure")} channel credentials and can't use a HttpClient with a '{address.Scheme}' scheme.");
        }

        Options = options;
        CallCredentials = options.Credentials?.CallCredentials;
        Disposed = _disposed.Token;
        Logger = (options.LoggerFactory ?? (ILoggerFactory?)options.ServiceProvider?.GetService(typeof(ILoggerFactory)) ?? NullLoggerFactory.Instance)
            .CreateLogger("Grpc.Net.Client.Internal.GrpcCall");
        Retries = options.ServiceConfig is { } config ? new AttemptPolicies(config, options) : null;
        Encodings = options.CompressionProviders is { } providers ? new Encodings(providers) : Encodings.Default;
        HttpVersion = options.HttpVersion ?? System.Net.HttpVersion.Version20;
        VersionPolicy = options.HttpVersionPolicy ?? HttpVersionPolicy.RequestVersionExact;

        _ownsHttp = options.DisposeHttpClient || (options.HttpClient is null && options.HttpHandler is null);
        var handler = options.HttpClient is null ? options.HttpHandler ?? CreateHandler() : null;
        Connections = Connections.Of(handler, address, options);
        _http = options.HttpClient ?? new HttpMessageInvoker(handler!, disposeHandler: _ownsHttp);
    }

    /// <exception cref="InvalidOperationException">The transport is not a SocketsHttpHandler of which the channel opens the connections.</exception>
    public ConnectivityState State => KnownConnections.State;

    internal GrpcChannelOptions Options { get; }

    /// <summary>Null where the transport opens them in a way of its own.</summary>
    Connections? Connections { get; }

    internal bool IsSecure { get; }

    internal CallCredentials? CallCredentials { get; }

    internal ILogger Logger { get; }

    internal Encodings Encodings { get; }

    /// <summary>Null where every call is tried once.</summary>
    internal AttemptPolicies? Retries { get; }

    internal Version HttpVersion { get; }

    internal HttpVersionPolicy VersionPolicy { get; }

    /// <summary>Fires when the channel is disposed, and ends its calls.</summary>
    internal CancellationToken Disposed { get; }

    /// <param name="address">Absolute, http or https. A path in it is not used.</param>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return address.IsAbsoluteUri && address.Scheme is "http" or "https"
            ? new GrpcChannel(address, channelOptions)
            : throw new ArgumentException($"No address resolver configured for the scheme of '{address}': http and https are known.");
    }

    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        return new ChannelInvoker(this);
    }

    /// <summary>Done when there is a connection. Tries at once and until then, with growing pauses.</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="State"/>.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default) => KnownConnections.ConnectAsync(cancellationToken);

    /// <summary>Done when the state is another than <paramref name="lastObservedState"/>.</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="State"/>.</exception>
    public Task WaitForStateChangedAsync(ConnectivityState lastObservedState, CancellationToken cancellationToken = default) =>
        KnownConnections.WaitForChangeAsync(lastObservedState, cancellationToken);

    /// <summary>Cancels the calls that are under way.</summary>
    public void Dispose()
    {
        if (_disposed.IsCancellationRequested)
        {
            return;
        }
        _disposed.Cancel();
        if (_ownsHttp)
        {
            _http.Dispose();
        }
        Connections?.Dispose();
    }

    /// <summary>Done when the call may go, where the channel knows its connections.</summary>
    /// <exception cref="RpcException">The server cannot be reached, and the call does not wait.</exception>
    internal Task AdmitAsync(CallOptions call, CancellationToken cancellationToken) =>
        Connections?.AdmitAsync(call.IsWaitForReady, cancellationToken) ?? Task.CompletedTask;

    internal Uri UriOf(IMethod method) =>
        _callUris.GetOrAdd(method, static (method, address) => new Uri(address, method.FullName), _address);

    internal AuthInterceptorContext AuthContextOf(IMethod method, CancellationToken cancellationToken) =>
        new($"{_address.GetLeftPart(UriPartial.Authority)}/{method.ServiceName}", method.Name, cancellationToken);

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : _http.SendAsync(request, cancellationToken);

    Connections KnownConnections => Connections ?? throw new InvalidOperationException(
        "Channel is configured with an HTTP transport doesn't support client-side load balancing or connectivity state tracking. The underlying HTTP transport must be a SocketsHttpHandler with no SocketsHttpHandler.ConnectCallback configured. The HTTP transport must be configured on the channel using GrpcChannelOptions.HttpHandler.");

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    // A connection takes a limited number of streams: without more connections the rest would queue.
    static SocketsHttpHandler CreateHandler() => new()
    {
        EnableMultipleHttp2Connections = true,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
    };
}
