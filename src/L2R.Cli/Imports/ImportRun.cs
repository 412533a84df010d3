using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Handoff.V1;
using L2R.Intake.V1;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.Opportunity.V1;
using L2R.Scoring.V1;

namespace L2R.Cli.Imports;

/// <summary>Sends a plan to the four owners, each over a stream of its own.</summary>
/// <param name="say">Told what a person should know while it runs.</param>
sealed class ImportRun(Gateway gateway, ImportPlan plan, Action<string> say, TimeProvider clock)
{
    readonly Lock _counting = new();
    readonly List<ImportReject> _rejects = [];
    readonly long _start = clock.GetTimestamp();

    /// <summary>Told of each acknowledged batch, one at a time.</summary>
    public Action<ImportTransitionsRequest, ImportTransitionsResponse> OnAck { get; init; } = (_, _) => { };

    public long Acknowledged { get; private set; }

    public long Stored { get; private set; }

    public long Unchanged { get; private set; }

    public long Corrected { get; private set; }

    /// <summary>What the owners refused. Complete when the run has ended.</summary>
    public IReadOnlyList<ImportReject> Rejects => _rejects;

    public WorkState State =>
        new("rows sent", Acknowledged, plan.RowCount, Acknowledged / Math.Max(0.001, clock.GetElapsedTime(_start).TotalSeconds));

    /// <param name="source">The system that the history comes from.</param>
    /// <param name="stop">Ends the run after the batches that are on their way.</param>
    /// <exception cref="CommandFailedException">An owner refuses the import, or doesn't answer any more.</exception>
    public async Task RunAsync(string importId, string source, bool correct, int batchSize, CancellationToken stop)
    {
        using var oneFailed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var release = new ImportRelease(plan, SendAsync);
        if (correct)
        {
            await release.RunAsync();
        }
        await Task.WhenAll(plan.Rows.Select(rows => SendAsync(rows.Key, rows.Value, (batch, ack) => Count(batch, ack, release.Lines))));

        async Task SendAsync(
            Owner owner, IReadOnlyList<ImportedTransition> rows, Action<ImportTransitionsRequest, ImportTransitionsResponse> onAck)
        {
            if (rows.Count == 0)
            {
                return;
            }
            var stream = new OwnerStream<ImportTransitionsRequest, ImportTransitionsResponse>(
                owner.ToString(), cancelled => Open(owner, cancelled), onAck, say, clock);
            try
            {
                await stream.RunAsync([.. rows.Chunk(batchSize).Select(Batch)], oneFailed.Token);
            }
            catch (CommandFailedException)
            {
                await oneFailed.CancelAsync();
                throw;
            }
        }

        ImportTransitionsRequest Batch(ImportedTransition[] rows) =>
            new() { ImportId = importId, Source = source, Correct = correct, Transitions = { rows } };
    }

    /// <param name="released">Lines whose rows were another owner's: new to this one, and corrected all the same.</param>
    void Count(ImportTransitionsRequest batch, ImportTransitionsResponse ack, IReadOnlySet<long> released)
    {
        var moved = Math.Min(ack.StoredCount, batch.Transitions.Count(row => released.Contains(row.Line)));
        lock (_counting)
        {
            Acknowledged += batch.Transitions.Count;
            Stored += ack.StoredCount - moved;
            Unchanged += ack.UnchangedCount;
            Corrected += ack.CorrectedCount + moved;
            _rejects.AddRange(ack.Rejects);
            OnAck(batch, ack);
        }
    }

    AsyncDuplexStreamingCall<ImportTransitionsRequest, ImportTransitionsResponse> Open(Owner owner, CancellationToken cancelled)
    {
        var (channel, options) = (gateway.Channel, gateway.Options(cancellationToken: cancelled));
        return owner switch
        {
            Owner.Intake => new IntakeService.IntakeServiceClient(channel).ImportTransitions(options),
            Owner.Scoring => new ScoringService.ScoringServiceClient(channel).ImportTransitions(options),
            Owner.Handoff => new HandoffService.HandoffServiceClient(channel).ImportTransitions(options),
            Owner.Opportunity => new OpportunityService.OpportunityServiceClient(channel).ImportTransitions(options),
            _ => throw new ArgumentOutOfRangeException(nameof(owner), owner, "is no owner"),
        };
    }
}
