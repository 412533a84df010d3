using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Scoring.Messaging;

/// <summary>Counts what a lead did for the score of its journey.</summary>
sealed class TouchpointRecordedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<TouchpointRecorded>
{
    public Task Consume(ConsumeContext<TouchpointRecorded> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var touchpoint = message.Touchpoint;
        if (!touchpoint.Engagement || message.Journey.Length == 0)
        {
            return Task.CompletedTask; // the lead did nothing, or no journey was open to score
        }
        if (!Fields.TryParseName(touchpoint.Name, "touchpoints", out var touchpointId)
            || !Fields.TryParseName(touchpoint.Lead, "leads", out var leadId)
            || !Fields.TryParseName(message.Journey, "journeys", out var journeyId))
        {
            throw new InvalidOperationException(
                $"Event {message.EventId} names no touch of a journey: '{touchpoint.Name}', '{touchpoint.Lead}', '{message.Journey}'.");
        }
        var touch = new HeardTouch(leadId, journeyId, touchpointId, touchpoint.Kind, touchpoint.OccurTime.ToDateTimeOffset());
        return inbox.HandleOnceAsync(
            this, message.EventId, message.Tenant,
            transaction => JourneyStore.HearTouchAsync(transaction, message.Tenant, touch, clock.GetStorableNow(), cancellationToken),
            cancellationToken);
    }
}
