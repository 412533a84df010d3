using L2R.Messaging;
using L2R.Metrics.Storage;
using L2R.Scoring.V1;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Metrics.Messaging;

/// <summary>Remembers which scoring policy decides from when on, and wakes the triggers that wait for it.</summary>
sealed class ScoringPolicyActivatedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<ScoringPolicyActivated>
{
    public Task Consume(ConsumeContext<ScoringPolicyActivated> context)
    {
        var (message, cancellationToken) = (context.Message, context.CancellationToken);
        var activation = new PolicyActivation(
            Guid.Parse(message.EventId),
            message.ScoringPolicy,
            message.DisplayName,
            message.Reason,
            message.Actor,
            message.EventTime.ToDateTimeOffset().ToStorable());
        return inbox.HandleOnceAsync(this, message.EventId, message.Tenant, async transaction =>
        {
            await TriggerWork.HearAsync(transaction, message.Tenant, activation, clock.GetStorableNow(), cancellationToken);
            return false;
        }, cancellationToken);
    }
}
