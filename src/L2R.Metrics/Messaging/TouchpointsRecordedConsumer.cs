using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Metrics.Messaging;

/// <summary>Keeps the touches of leads, for attribution.</summary>
sealed class TouchpointsRecordedConsumer(Inbox inbox) : IConsumer<TouchpointsRecorded>
{
    public Task Consume(ConsumeContext<TouchpointsRecorded> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var touches = message.Touchpoints.Select(touch => Read(touch.Touchpoint, message.EventId)).ToList();
        return inbox.HandleOnceAsync(this, message.EventId, message.Tenant, async transaction =>
        {
            await TouchStore.AppendAsync(transaction, message.Tenant, touches, cancellationToken);
            return false;
        }, cancellationToken);
    }

    static Touch Read(Touchpoint touch, string eventId) =>
        Fields.TryParseName(touch.Name, "touchpoints", out var touchpointId)
        && Fields.TryParseName(touch.Lead, "leads", out var leadId)
        && touch.OccurTime is not null
            ? new Touch(
                touchpointId, leadId, touch.OccurTime.ToDateTimeOffset().ToStorable(),
                touch.Channel == "unknown" ? null : TransitionMapping.Known(touch.Channel), TransitionMapping.Known(touch.Campaign))
            : throw new InvalidOperationException($"Event {eventId} names no touch of a lead at an instant: '{touch.Name}', '{touch.Lead}'.");
}
