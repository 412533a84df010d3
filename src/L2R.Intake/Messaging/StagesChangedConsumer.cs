using L2R.Intake.Domain;
using L2R.Intake.Storage;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Intake.Messaging;

/// <summary>Keeps each lead's stage as the other services move its journey.</summary>
sealed class StagesChangedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<StagesChanged>
{
    public Task Consume(ConsumeContext<StagesChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        return inbox.HandleOnceAsync(this, message.EventId, message.Tenant, async transaction =>
        {
            var news = await LeadStore.HearAsync(transaction, message.Tenant, [.. message.Changes.Select(Read).OfType<HeardMove>()], cancellationToken);
            return await TouchpointStore.ReviveAsync(transaction, message.Tenant, news, clock.GetStorableNow(), cancellationToken);
        }, cancellationToken);
    }

    static HeardMove? Read(StageChanged change) =>
        MoveEvents.Entry(change) is { } entry
            ? new HeardMove(entry.LeadId, new JourneyPosition(entry.JourneyId, entry.Stage, entry.OccurTime, entry.SourceSeq, Imported: false) { ExitFrom = entry.ExitFrom })
            : null;
}
