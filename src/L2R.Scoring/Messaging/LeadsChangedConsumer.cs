using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Scoring.Messaging;

/// <summary>Takes in what is known of leads, and scores their open journeys by it.</summary>
/// <remarks>
/// It catches nothing: the endpoint retries, and after the last try the message goes to the error queue.
/// A catch here would acknowledge a message whose effect was never stored.
/// </remarks>
sealed class LeadsChangedConsumer(NpgsqlDataSource dataSource, OutboxSignal signal, TimeProvider clock)
    : IConsumer<LeadsChanged>
{
    public async Task Consume(ConsumeContext<LeadsChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var leads = message.Changes.Select(change => Read(change, message.EventId)).ToList();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(LeadsChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        var tells = await JourneyStore.HearLeadsAsync(transaction, message.Tenant, leads, clock.GetStorableNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (tells)
        {
            signal.Ring();
        }
    }

    static LeadKnowledge Read(LeadChanged change, string eventId)
    {
        if (!Fields.TryParseName(change.Lead, "leads", out var leadId))
        {
            throw new InvalidOperationException($"Event {eventId} names no lead: '{change.Lead}'.");
        }
        var profile = change.Profile ?? new();
        return new LeadKnowledge(leadId, change.Version, new LeadAttributes
        {
            Channel = change.Channel,
            Source = change.Source,
            Campaign = change.Campaign,
            Segment = profile.Segment,
            RegionCode = profile.RegionCode,
            Industry = profile.Industry,
            EmployeeCount = profile.EmployeeCount,
            JobLevel = profile.JobLevel,
            Product = profile.Product,
        });
    }
}
