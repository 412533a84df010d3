using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client;

/// <summary>When to try a call again.</summary>
/// <param name="MaxAttempts">With the first.</param>
/// <param name="Codes">Those after which another attempt may follow.</param>
/// <param name="HedgingDelay">Null where attempts follow each other.</param>
sealed record AttemptPolicy(
    int MaxAttempts, IReadOnlySet<StatusCode> Codes, TimeSpan InitialBackoff, TimeSpan MaxBackoff, double BackoffMultiplier, TimeSpan? HedgingDelay);

/// <summary>The policies of a channel, by method. One that makes no sense is an <see cref="InvalidOperationException"/> of the call that needs it.</summary>
sealed class AttemptPolicies
{
    readonly Dictionary<(string? Service, string? Method), MethodConfig> _configs = [];
    readonly ConcurrentDictionary<MethodConfig, AttemptPolicy?> _policies = new(ReferenceEqualityComparer.Instance);
    readonly int _maxAttempts;
    readonly long? _maxBuffered;
    long _buffered;

    public AttemptPolicies(ServiceConfig config, GrpcChannelOptions limits)
    {
        _maxAttempts = limits.MaxRetryAttempts ?? int.MaxValue;
        _maxBuffered = limits.MaxRetryBufferSize;
        foreach (var methods in config.MethodConfigs)
        {
            foreach (var name in methods.Names)
            {
                if (!_configs.TryAdd((Normalize(name.Service), Normalize(name.Method)), methods))
                {
                    throw new InvalidOperationException($"Duplicate method config found. Service: '{name.Service}', method: '{name.Method}'.");
                }
            }
        }
        Throttle = config.RetryThrottling is { } throttling ? new RetryThrottle(throttling) : null;
    }

    public RetryThrottle? Throttle { get; }

    /// <returns>Null where a call is tried once.</returns>
    public AttemptPolicy? Of(IMethod method) =>
        _configs.TryGetValue((method.ServiceName, method.Name), out var config)
        || _configs.TryGetValue((method.ServiceName, null), out config)
        || _configs.TryGetValue((null, null), out config)
            ? _policies.GetOrAdd(config, static (config, limit) => Create(config, limit), _maxAttempts)
            : null;

    /// <summary>Takes room for requests that may have to be sent again.</summary>
    /// <returns>False where the calls of the channel have used up what there is.</returns>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _buffered, bytes) <= _maxBuffered.GetValueOrDefault(long.MaxValue))
        {
            return true;
        }
        Release(bytes);
        return false;
    }

    public void Release(long bytes) => Interlocked.Add(ref _buffered, -bytes);

    static string? Normalize(string? name) => string.IsNullOrEmpty(name) ? null : name;

    static AttemptPolicy? Create(MethodConfig methods, int limit)
    {
        if (methods is { RetryPolicy: not null, HedgingPolicy: not null })
        {
            throw new InvalidOperationException("Method config can't have a retry policy and hedging policy.");
        }
        if (methods.RetryPolicy is { } retry)
        {
            Require(retry.MaxAttempts > 1, "Retry policy max attempts must be greater than 1.");
            Require(retry.InitialBackoff > TimeSpan.Zero, "Retry policy initial backoff must be greater than zero.");
            Require(retry.MaxBackoff > TimeSpan.Zero, "Retry policy maximum backoff must be greater than zero.");
            Require(retry.BackoffMultiplier > 0, "Retry policy backoff multiplier must be greater than 0.");
            Require(retry.RetryableStatusCodes.Count > 0, "Retry policy must specify at least 1 retryable status code.");
            return new AttemptPolicy(
                Math.Min(retry.MaxAttempts!.Value, limit), retry.RetryableStatusCodes.ToHashSet(),
                retry.InitialBackoff!.Value, retry.MaxBackoff!.Value, retry.BackoffMultiplier!.Value, HedgingDelay: null);
        }
        if (methods.HedgingPolicy is { } hedging)
        {
            Require(hedging.MaxAttempts > 1, "Hedging policy max attempts must be greater than 1.");
            Require(!(hedging.HedgingDelay < TimeSpan.Zero), "Hedging policy delay must be equal or greater than zero.");
            return new AttemptPolicy(
                Math.Min(hedging.MaxAttempts!.Value, limit), hedging.NonFatalStatusCodes.ToHashSet(),
                TimeSpan.Zero, TimeSpan.Zero, 1, hedging.HedgingDelay ?? TimeSpan.Zero);
        }
        return null;
    }

    static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidOperationException(message);
        }
    }
}

/// <summary>Counts failures against successes, over all calls of a channel.</summary>
sealed class RetryThrottle
{
    readonly Lock _lock = new();
    readonly int _max;
    readonly double _ratio;
    double _tokens;

    public RetryThrottle(RetryThrottlingPolicy policy)
    {
        if (policy is not { MaxTokens: > 0, TokenRatio: > 0 })
        {
            throw new InvalidOperationException("Retry throttling max tokens and token ratio must be greater than 0.");
        }
        (_max, _ratio, _tokens) = (policy.MaxTokens.Value, policy.TokenRatio.Value, policy.MaxTokens.Value);
    }

    /// <summary>True while nothing is tried again.</summary>
    public bool IsActive
    {
        get
        {
            lock (_lock)
            {
                return _tokens <= _max / 2.0;
            }
        }
    }

    public void Succeeded() => Add(_ratio);

    public void Failed() => Add(-1);

    void Add(double tokens)
    {
        lock (_lock)
        {
            _tokens = Math.Clamp(_tokens + tokens, 0, _max);
        }
    }
}
