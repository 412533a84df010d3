using L2R.Handoff.Domain;
using L2R.Handoff.Storage;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Owners;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Handoff.Messaging;

/// <summary>Keeps where each journey stands as the other services move it, and queues and assigns those that become an MQL.</summary>
sealed class StagesChangedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<StagesChanged>
{
    public Task Consume(ConsumeContext<StagesChanged> context)
    {
        var message = context.Message;
        return inbox.HandleTogetherAsync(this, message.EventId, message.Tenant, message.Changes, async (transaction, tenant, changes) =>
        {
            var queues = changes.Any(change => change.To == Stage.Mql);
            // The cursor before any journey: see Routing.
            var last = queues ? await Routing.LockAsync(transaction, tenant, default) : null;
            await HandoffStore.HearAsync(transaction, tenant, [.. changes.Select(Read).OfType<SalesJourney>()], default);
            if (queues)
            {
                var events = await Routing.AssignWaitingAsync(transaction, tenant, last, clock.GetStorableNow(), default);
                await OutboxWriter.AddAsync(transaction, events, default);
            }
            return queues;
        }, context.CancellationToken);
    }

    static SalesJourney? Read(StageChanged change) =>
        MoveEvents.Entry(change) is { } entry
            ? new SalesJourney
            {
                JourneyId = entry.JourneyId,
                LeadId = entry.LeadId,
                Position = new JourneyPosition(entry.Stage, entry.OccurTime, entry.SourceSeq),
                Traits = new Traits
                {
                    Channel = entry.Dimensions.Channel,
                    Source = entry.Dimensions.Source,
                    Campaign = entry.Dimensions.Campaign,
                    Segment = entry.Dimensions.Segment,
                    Region = entry.Dimensions.Region,
                    Product = entry.Dimensions.Product,
                    Motion = entry.Dimensions.Motion,
                },
                Version = 1,
            }
            : null;
}
