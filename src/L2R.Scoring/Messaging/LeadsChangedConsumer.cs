using L2R.Intake.V1;
using L2R.Ledger;
using L2R.Messaging;
using L2R.Scoring.Domain;
using L2R.Scoring.Storage;
using L2R.ServiceDefaults;
using MassTransit;

namespace L2R.Scoring.Messaging;

/// <summary>Takes in what is known of leads, and the journeys that Intake opened and ended, and scores the open ones by it.</summary>
sealed class LeadsChangedConsumer(Inbox inbox, TimeProvider clock) : IConsumer<LeadsChanged>
{
    public Task Consume(ConsumeContext<LeadsChanged> context)
    {
        var message = context.Message;
        var changes = message.Changes.Select(change => (Lead: Read(change, message.EventId), Move: ReadMove(change))).ToList();
        return inbox.HandleTogetherAsync(
            this, message.EventId, message.Tenant, changes,
            (transaction, tenant, heard) => JourneyStore.HearLeadsAsync(
                transaction, tenant, [.. heard.Select(change => change.Lead)], [.. heard.Select(change => change.Move).OfType<HeardMove>()], clock.GetStorableNow(), default),
            context.CancellationToken);
    }

    /// <returns>Null when the change moved no journey.</returns>
    static HeardMove? ReadMove(LeadChanged change) =>
        change.Move is { } move
        && move.To.ToDomain() is { } stage
        && Fields.TryParseName(change.Lead, "leads", out var leadId)
        && Fields.TryParseName(move.Journey, "journeys", out var journeyId)
            ? new HeardMove(leadId, new JourneyPosition(journeyId, stage, move.OccurTime.ToDateTimeOffset(), move.SourceSeq, Imported: false), move.Motion)
            : null;

    static LeadKnowledge Read(LeadChanged change, string eventId)
    {
        if (!Fields.TryParseName(change.Lead, "leads", out var leadId))
        {
            throw new InvalidOperationException($"Event {eventId} names no lead: '{change.Lead}'.");
        }
        var profile = change.Profile ?? new();
        return new LeadKnowledge(leadId, change.Version, new LeadAttributes
        {
            Channel = change.Channel,
            Source = change.Source,
            Campaign = change.Campaign,
            Segment = profile.Segment,
            RegionCode = profile.RegionCode,
            Industry = profile.Industry,
            EmployeeCount = profile.EmployeeCount,
            JobLevel = profile.JobLevel,
            Product = profile.Product,
        });
    }
}
