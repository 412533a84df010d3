using Grpc.Core;

namespace Grpc.Net.Client.Configuration;

/// <summary>What a channel does about calls that fail, by method.</summary>
public sealed class ServiceConfig
{
    public IList<MethodConfig> MethodConfigs { get; } = [];

    /// <summary>Null for none.</summary>
    public RetryThrottlingPolicy? RetryThrottling { get; set; }
}

/// <summary>Either retries or hedging, for the methods named.</summary>
public sealed class MethodConfig
{
    /// <summary>Each name in no more than one config of a channel.</summary>
    public IList<MethodName> Names { get; } = [];

    public RetryPolicy? RetryPolicy { get; set; }

    public HedgingPolicy? HedgingPolicy { get; set; }
}

/// <summary>A method; without <see cref="Method"/> all of a service; without both all of the channel. The closest counts.</summary>
public sealed class MethodName
{
    /// <summary>All methods of the channel.</summary>
    public static readonly MethodName Default = new();

    /// <summary>With its package.</summary>
    public string? Service { get; set; }

    public string? Method { get; set; }
}

/// <summary>Calls again after a call failed, before the server sent headers or messages.</summary>
public sealed class RetryPolicy
{
    /// <summary>With the first; 2 or more. The channel's limit counts too.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>The most to wait before the second attempt; the wait is random. More than zero.</summary>
    public TimeSpan? InitialBackoff { get; set; }

    /// <summary>The most to wait before any attempt. More than zero.</summary>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>By which the wait grows with each attempt. More than 0.</summary>
    public double? BackoffMultiplier { get; set; }

    /// <summary>At least one.</summary>
    public IList<StatusCode> RetryableStatusCodes { get; } = [];
}

/// <summary>Calls again while there is no answer yet. The first answer counts, the other calls are cancelled.</summary>
public sealed class HedgingPolicy
{
    /// <summary>With the first; 2 or more. The channel's limit counts too.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>From one attempt to the next; null or zero sends all at once.</summary>
    public TimeSpan? HedgingDelay { get; set; }

    /// <summary>A failure with one of these lets the others go on, and the next attempt begin at once.</summary>
    public IList<StatusCode> NonFatalStatusCodes { get; } = [];
}

/// <summary>Stops retries on a channel while too many calls fail: while half of the tokens or fewer are left.</summary>
public sealed class RetryThrottlingPolicy
{
    /// <summary>Each failure takes one. More than 0.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>What each success gives back. More than 0.</summary>
    public double? TokenRatio { get; set; }
}
