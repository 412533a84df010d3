using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Grpc.Net.Compression;
using Grpc.Wire;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>Settings of a channel.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Must fit the address: insecure for http, TLS for https.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>In bytes; null for no limit, which is also the default.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>In bytes; null for no limit. 4 MiB unless set.</summary>
    public int? MaxReceiveMessageSize { get; set; } = Frame.DefaultMaxReceiveSize;

    /// <summary>What messages may be compressed with, in both directions; gzip and deflate unless set.</summary>
    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    /// <summary>Which calls are tried again; null for none.</summary>
    public ServiceConfig? ServiceConfig { get; set; }

    /// <summary>With the first, whatever a policy says; null for no limit. 5 unless set.</summary>
    public int? MaxRetryAttempts { get; set; } = 5;

    /// <summary>In bytes, of all calls' requests that may have to be sent again; null for no limit. 16 MiB unless set.</summary>
    public long? MaxRetryBufferSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>In bytes, of one call's requests. A call with more is not tried again; null for no limit. 1 MiB unless set.</summary>
    public long? MaxRetryBufferPerCallSize { get; set; } = 1024 * 1024;

    /// <summary>Between the first two attempts to connect, more or less by up to 20%; longer after each. 1 s unless set, and 3.5 minutes at most.</summary>
    /// <exception cref="ArgumentException">Not above 0.</exception>
    public TimeSpan InitialReconnectBackoff
    {
        get;
        set => field = value > TimeSpan.Zero ? value : throw new ArgumentException("Initial reconnect backoff must be greater than zero.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>The most between two attempts, more or less by up to 20%; null for no limit but 3.5 minutes. 120 s unless set.</summary>
    /// <exception cref="ArgumentException">Not above 0.</exception>
    public TimeSpan? MaxReconnectBackoff
    {
        get;
        set => field = value <= TimeSpan.Zero ? throw new ArgumentException("Maximum reconnect backoff must be greater than zero.") : value;
    } = TimeSpan.FromSeconds(120);

    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Not together with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Not together with <see cref="HttpClient"/>.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the channel disposes the client or handler that it was given.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>Whether a call that was cancelled, or whose deadline passed, throws <see cref="OperationCanceledException"/>.</summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>Whether call credentials go over plain text too.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    /// <summary>Where the channel looks for what is not set here: the logger factory.</summary>
    public IServiceProvider? ServiceProvider { get; set; }

    /// <summary>2.0 unless set.</summary>
    public Version? HttpVersion { get; set; }

    /// <summary>Exact unless set.</summary>
    public HttpVersionPolicy? HttpVersionPolicy { get; set; }
}
