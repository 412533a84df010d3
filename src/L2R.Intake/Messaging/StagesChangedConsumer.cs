using L2R.Intake.Domain;
using L2R.Intake.Storage;
using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Intake.Messaging;

/// <summary>Keeps each lead's stage as the other services move its journey.</summary>
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
        var heard = message.Changes.Select(Read).OfType<HeardMove>().ToList();
        if (heard.Count == 0)
        {
            return;
        }
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(StagesChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        await LeadStore.HearAsync(transaction, message.Tenant, heard, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <returns>Null for a row that is no news: one that enters nothing, or LEAD, which Intake alone writes.</returns>
    static HeardMove? Read(StageChanged change) =>
        change.To.ToDomain() is { } stage and not Ledger.Domain.Stage.Lead
        && Fields.TryParseName(change.Lead, "leads", out var leadId)
        && Fields.TryParseName(change.Journey, "journeys", out var journeyId)
            ? new HeardMove(leadId, new JourneyPosition(journeyId, stage, change.OccurTime.ToDateTimeOffset(), change.SourceSeq, Imported: false))
            : null;
}
