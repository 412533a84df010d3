using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Metrics.V1;

namespace L2R.Cli.Imports;

/// <summary>Finds the very rows of an import in the ledger, by their journeys.</summary>
/// <remarks>
/// An owner tells the ledger of a batch in one message, and the ledger takes a message whole: one row proves a batch of which all rows
/// are new, or all were known. Where some of a batch were known it takes every row, because the answer does not say which; so does a
/// batch with corrections.
/// </remarks>
/// <param name="tenant">The token's; ids are made of it.</param>
/// <param name="isEntry">Whether the row of a line becomes one of the ledger; others cannot be found there.</param>
/// <param name="say">Told what it waits for, where that takes long.</param>
sealed class LedgerProof(Gateway gateway, string tenant, Func<long, bool> isEntry, Action<string> say, TimeProvider clock)
{
    const int AtATime = 16;

    static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    readonly List<Wanted> _wanted = [];
    volatile int _found;

    /// <summary>Of what is to be found, how much has been: 0 to 1.</summary>
    public double Share => _wanted.Count == 0 ? 1 : (double)_found / _wanted.Count;

    /// <summary>Remembers what of an acknowledged batch is to be found. Not for two threads at once.</summary>
    public void Add(ImportTransitionsRequest batch, ImportTransitionsResponse ack)
    {
        var refused = ack.Rejects.Select(reject => reject.Line).ToHashSet();
        var rows = batch.Transitions.Where(row => !refused.Contains(row.Line) && isEntry(row.Line))
            .Select(row => new Wanted(row, TransitionId.OfJourney(tenant, batch.Source, row.JourneyKey)));
        var isMixed = ack.CorrectedCount > 0 || (batch.Correct && ack.StoredCount > 0) || (ack.StoredCount > 0 && ack.UnchangedCount > 0);
        _wanted.AddRange(isMixed ? rows : rows.Take(1));
    }

    /// <summary>Waits until the ledger has them all.</summary>
    /// <returns>False when none has arrived for 3 minutes.</returns>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        var (missing, lastProgress, hasSaid) = (_wanted, clock.GetTimestamp(), false);
        while (true)
        {
            var before = missing.Count;
            missing = await FindMissingAsync(missing, cancellationToken);
            _found = _wanted.Count - missing.Count;
            if (missing.Count == 0)
            {
                return true;
            }
            lastProgress = missing.Count < before ? clock.GetTimestamp() : lastProgress;
            var silence = clock.GetElapsedTime(lastProgress);
            if (silence > LedgerCounts.Patience)
            {
                return false;
            }
            if (silence > Silence && !hasSaid)
            {
                say("waits for Metrics, which has not heard of all rows yet; ./l2r queues shows how far behind it is");
                hasSaid = true;
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    async Task<List<Wanted>> FindMissingAsync(List<Wanted> wanted, CancellationToken cancellationToken)
    {
        // Where some are missing those behind them mostly are too: to ask for all of them, again and again, would slow what brings them.
        for (var asked = 0; asked < wanted.Count; asked += AtATime)
        {
            var chunk = wanted.Skip(asked).Take(AtATime).ToList();
            var found = await Task.WhenAll(chunk.Select(row => IsThereAsync(row, cancellationToken)));
            if (found.Contains(false))
            {
                return [.. chunk.Where((_, index) => !found[index]), .. wanted.Skip(asked + chunk.Count)];
            }
            _found += chunk.Count;
        }
        return [];
    }

    async Task<bool> IsThereAsync(Wanted wanted, CancellationToken cancellationToken)
    {
        var request = new GetJourneyRequest { Name = $"journeys/{wanted.JourneyId:D}", AsOf = (clock.GetUtcNow() + LedgerCounts.Ahead).ToTimestamp() };
        try
        {
            var journey = await new MetricsService.MetricsServiceClient(gateway.Channel)
                .GetJourneyAsync(request, gateway.Options(CallPatience, cancellationToken));
            return journey.Rows.Any(row => row.InForce && HasContent(row.Change, wanted.Row));
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested && (exception.StatusCode == StatusCode.NotFound || LedgerCounts.MayPass(exception)))
        {
            return false;
        }
    }

    static bool HasContent(StageChanged change, ImportedTransition row)
    {
        var dimensions = row.Dimensions?.Clone() ?? new Dimensions();
        dimensions.Channel = dimensions.Channel == "unknown" ? "" : dimensions.Channel; // the ledger's word for it is no value
        return (change.SourceSeq, change.To, Microseconds(change.OccurTime)) == (row.SourceSeq, row.To, Microseconds(row.OccurTime))
            && (change.Actor, change.Reason) == (row.Actor, row.Reason)
            && Equals(change.Amount, row.Amount)
            && change.Dimensions.Equals(dimensions);
    }

    /// <summary>What PostgreSQL keeps of an instant.</summary>
    static long Microseconds(Timestamp instant) => (instant.Seconds * 1_000_000) + (instant.Nanos / 1_000);

    // Not by the row's id: one that was ever corrected has another than its key gives.
    sealed record Wanted(ImportedTransition Row, Guid JourneyId);
}
