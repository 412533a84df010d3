using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Scoring.Messaging;

/// <summary>Takes in what is known of a lead, and scores its open journey by it.</summary>
/// <remarks>
/// It catches nothing: the endpoint retries, and after the last try the message goes to the error queue.
/// A catch here would acknowledge a message whose effect was never stored.
/// </remarks>
sealed class LeadChangedConsumer(NpgsqlDataSource dataSource, OutboxSignal signal, MessagingMetrics metrics, TimeProvider clock)
    : IConsumer<LeadChanged>
{
    public async Task Consume(ConsumeContext<LeadChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        if (!Fields.TryParseName(message.Lead, "leads", out var leadId))
        {
            throw new InvalidOperationException($"Event {message.EventId} names no lead: '{message.Lead}'.");
        }
        var profile = message.Profile ?? new();
        var lead = new LeadAttributes
        {
            Channel = message.Channel,
            Source = message.Source,
            Campaign = message.Campaign,
            Segment = profile.Segment,
            RegionCode = profile.RegionCode,
            Industry = profile.Industry,
            EmployeeCount = profile.EmployeeCount,
            JobLevel = profile.JobLevel,
            Product = profile.Product,
        };

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(LeadChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        await JourneyStore.HearLeadAsync(transaction, message.Tenant, leadId, message.Version, lead, clock.GetStorableNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        metrics.Consumed(nameof(LeadChangedConsumer), clock.GetUtcNow() - message.EventTime.ToDateTimeOffset());
    }
}
