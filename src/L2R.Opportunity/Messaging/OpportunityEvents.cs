using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Opportunity.Api;
using L2R.Opportunity.Domain;
using L2R.Opportunity.V1;
using L2R.Owners;

namespace L2R.Opportunity.Messaging;

/// <summary>What Opportunity tells the others.</summary>
static class OpportunityEvents
{
    public static OutboxEvent Changed(string tenant, Deal deal)
    {
        var eventId = Guid.CreateVersion7(deal.UpdateTime);
        return OutboxEvent.Live(eventId, tenant, new OpportunitiesChanged
        {
            EventId = eventId.ToString("D"),
            EventTime = deal.UpdateTime.ToTimestamp(),
            Tenant = tenant,
            Changes =
            {
                new OpportunityChanged
                {
                    Opportunity = DealMapping.Name(deal.Id),
                    Version = deal.Version,
                    Journey = DealMapping.JourneyName(deal.JourneyId),
                    Lead = DealMapping.LeadName(deal.LeadId),
                    Stage = deal.Details.Stage,
                    State = DealMapping.ToProto(deal.State),
                    Amount = DealMapping.ToMoney(deal.Details),
                    ExpectedCloseDate = DealMapping.ToDate(deal.Details),
                    Owner = deal.Details.Owner,
                    Product = deal.Details.Product,
                    OpenTime = deal.OpenTime.ToTimestamp(),
                    CloseTime = deal.CloseTime?.ToTimestamp(),
                },
            },
        });
    }

    public static OutboxEvent Moved(string tenant, Deal deal, StageMove move, string actor, DateTimeOffset now)
    {
        var row = MoveEvents.Row(deal.LeadId, deal.JourneyId, move.From, move.To, move.OccurTime, move.SourceSeq, actor, move.Reason, now);
        row.Opportunity = DealMapping.Name(deal.Id);
        row.Amount = DealMapping.ToMoney(deal.Details);
        row.Dimensions = new Dimensions { Owner = deal.Details.Owner, Product = deal.Details.Product };
        return MoveEvents.Live(Ledger.Domain.Owner.Opportunity, tenant, [row], now);
    }
}
