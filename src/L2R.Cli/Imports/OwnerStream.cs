using Grpc.Core;

namespace L2R.Cli.Imports;

/// <summary>Sends one owner its batches, a few ahead of the acknowledgements, over one stream, and over a new one where that breaks.</summary>
/// <remarks>Sending a batch twice is safe: what the owner has stored is unchanged.</remarks>
/// <param name="open">Opens a stream; cancelled when an acknowledgement is overdue.</param>
/// <param name="onAck">Called for each batch in its order, once.</param>
/// <param name="say">Told that a stream broke.</param>
sealed class OwnerStream<TRequest, TResponse>(
    string owner,
    Func<CancellationToken, AsyncDuplexStreamingCall<TRequest, TResponse>> open,
    Action<TRequest, TResponse> onAck,
    Action<string> say,
    TimeProvider clock)
    where TRequest : class
    where TResponse : class
{
    /// <summary>Batches on their way. Enough that the owner never waits for the next one.</summary>
    public const int Window = 4;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    int _acknowledged;

    /// <summary>Returns when all batches are acknowledged; once <paramref name="stop"/> is cancelled, when those on their way are.</summary>
    /// <exception cref="CommandFailedException">The owner refuses the stream, or has acknowledged nothing for 60 s.</exception>
    public async Task RunAsync(IReadOnlyList<TRequest> batches, CancellationToken stop)
    {
        var pause = FirstPause;
        var (lastProgress, acknowledgedThen) = (clock.GetTimestamp(), 0);
        while (_acknowledged < batches.Count && !stop.IsCancellationRequested)
        {
            try
            {
                await SendAsync(batches, stop);
            }
            catch (RpcException exception) when (!IsFinal(exception.StatusCode))
            {
                if (stop.IsCancellationRequested)
                {
                    return; // what was on its way may be in or not: the next run finds out
                }
                if (_acknowledged > acknowledgedThen)
                {
                    (lastProgress, acknowledgedThen, pause) = (clock.GetTimestamp(), _acknowledged, FirstPause);
                }
                if (clock.GetElapsedTime(lastProgress) > Patience)
                {
                    throw new CommandFailedException(
                        $"{owner} has taken nothing for {Patience.TotalSeconds:0} s ({exception.StatusCode}: {exception.Status.Detail}). "
                        + "When ./l2r status says that all is well, run the same command again: it goes on where this one stopped.");
                }
                say($"the stream to {owner} broke ({exception.StatusCode}: {exception.Status.Detail}), tries again in {pause.TotalSeconds:0.0} s");
                await Task.Delay(pause, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the loop sees the stop
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (RpcException exception)
            {
                throw new CommandFailedException($"{owner} refuses the import: {exception.Status.Detail}");
            }
        }
    }

    async Task SendAsync(IReadOnlyList<TRequest> batches, CancellationToken stop)
    {
        using var overdue = new CancellationTokenSource();
        using var call = open(overdue.Token);
        var sent = _acknowledged;
        var takesMore = true;
        while (true)
        {
            while (takesMore && sent < batches.Count && sent - _acknowledged < Window && !stop.IsCancellationRequested)
            {
                overdue.CancelAfter(Patience);
                takesMore = await TryWriteAsync(call, batches[sent]);
                sent += takesMore ? 1 : 0;
            }
            if (takesMore && sent == _acknowledged)
            {
                await EndAsync(call);
                return;
            }
            overdue.CancelAfter(Patience);
            if (!await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the stream ended before everything was acknowledged"));
            }
            onAck(batches[_acknowledged], call.ResponseStream.Current);
            _acknowledged++;
        }
    }

    /// <summary>Ends the stream in order: disposed of before the owner has ended it, the call would count as cancelled there.</summary>
    static async Task EndAsync(AsyncDuplexStreamingCall<TRequest, TResponse> call)
    {
        try
        {
            await call.RequestStream.CompleteAsync();
            await call.ResponseStream.MoveNext(CancellationToken.None);
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // Everything sent is acknowledged: how the call ends changes nothing.
        }
    }

    /// <returns>False where the stream is broken: the responses tell why.</returns>
    static async Task<bool> TryWriteAsync(
        AsyncDuplexStreamingCall<TRequest, TResponse> call, TRequest batch)
    {
        try
        {
            await call.RequestStream.WriteAsync(batch, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Trying again would get the same answer.</summary>
    static bool IsFinal(StatusCode code) => code is StatusCode.InvalidArgument or StatusCode.Unauthenticated or StatusCode.PermissionDenied
        or StatusCode.Unimplemented or StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.OutOfRange;
}
