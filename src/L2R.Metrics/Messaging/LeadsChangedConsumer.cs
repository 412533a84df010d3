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
        var message = context.Message;
        var versions = message.Changes.Where(change => change.Version > 1).Select(Read).ToList();
        if (versions.Count == 0)
        {
            return Task.CompletedTask; // new leads: the row that opens their journey says the same
        }
        return inbox.HandleTogetherAsync(this, message.EventId, message.Tenant, versions, async (transaction, tenant, appended) =>
        {
            await LeadVersions.AppendAsync(transaction, tenant, appended, default);
            return false;
        }, context.CancellationToken);
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
