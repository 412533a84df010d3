using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Ledger;
using L2R.Metrics.V1;

namespace L2R.Cli.Imports;

/// <summary>How far the ledger is with an import, by counts.</summary>
/// <remarks>
/// Counts the tenant's entries of each stage by a waterfall without pairs in question, which is cheap: all may be there when there are no
/// fewer than the file has, and no fewer than there were before and are new. Rows of others count too, and a correction changes no count:
/// <see cref="LedgerProof"/> then looks for the rows themselves.
/// </remarks>
sealed class LedgerCounts(Gateway gateway, TimeProvider clock)
{
    static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan PatienceAtFirst = TimeSpan.FromSeconds(60);

    /// <summary>How long nothing may arrive. After a restart of the broker Metrics may be away for a minute or two.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // A row may be dated up to five minutes ahead, and a question asked of as much; the clocks of the two may differ.
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(4);

    /// <summary>Entries by stage and exit, in the order of their numbers. Waits for a service that is on its way back.</summary>
    /// <exception cref="RpcException">The gateway isn't there or refuses, or the service isn't back within 60 s.</exception>
    public async Task<long[]> ReadFirstAsync(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await ReadAsync(cancellationToken);
            }
            catch (RpcException exception) when (IsAnswerOfAService(exception) && MayPass(exception) && clock.GetElapsedTime(start) < PatienceAtFirst
                && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    /// <summary>Whether the same call may succeed later.</summary>
    public static bool MayPass(RpcException exception) =>
        exception.StatusCode is not (StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.InvalidArgument or StatusCode.NotFound);

    // Without its details nobody of ours has spoken: there is no stack at that address.
    static bool IsAnswerOfAService(RpcException exception) => exception.Trailers.Any(trailer => trailer.Key == "grpc-status-details-bin");

    async Task<long[]> ReadAsync(CancellationToken cancellationToken)
    {
        var request = new GetWaterfallRequest { AsOf = (clock.GetUtcNow() + Ahead).ToTimestamp() };
        var answer = await new MetricsService.MetricsServiceClient(gateway.Channel)
            .GetWaterfallAsync(request, gateway.Options(CallPatience, cancellationToken));
        var entries = new long[Ledger.Domain.Stages.All.Count];
        foreach (var volume in answer.Groups.SelectMany(group => group.Volumes))
        {
            entries[(int)volume.Stage.ToDomain()!] += volume.EntryCount;
        }
        return entries;
    }

    /// <summary>Waits until the ledger has at least so many entries.</summary>
    /// <param name="wanted">By stage and exit.</param>
    /// <param name="wantedInAll">Of all stages and exits together.</param>
    /// <param name="onRead">Told how many of the wanted are there.</param>
    /// <returns>False when nothing has arrived for 3 minutes.</returns>
    public async Task<bool> WaitAsync(long[] wanted, long wantedInAll, Action<long> onRead, CancellationToken cancellationToken)
    {
        var (best, lastProgress) = (-1L, clock.GetTimestamp());
        while (true)
        {
            var missing = await TryReadAsync(cancellationToken) is { } entries
                ? Math.Max(wanted.Zip(entries, (want, have) => Math.Max(0, want - have)).Sum(), wantedInAll - entries.Sum())
                : long.MaxValue;
            if (missing <= 0)
            {
                return true;
            }
            var there = missing == long.MaxValue ? best : Math.Max(0, wanted.Sum() - missing);
            if (there > best)
            {
                (best, lastProgress) = (there, clock.GetTimestamp());
                onRead(there);
            }
            if (clock.GetElapsedTime(lastProgress) > Patience)
            {
                return false;
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <returns>Null where Metrics is on its way back.</returns>
    async Task<long[]?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(cancellationToken);
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested && MayPass(exception))
        {
            return null;
        }
    }
}
