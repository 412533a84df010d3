namespace Grpc.Core;

/// <summary>How a channel and its server are connected.</summary>
public enum ConnectivityState
{
    /// <summary>Not, and nobody has asked.</summary>
    Idle,
    Connecting,
    Ready,

    /// <summary>The last attempt failed. The next call tries again.</summary>
    TransientFailure,

    /// <summary>The channel is disposed.</summary>
    Shutdown,
}
