using L2R.Ledger;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Scoring.Messaging;

/// <summary>Follows each journey: LEAD opens it to scoring, whatever comes later ends that. It catches nothing, as <see cref="LeadsChangedConsumer"/>.</summary>
sealed class StagesChangedConsumer(NpgsqlDataSource dataSource, OutboxSignal signal, TimeProvider clock)
    : IConsumer<StagesChanged>
{
    public async Task Consume(ConsumeContext<StagesChanged> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var moves = message.Changes.Select(Read).OfType<HeardMove>().ToList();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(StagesChangedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        var tells = await JourneyStore.HearMovesAsync(transaction, message.Tenant, moves, clock.GetStorableNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (tells)
        {
            signal.Ring();
        }
    }

    /// <returns>Null for a row that enters nothing.</returns>
    static HeardMove? Read(StageChanged change) =>
        change.To.ToDomain() is { } stage
        && Fields.TryParseName(change.Lead, "leads", out var leadId)
        && Fields.TryParseName(change.Journey, "journeys", out var journeyId)
            ? new HeardMove(
                leadId,
                new JourneyPosition(journeyId, stage, change.OccurTime.ToDateTimeOffset(), change.SourceSeq, Imported: false),
                change.Dimensions?.Motion ?? "")
            : null;
}
