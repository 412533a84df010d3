using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Scoring.Messaging;

/// <summary>Follows each journey where sales takes it: that ends its scoring.</summary>
sealed class StagesChangedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<StagesChanged>
{
    public Task Consume(ConsumeContext<StagesChanged> context)
    {
        var message = context.Message;
        var moves = message.Changes.Select(Read).OfType<HeardMove>().ToList();
        return inbox.HandleTogetherAsync(
            this, message.EventId, message.Tenant, moves,
            (transaction, tenant, heard) => JourneyStore.HearMovesAsync(transaction, tenant, heard, clock.GetStorableNow(), default),
            context.CancellationToken);
    }

    static HeardMove? Read(StageChanged change) =>
        MoveEvents.Entry(change) is { } entry
            ? new HeardMove(
                entry.LeadId,
                new JourneyPosition(entry.JourneyId, entry.Stage, entry.OccurTime, entry.SourceSeq, Imported: false),
                entry.Dimensions.Motion)
            : null;
}
