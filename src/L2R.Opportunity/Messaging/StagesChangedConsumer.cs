using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Opportunity.Domain;
using L2R.Opportunity.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Opportunity.Messaging;

/// <summary>Learns which journeys sales qualified, and which ended.</summary>
/// <remarks>
/// It catches nothing: the endpoint retries, and after the last try the message goes to the error queue.
/// A catch here would acknowledge a message whose effect was never stored.
/// </remarks>
sealed class StagesChangedConsumer(NpgsqlDataSource dataSource)
    : IConsumer<StagesChanged>
{
    public async Task Consume(ConsumeContext<StagesChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var heard = message.Changes.Select(Read).OfType<JourneyPosition>().ToList();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(StagesChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        await JourneyRows.HearAsync(transaction, message.Tenant, heard, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <returns>Null for a row that enters nothing.</returns>
    static JourneyPosition? Read(StageChanged change) =>
        change.To.ToDomain() is { } stage
        && Fields.TryParseName(change.Lead, "leads", out var leadId)
        && Fields.TryParseName(change.Journey, "journeys", out var journeyId)
            ? new JourneyPosition(journeyId, leadId, stage, change.OccurTime.ToDateTimeOffset(), change.SourceSeq)
            : null;
}
