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
        var message = context.Message;
        var moves = message.Changes.Select(Read).OfType<HeardMove>().ToList();
        return inbox.HandleTogetherAsync(this, message.EventId, message.Tenant, moves, async (transaction, tenant, heard) =>
        {
            var news = await LeadStore.HearAsync(transaction, tenant, heard, default);
            return await TouchpointStore.ReviveAsync(transaction, tenant, news, clock.GetStorableNow(), default);
        }, context.CancellationToken);
    }

    static HeardMove? Read(StageChanged change) =>
        MoveEvents.Entry(change) is { } entry
            ? new HeardMove(entry.LeadId, new JourneyPosition(entry.JourneyId, entry.Stage, entry.OccurTime, entry.SourceSeq, Imported: false) { ExitFrom = entry.ExitFrom })
            : null;
}
