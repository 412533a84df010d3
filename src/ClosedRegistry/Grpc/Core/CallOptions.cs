namespace Grpc.Core;

/// <summary>What a caller may say about one call.</summary>
/// <param name="deadline">UTC. The call ends with DEADLINE_EXCEEDED when it passes.</param>
/// <param name="credentials">Sent over TLS only, unless the channel says otherwise.</param>
public struct CallOptions(
    Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default,
    WriteOptions? writeOptions = null, ContextPropagationToken? propagationToken = null, CallCredentials? credentials = null)
{
    public Metadata? Headers { get; private set; } = headers;

    public DateTime? Deadline { get; private set; } = deadline;

    public CancellationToken CancellationToken { get; private set; } = cancellationToken;

    public WriteOptions? WriteOptions { get; private set; } = writeOptions;

    public ContextPropagationToken? PropagationToken { get; private set; } = propagationToken;

    public CallCredentials? Credentials { get; private set; } = credentials;

    /// <summary>Whether the call waits for a connection, instead of failing where there is none.</summary>
    public bool IsWaitForReady { get; private set; }

    public readonly CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    public readonly CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    public readonly CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    public readonly CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    public readonly CallOptions WithPropagationToken(ContextPropagationToken propagationToken) => this with { PropagationToken = propagationToken };

    public readonly CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    public readonly CallOptions WithWaitForReady(bool waitForReady = true) => this with { IsWaitForReady = waitForReady };
}

/// <summary>Opaque: grpc-dotnet makes none either.</summary>
public class ContextPropagationToken
{
    internal ContextPropagationToken()
    {
    }
}

public class ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true)
{
    public static readonly ContextPropagationOptions Default = new();

    public bool IsPropagateDeadline { get; } = propagateDeadline;

    public bool IsPropagateCancellation { get; } = propagateCancellation;
}
