using L2R.Ledger.Domain;

namespace L2R.Opportunity.Domain;

/// <summary>What happens when somebody works on a deal. One case per answer, and no others.</summary>
public abstract record DealDecision
{
    DealDecision() { }

    /// <summary>The deal changes, its journey does not move.</summary>
    public sealed record Changed(Deal Deal) : DealDecision;

    /// <summary>It is so already.</summary>
    public sealed record Unchanged(Deal Deal) : DealDecision;

    /// <param name="Journey">Where the journey stands afterwards.</param>
    /// <param name="Move">The row that the ledger is told.</param>
    public sealed record Moved(Deal Deal, JourneyPosition Journey, StageMove Move) : DealDecision;

    /// <summary>The journey was last heard of below SQL: the news may be on its way.</summary>
    public sealed record NotReady(Stage Stage) : DealDecision;

    /// <param name="Possible">Every move from where the journey stands, with the service that makes it.</param>
    public sealed record Refused(Stage From, Stage To, IReadOnlyList<Move> Possible) : DealDecision;

    public sealed record NotOpen(DealState State) : DealDecision;

    public sealed record NotLost(DealState State) : DealDecision;

    public sealed record AmountMissing : DealDecision;

    /// <param name="Currency">The deal's, for good.</param>
    public sealed record CurrencyFixed(string Currency) : DealDecision;

    /// <summary>The deal, or its journey, is history: nobody changes it live.</summary>
    public sealed record IsHistory : DealDecision;
}

/// <summary>The rules for deals, and for where they bring their journey.</summary>
/// <remarks>
/// Every deal that is opened, won, lost or opened again is a row of its journey. The journey stands in CLOSED_WON once a deal
/// is won, else in OPPORTUNITY while one is open, else in CLOSED_LOST.
/// </remarks>
public static class Deals
{
    /// <summary>Opens a deal of a journey that stands in SQL, or a further one.</summary>
    public static DealDecision Open(JourneyPosition journey, Guid dealId, DealDetails details, DateTimeOffset now)
    {
        if (journey.Stage < Stage.Sql)
        {
            return new DealDecision.NotReady(journey.Stage);
        }
        if (journey.Stage == Stage.ClosedLost)
        {
            // The table has this move, for a deal that is opened again. A new one is a new interest: the lead's next journey.
            return Refuse(journey, Stage.Opportunity);
        }
        return Move(journey, Stage.Opportunity, After(journey, Stage.Opportunity), reason: "", now, time => new Deal
        {
            Id = dealId,
            JourneyId = journey.JourneyId,
            LeadId = journey.LeadId,
            Details = details,
            State = DealState.Open,
            OpenTime = time,
            Imported = false,
            CreateTime = now,
            UpdateTime = now,
            Version = 1,
        });
    }

    public static DealDecision Change(Deal deal, DealDetails details)
    {
        if (RefuseUnlessOpen(deal) is { } refused)
        {
            return refused;
        }
        return deal.Details.Currency is { } currency && details.Currency != currency ? new DealDecision.CurrencyFixed(currency)
            : details == deal.Details ? new DealDecision.Unchanged(deal)
            : new DealDecision.Changed(deal with { Details = details });
    }

    public static DealDecision Win(JourneyPosition journey, Deal deal, string reason, DateTimeOffset now)
    {
        if (RefuseUnlessOpen(deal) is { } refused)
        {
            return refused;
        }
        return deal.Details.Amount is null
            ? new DealDecision.AmountMissing()
            : Move(journey, Stage.ClosedWon, Stage.ClosedWon, reason, now, time => deal with { State = DealState.Won, CloseTime = time, CloseReason = reason });
    }

    /// <summary>Loses a deal. Beside an open or a won one that ends nothing, and is a row of the journey all the same.</summary>
    /// <param name="othersOpen">Whether another deal of the journey is open.</param>
    public static DealDecision Lose(JourneyPosition journey, Deal deal, bool othersOpen, string reason, DateTimeOffset now) =>
        RefuseUnlessOpen(deal) ?? Move(
            journey, Stage.ClosedLost, After(journey, othersOpen ? Stage.Opportunity : Stage.ClosedLost), reason, now,
            time => deal with { State = DealState.Lost, CloseTime = time, CloseReason = reason });

    /// <summary>Opens a lost deal again.</summary>
    public static DealDecision Reopen(JourneyPosition journey, Deal deal, string reason, DateTimeOffset now)
    {
        if (deal.Imported)
        {
            return new DealDecision.IsHistory();
        }
        return deal.State != DealState.Lost
            ? new DealDecision.NotLost(deal.State)
            : Move(journey, Stage.Opportunity, After(journey, Stage.Opportunity), reason, now,
                time => deal with { State = DealState.Open, OpenTime = time, CloseTime = null, CloseReason = "" });
    }

    /// <summary>Takes in what another service says of a journey.</summary>
    /// <returns>Null when it is no news: events may come late and more than once.</returns>
    /// <remarks>
    /// A journey with a deal is held here, and nobody else moves it. Where another service moved it in the moment before it heard
    /// so, the journey's rows are numbered on from there, and the deal stands.
    /// </remarks>
    public static JourneyPosition? Hear(JourneyPosition known, JourneyPosition heard)
    {
        if (heard.SourceSeq <= known.SourceSeq)
        {
            return null;
        }
        var held = known.Stage is Stage.Opportunity or Stage.ClosedWon or Stage.ClosedLost;
        return held ? known with { SourceSeq = heard.SourceSeq, OccurTime = Later(known.OccurTime, heard.OccurTime) } : heard;
    }

    static DealDecision? RefuseUnlessOpen(Deal deal) => deal switch
    {
        { Imported: true } => new DealDecision.IsHistory(),
        { State: not DealState.Open } => new DealDecision.NotOpen(deal.State),
        _ => null,
    };

    /// <summary>A won journey stays won.</summary>
    static Stage After(JourneyPosition journey, Stage otherwise) => journey.Stage == Stage.ClosedWon ? Stage.ClosedWon : otherwise;

    static DealDecision Move(JourneyPosition journey, Stage to, Stage after, string reason, DateTimeOffset now, Func<DateTimeOffset, Deal> change)
    {
        if (Moves.Decide(journey.Stage, to, Owner.Opportunity, Origin.Live) is not MoveDecision.Allowed)
        {
            return Refuse(journey, to);
        }
        // A live row is never dated before its predecessor, whatever the clocks say.
        var move = new StageMove(journey.Stage, to, Later(now, journey.OccurTime), journey.SourceSeq + 1, reason);
        return new DealDecision.Moved(
            change(move.OccurTime),
            journey with { Stage = after, OccurTime = move.OccurTime, SourceSeq = move.SourceSeq, ExitFrom = Moves.ExitFrom(journey.Stage, after) },
            move);
    }

    static DealDecision.Refused Refuse(JourneyPosition journey, Stage to) =>
        new(journey.Stage, to, Moves.WaysOn(journey.Stage, journey.ExitFrom, Owner.Opportunity));

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
