using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Metrics.Messaging;

/// <summary>Keeps which leads are one person.</summary>
sealed class LeadsMergedConsumer(Inbox inbox) : IConsumer<LeadsMerged>
{
    public Task Consume(ConsumeContext<LeadsMerged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var merges = message.Merges.Select(Read).ToList();
        return inbox.HandleOnceAsync(this, message.EventId, message.Tenant, async transaction =>
        {
            await LeadMerges.AppendAsync(transaction, message.Tenant, merges, cancellationToken);
            return false;
        }, cancellationToken);
    }

    static LeadMerge Read(LeadMerged merged) =>
        Guid.TryParseExact(merged.MergeId, "D", out var mergeId)
        && Fields.TryParseName(merged.Loser, "leads", out var loser)
        && Fields.TryParseName(merged.Survivor, "leads", out var survivor)
            ? new LeadMerge(mergeId, loser, survivor, merged.Undone, RecordedAt: default)
            : throw new InvalidOperationException($"A merge names no two leads: '{merged.MergeId}', '{merged.Loser}', '{merged.Survivor}'.");
}
