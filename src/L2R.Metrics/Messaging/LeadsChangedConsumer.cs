using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Metrics.Messaging;

/// <summary>Keeps what is known of leads that change after they came in. It catches nothing, as <see cref="StagesChangedConsumer"/>.</summary>
sealed class LeadsChangedConsumer(NpgsqlDataSource dataSource) : IConsumer<LeadsChanged>
{
    public async Task Consume(ConsumeContext<LeadsChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var versions = message.Changes.Where(change => change.Version > 1).Select(Read).ToList();
        if (versions.Count == 0)
        {
            return; // new leads: the row that opens their journey says the same
        }
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(LeadsChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        await LeadVersions.AppendAsync(transaction, message.Tenant, versions, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    static LeadVersion Read(LeadChanged change) => new(
        Fields.TryParseName(change.Lead, "leads", out var leadId)
            ? leadId
            : throw new InvalidOperationException($"A change names no lead: '{change.Lead}'."),
        change.Version,
        TransitionMapping.Known(change.Profile?.Segment ?? ""),
        TransitionMapping.Known(change.Profile?.RegionCode ?? ""));
}
