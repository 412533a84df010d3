using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Metrics.Messaging;

/// <summary>Keeps what is known of leads that change after they came in.</summary>
sealed class LeadsChangedConsumer(Inbox inbox) : IConsumer<LeadsChanged>
{
    public Task Consume(ConsumeContext<LeadsChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var versions = message.Changes.Where(change => change.Version > 1).Select(Read).ToList();
        if (versions.Count == 0)
        {
            return Task.CompletedTask; // new leads: the row that opens their journey says the same
        }
        return inbox.HandleOnceAsync(this, message.EventId, message.Tenant, async transaction =>
        {
            await LeadVersions.AppendAsync(transaction, message.Tenant, versions, cancellationToken);
            return false;
        }, cancellationToken);
    }

    static LeadVersion Read(LeadChanged change) => new(
        Fields.TryParseName(change.Lead, "leads", out var leadId)
            ? leadId
            : throw new InvalidOperationException($"A change names no lead: '{change.Lead}'."),
        change.Version,
        TransitionMapping.Known(change.Profile?.Segment ?? ""),
        TransitionMapping.Known(change.Profile?.RegionCode ?? ""))
    {
        Custom = TransitionMapping.ToDomain(change.Custom),
    };
}
