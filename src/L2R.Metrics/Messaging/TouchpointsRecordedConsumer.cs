using L2R.Intake.V1;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;
using L2R.Type.V1;
using MassTransit;

namespace L2R.Metrics.Messaging;

/// <summary>Keeps the touches of leads, for attribution and cost.</summary>
sealed class TouchpointsRecordedConsumer(Inbox inbox) : IConsumer<TouchpointsRecorded>
{
    public Task Consume(ConsumeContext<TouchpointsRecorded> context)
    {
        var message = context.Message;
        var touches = message.Touchpoints.Select(touch => Read(touch, message.EventId)).ToList();
        return inbox.HandleTogetherAsync(this, message.EventId, message.Tenant, touches, async (transaction, tenant, appended) =>
        {
            await TouchStore.AppendAsync(transaction, tenant, appended, default);
            return false;
        }, context.CancellationToken);
    }

    static Touch Read(TouchpointRecorded recorded, string eventId)
    {
        var touch = recorded.Touchpoint ?? new();
        if (!Fields.TryParseName(touch.Name, "touchpoints", out var touchpointId)
            || !Fields.TryParseName(touch.Lead, "leads", out var leadId)
            || touch.OccurTime is null)
        {
            throw new InvalidOperationException($"Event {eventId} names no touch of a lead at an instant: '{touch.Name}', '{touch.Lead}'.");
        }
        return new Touch(
            touchpointId, leadId, touch.OccurTime.ToDateTimeOffset().ToStorable(),
            touch.Channel == "unknown" ? null : TransitionMapping.Known(touch.Channel), TransitionMapping.Known(touch.Campaign))
        {
            Cost = touch.Cost?.ToDecimal(),
            Currency = touch.Cost?.CurrencyCode,
            Supersedes = recorded.Supersedes.Length == 0 ? null
                : Fields.TryParseName(recorded.Supersedes, "touchpoints", out var before) ? before
                : throw new InvalidOperationException($"Event {eventId} supersedes no touch: '{recorded.Supersedes}'."),
        };
    }
}
