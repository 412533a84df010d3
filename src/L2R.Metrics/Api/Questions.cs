using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Threading.RateLimiting;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using L2R.Rpc;
using L2R.ServiceDefaults;

namespace L2R.Metrics.Api;

/// <summary>Marks an rpc that goes through the journeys of a tenant: it takes memory and time as they are many.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class QuestionAttribute : Attribute;

/// <summary>Section <c>Questions</c> of the configuration.</summary>
sealed class QuestionOptions
{
    /// <summary>How many questions of all tenants are answered at once, 1 to 1,000; of one tenant half as many.</summary>
    [Range(1, 1_000)]
    public int MaxAtOnce { get; init; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>How many more wait for their turn, 0 to 100,000; of one tenant half as many. Others are refused.</summary>
    [Range(0, 100_000)]
    public int MaxWaiting { get; init; } = 200;
}

/// <summary>Whose turn it is: so many are answered at once, so many wait, and nobody takes the service down. No tenant has more than half of either.</summary>
sealed class QuestionTurns : IDisposable
{
    readonly QuestionOptions _options;
    readonly PartitionedRateLimiter<string> _turns;

    public QuestionTurns(QuestionOptions options)
    {
        _options = options;
        _turns = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<string, string>(tenant => RateLimitPartition.GetConcurrencyLimiter(
                tenant, _ => Limit(Half(options.MaxAtOnce), Half(options.MaxWaiting)))),
            PartitionedRateLimiter.Create<string, string>(_ => RateLimitPartition.GetConcurrencyLimiter(
                "all", _ => Limit(options.MaxAtOnce, options.MaxWaiting))));
    }

    /// <returns>The turn, until it is disposed.</returns>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED, QUESTIONS_TOO_MANY.</exception>
    public async Task<IDisposable> TakeAsync(string tenant, CancellationToken cancellationToken)
    {
        var turn = await _turns.AcquireAsync(tenant, cancellationToken: cancellationToken);
        return turn.IsAcquired ? turn : throw ApiErrors.Create(
            StatusCode.ResourceExhausted, "metrics.l2r", "QUESTIONS_TOO_MANY",
            $"{_options.MaxAtOnce} questions are answered at once and {_options.MaxWaiting} wait, at most half of them for one tenant, and there is no room. "
            + "Ask again in a moment, and for less where you can: less time, fewer groups, by filters fewer journeys.",
            new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) },
            ("max_at_once", _options.MaxAtOnce.ToString(CultureInfo.InvariantCulture)),
            ("max_waiting", _options.MaxWaiting.ToString(CultureInfo.InvariantCulture)));
    }

    public void Dispose() => _turns.Dispose();

    static ConcurrencyLimiterOptions Limit(int atOnce, int waiting) =>
        new() { PermitLimit = atOnce, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };

    static int Half(int count) => (count + 1) / 2;
}

/// <summary>Has each rpc with a <see cref="QuestionAttribute"/> wait for its turn.</summary>
sealed class QuestionGuard(QuestionTurns turns) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (context.GetHttpContext().GetEndpoint()?.Metadata.GetMetadata<QuestionAttribute>() is null)
        {
            return await continuation(request, context);
        }
        using var turn = await turns.TakeAsync(context.Tenant(), context.CancellationToken);
        return await continuation(request, context);
    }
}
