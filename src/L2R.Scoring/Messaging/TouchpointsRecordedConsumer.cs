using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Scoring.Messaging;

/// <summary>Counts what leads did for the scores of their journeys.</summary>
sealed class TouchpointsRecordedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<TouchpointsRecorded>
{
    public Task Consume(ConsumeContext<TouchpointsRecorded> context)
    {
        var message = context.Message;
        // The others: the lead did nothing, or no journey was open to score.
        var touches = message.Touchpoints.Where(touch => touch.Touchpoint.Engagement && touch.Journey.Length > 0).Select(touch => Read(touch, message.EventId)).ToList();
        return touches.Count == 0
            ? Task.CompletedTask
            : inbox.HandleTogetherAsync(
                this, message.EventId, message.Tenant, touches,
                (transaction, tenant, heard) => JourneyStore.HearTouchesAsync(transaction, tenant, heard, clock.GetStorableNow(), default),
                context.CancellationToken);
    }

    static HeardTouch Read(TouchpointRecorded touch, string eventId) =>
        Fields.TryParseName(touch.Touchpoint.Name, "touchpoints", out var touchpointId)
        && Fields.TryParseName(touch.Touchpoint.Lead, "leads", out var leadId)
        && Fields.TryParseName(touch.Journey, "journeys", out var journeyId)
            ? new HeardTouch(leadId, journeyId, touchpointId, touch.Touchpoint.Kind, touch.Touchpoint.OccurTime.ToDateTimeOffset())
            : throw new InvalidOperationException(
                $"Event {eventId} names no touch of a journey: '{touch.Touchpoint.Name}', '{touch.Touchpoint.Lead}', '{touch.Journey}'.");
}
