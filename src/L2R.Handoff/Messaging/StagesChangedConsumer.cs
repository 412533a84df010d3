using L2R.Handoff.Domain;
using L2R.Handoff.Storage;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Handoff.Messaging;

/// <summary>Keeps where each journey stands as the other services move it, and queues and assigns those that become an MQL.</summary>
/// <remarks>
/// It catches nothing: the endpoint retries, and after the last try the message goes to the error queue.
/// A catch here would acknowledge a message whose effect was never stored.
/// </remarks>
sealed class StagesChangedConsumer(NpgsqlDataSource dataSource, OutboxSignal signal, TimeProvider clock)
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
        var queues = message.Changes.Any(change => change.To == Stage.Mql);
        // The cursor before any journey: see Routing.
        var last = queues ? await Routing.LockAsync(transaction, message.Tenant, cancellationToken) : null;
        await HandoffStore.HearAsync(transaction, message.Tenant, [.. message.Changes.Select(Read).OfType<SalesJourney>()], cancellationToken);
        if (queues)
        {
            var events = await Routing.AssignWaitingAsync(transaction, message.Tenant, last, clock.GetStorableNow(), cancellationToken);
            await OutboxWriter.AddAsync(transaction, events, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        if (queues)
        {
            signal.Ring();
        }
    }

    /// <returns>Null for a row that enters nothing.</returns>
    static SalesJourney? Read(StageChanged change) =>
        change.To.ToDomain() is { } stage
        && Fields.TryParseName(change.Lead, "leads", out var leadId)
        && Fields.TryParseName(change.Journey, "journeys", out var journeyId)
            ? new SalesJourney
            {
                JourneyId = journeyId,
                LeadId = leadId,
                Position = new JourneyPosition(stage, change.OccurTime.ToDateTimeOffset(), change.SourceSeq),
                Traits = new Traits
                {
                    Channel = change.Dimensions?.Channel ?? "",
                    Source = change.Dimensions?.Source ?? "",
                    Campaign = change.Dimensions?.Campaign ?? "",
                    Segment = change.Dimensions?.Segment ?? "",
                    Region = change.Dimensions?.Region ?? "",
                    Product = change.Dimensions?.Product ?? "",
                    Motion = change.Dimensions?.Motion ?? "",
                },
                Version = 1,
            }
            : null;
}
