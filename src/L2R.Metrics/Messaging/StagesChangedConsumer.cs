using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Metrics.Messaging;

/// <summary>Appends what the owners of journeys say to the ledger.</summary>
sealed class StagesChangedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<StagesChanged>
{
    public Task Consume(ConsumeContext<StagesChanged> context)
    {
        var message = context.Message;
        var now = clock.GetStorableNow();
        var rows = message.Changes.Select(change => TransitionMapping.ToTransition(change, now)).ToList();
        return inbox.HandleTogetherAsync(this, message.EventId, message.Tenant, rows, async (transaction, tenant, appended) =>
        {
            await LedgerStore.AppendAsync(transaction, tenant, appended, default);
            return false;
        }, context.CancellationToken);
    }
}
