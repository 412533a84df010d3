using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;
using Npgsql;

namespace L2R.Scoring.Messaging;

/// <summary>Counts what a lead did for the score of its journey. It catches nothing, as <see cref="LeadsChangedConsumer"/>.</summary>
sealed class TouchpointRecordedConsumer(NpgsqlDataSource dataSource, OutboxSignal signal, TimeProvider clock)
    : IConsumer<TouchpointRecorded>
{
    public async Task Consume(ConsumeContext<TouchpointRecorded> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var touchpoint = message.Touchpoint;
        if (!touchpoint.Engagement || message.Journey.Length == 0)
        {
            return; // the lead did nothing, or no journey was open to score
        }
        if (!Fields.TryParseName(touchpoint.Name, "touchpoints", out var touchpointId)
            || !Fields.TryParseName(touchpoint.Lead, "leads", out var leadId)
            || !Fields.TryParseName(message.Journey, "journeys", out var journeyId))
        {
            throw new InvalidOperationException(
                $"Event {message.EventId} names no touch of a journey: '{touchpoint.Name}', '{touchpoint.Lead}', '{message.Journey}'.");
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var claim = Inbox.Claim(Guid.Parse(message.EventId), nameof(TouchpointRecordedConsumer));
        await using var transaction = await connection.BeginTenantAsync(message.Tenant, claim, cancellationToken);
        if (!Inbox.IsClaimed(claim))
        {
            return; // handled before
        }
        var touch = new HeardTouch(leadId, journeyId, touchpointId, touchpoint.Kind, touchpoint.OccurTime.ToDateTimeOffset());
        var tells = await JourneyStore.HearTouchAsync(transaction, message.Tenant, touch, clock.GetStorableNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (tells)
        {
            signal.Ring();
        }
    }
}
