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
        var message = context.Message;
        var positions = message.Changes.Select(Read).OfType<JourneyPosition>().ToList();
        return inbox.HandleTogetherAsync(this, message.EventId, message.Tenant, positions, async (transaction, tenant, heard) =>
        {
            await JourneyRows.HearAsync(transaction, tenant, heard, default);
            return false;
        }, context.CancellationToken);
    }

    static JourneyPosition? Read(StageChanged change) =>
        MoveEvents.Entry(change) is { } entry
            ? new JourneyPosition(entry.JourneyId, entry.LeadId, entry.Stage, entry.OccurTime, entry.SourceSeq) { ExitFrom = entry.ExitFrom }
            : null;
}
