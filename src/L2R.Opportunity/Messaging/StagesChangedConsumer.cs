using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Opportunity.Domain;
using L2R.Opportunity.Storage;
using L2R.Owners;
using MassTransit;

namespace L2R.Opportunity.Messaging;

/// <summary>Learns which journeys sales took and qualified, and which ended there.</summary>
sealed class StagesChangedConsumer(Inbox inbox) : IConsumer<StagesChanged>
{
    public Task Consume(ConsumeContext<StagesChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        return inbox.HandleOnceAsync(this, message.EventId, message.Tenant, async transaction =>
        {
            await JourneyRows.HearAsync(transaction, message.Tenant, [.. message.Changes.Select(Read).OfType<JourneyPosition>()], cancellationToken);
            return false;
        }, cancellationToken);
    }

    static JourneyPosition? Read(StageChanged change) =>
        MoveEvents.Entry(change) is { } entry
            ? new JourneyPosition(entry.JourneyId, entry.LeadId, entry.Stage, entry.OccurTime, entry.SourceSeq) { ExitFrom = entry.ExitFrom }
            : null;
}
