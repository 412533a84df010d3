using Grpc.Core;
using L2R.Cli.Stack;

namespace L2R.Cli.Simulation;

/// <summary>Makes calls as a patient caller does: again when the service says so, or is away for a while.</summary>
sealed class LiveCalls(Gateway gateway, TimeProvider clock, CancellationToken stop)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    long _made;
    long _retried;

    public Gateway Gateway => gateway;

    public long Made => Interlocked.Read(ref _made);

    public long Retried => Interlocked.Read(ref _retried);

    public Task WaitUntilAsync(DateTimeOffset due) =>
        clock.GetUtcNow() is var now && due > now ? Task.Delay(due - now, clock, stop) : Task.CompletedTask;

    public Task PauseAsync() => Task.Delay(Pause, clock, stop);

    /// <param name="call">Made with the same request each time; its request_id keeps that safe.</param>
    /// <exception cref="RpcException">The answer is another error, or the same one for a minute.</exception>
    public async Task<T> MakeAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                var answer = await call(gateway.Options(Patience, stop));
                Interlocked.Increment(ref _made);
                return answer;
            }
            catch (RpcException exception) when (RetryAfter(exception) is { } pause && clock.GetElapsedTime(start) < Patience && !stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref _retried);
                await Task.Delay(pause, clock, stop);
            }
        }
    }

    /// <returns>Null where trying again would get the same answer.</returns>
    static TimeSpan? RetryAfter(RpcException exception)
    {
        var details = exception.Trailers.FirstOrDefault(entry => entry.Key == "grpc-status-details-bin")?.ValueBytes;
        foreach (var detail in details is null ? [] : Rpc.Status.Parser.ParseFrom(details).Details)
        {
            if (detail.TryUnpack<Rpc.RetryInfo>(out var retry))
            {
                return retry.RetryDelay.ToTimeSpan();
            }
        }
        return exception.StatusCode == StatusCode.Unavailable ? Pause : null;
    }
}
