using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Scoring.Messaging;

/// <summary>Follows each journey: LEAD opens it to scoring, whatever comes later ends that. It catches nothing, as <see cref="LeadChangedConsumer"/>.</summary>
sealed class StagesChangedConsumer(NpgsqlDataSource dataSource, OutboxSignal signal, MessagingMetrics metrics, TimeProvider clock)
    : IConsumer<StagesChanged>
{
    public async Task Consume(ConsumeContext<StagesChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(StagesChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        // In the order of the leads: two messages that name the same ones lock them in the same order.
        foreach (var change in message.Changes.OrderBy(change => change.Lead, StringComparer.Ordinal))
        {
            if (change.To.ToDomain() is { } stage
                && Fields.TryParseName(change.Lead, "leads", out var leadId)
                && Fields.TryParseName(change.Journey, "journeys", out var journeyId))
            {
                var heard = new JourneyPosition(journeyId, stage, change.OccurTime.ToDateTimeOffset(), change.SourceSeq, Imported: false);
                await JourneyStore.HearMoveAsync(
                    transaction, message.Tenant, leadId, heard, change.Dimensions?.Motion ?? "", clock.GetStorableNow(), cancellationToken);
            }
        }
        await transaction.CommitAsync(cancellationToken);
        signal.Ring();
        metrics.Consumed(nameof(StagesChangedConsumer), clock.GetUtcNow() - message.EventTime.ToDateTimeOffset());
    }
}
