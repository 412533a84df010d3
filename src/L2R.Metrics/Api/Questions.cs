using System.ComponentModel.DataAnnotations;
using System.Globalization;
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
    /// <summary>How many questions of all tenants are answered at once, 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int MaxAtOnce { get; init; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>How many more wait for their turn, 0 to 100,000. Others are refused.</summary>
    [Range(0, 100_000)]
    public int MaxWaiting { get; init; } = 200;
}

/// <summary>Whose turn it is: so many are answered at once, so many wait, and nobody takes the service down.</summary>
sealed class QuestionTurns(QuestionOptions options) : IDisposable
{
    readonly SemaphoreSlim _turns = new(options.MaxAtOnce);
    int _taken; // those who wait included

    /// <exception cref="RpcException">RESOURCE_EXHAUSTED, QUESTIONS_TOO_MANY.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _taken) > options.MaxAtOnce + options.MaxWaiting)
        {
            Interlocked.Decrement(ref _taken);
            throw ApiErrors.Create(
                StatusCode.ResourceExhausted, "metrics.l2r", "QUESTIONS_TOO_MANY",
                $"{options.MaxAtOnce} questions are being answered and {options.MaxWaiting} wait. Ask again in a moment, and for less where you can: "
                + "less time, fewer groups, by filters fewer journeys.",
                new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) },
                ("max_at_once", options.MaxAtOnce.ToString(CultureInfo.InvariantCulture)),
                ("max_waiting", options.MaxWaiting.ToString(CultureInfo.InvariantCulture)));
        }
        try
        {
            await _turns.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref _taken);
            throw;
        }
    }

    public void Release()
    {
        _turns.Release();
        Interlocked.Decrement(ref _taken);
    }

    public void Dispose() => _turns.Dispose();
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
        await turns.TakeAsync(context.CancellationToken);
        try
        {
            return await continuation(request, context);
        }
        finally
        {
            turns.Release();
        }
    }
}
