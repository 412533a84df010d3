using L2R.Ledger.Domain;

namespace L2R.Opportunity.Domain;

/// <summary>One row of imported history: an opportunity was entered, won or lost.</summary>
public sealed record DealRow
{
    /// <summary>Identifies the row in its source, also when it is corrected.</summary>
    public required Guid KeyId { get; init; }

    public required Guid JourneyId { get; init; }
    public required Guid LeadId { get; init; }

    /// <summary>Null where the source knows none.</summary>
    public Guid? OpportunityId { get; init; }

    /// <summary>OPPORTUNITY, CLOSED_WON or CLOSED_LOST.</summary>
    public required Stage To { get; init; }

    public required DateTimeOffset OccurTime { get; init; }
    public required long SourceSeq { get; init; }

    /// <summary>In <see cref="Currency"/>. Null where the source knows none.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217; set where there is an amount.</summary>
    public string? Currency { get; init; }

    public string Reason { get; init; } = "";
    public string Owner { get; init; } = "";
    public string Product { get; init; } = "";
}

/// <summary>Makes the deals of an imported journey from its rows.</summary>
/// <remarks>
/// Always from all of them, so that batches, late rows, corrections and withdrawals come to the same deals in any order of arrival.
/// An entry that its source did not name is a deal of its own, under the id of its row. A close without a name closes the newest
/// open deal, and the other open ones are superseded; where none is open, it is a deal of its own, closed at once.
/// </remarks>
public static class DealHistory
{
    /// <param name="rows">All of one journey, in any order.</param>
    /// <param name="now">When they are stored.</param>
    public static IReadOnlyCollection<Deal> Fold(IEnumerable<DealRow> rows, DateTimeOffset now)
    {
        var deals = new OrderedDictionary<Guid, Deal>();
        // The order of the ledger.
        foreach (var row in rows.OrderBy(row => row.OccurTime).ThenBy(row => row.SourceSeq).ThenBy(row => row.To.Rank()).ThenBy(row => row.KeyId))
        {
            if (row.To == Stage.Opportunity)
            {
                Enter(deals, row, now);
            }
            else
            {
                Close(deals, row, now);
            }
        }
        return deals.Values;
    }

    /// <summary>The id of the deal that a row enters. Null on a close that leaves it open which.</summary>
    public static Guid? OpportunityOf(Stage? to, Guid? named, Guid keyId) => named ?? (to == Stage.Opportunity ? keyId : null);

    static void Enter(OrderedDictionary<Guid, Deal> deals, DealRow row, DateTimeOffset now)
    {
        var id = OpportunityOf(row.To, row.OpportunityId, row.KeyId)!.Value;
        var deal = deals.GetValueOrDefault(id) ?? New(id, row, now);
        var openTime = deal.State == DealState.Open ? deal.OpenTime : row.OccurTime;
        deals[id] = Say(row, deal) with { State = DealState.Open, OpenTime = openTime, CloseTime = null, CloseReason = "" };
    }

    static void Close(OrderedDictionary<Guid, Deal> deals, DealRow row, DateTimeOffset now)
    {
        // Equal times go by the order of entry, which the dictionary keeps.
        var newest = row.OpportunityId is null
            ? deals.Values.Where(deal => deal.State == DealState.Open).Reverse().MaxBy(deal => deal.OpenTime)?.Id
            : null;
        var id = row.OpportunityId ?? newest ?? row.KeyId;
        deals[id] = Say(row, deals.GetValueOrDefault(id) ?? New(id, row, now)) with
        {
            State = row.To == Stage.ClosedWon ? DealState.Won : DealState.Lost,
            CloseTime = row.OccurTime,
            CloseReason = row.Reason,
        };
        if (row.OpportunityId is not null)
        {
            return;
        }
        foreach (var replaced in deals.Values.Where(deal => deal.State == DealState.Open).ToList())
        {
            deals[replaced.Id] = replaced with { State = DealState.Superseded, CloseTime = row.OccurTime };
        }
    }

    static Deal New(Guid id, DealRow row, DateTimeOffset now) => new()
    {
        Id = id,
        JourneyId = row.JourneyId,
        LeadId = row.LeadId,
        Details = new DealDetails(),
        State = DealState.Open,
        OpenTime = row.OccurTime,
        Imported = true,
        CreateTime = now,
        UpdateTime = now,
        Version = 1,
    };

    /// <summary>What the row knows replaces what was known; what it leaves out stays.</summary>
    static Deal Say(DealRow row, Deal deal) => deal with
    {
        Details = deal.Details with
        {
            Amount = row.Amount ?? deal.Details.Amount,
            Currency = row.Amount is null ? deal.Details.Currency : row.Currency,
            Owner = row.Owner.Length > 0 ? row.Owner : deal.Details.Owner,
            Product = row.Product.Length > 0 ? row.Product : deal.Details.Product,
        },
    };
}
