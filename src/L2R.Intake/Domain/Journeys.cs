using L2R.Ledger.Domain;

namespace L2R.Intake.Domain;

/// <summary>One row that Intake adds to a journey.</summary>
/// <param name="From">Null for the first row.</param>
/// <param name="Motion">New business or existing customer, in kebab case. Empty on further rows: as the first row says.</param>
public sealed record StageMove(Guid JourneyId, Stage? From, Stage To, DateTimeOffset OccurTime, long SourceSeq, string Reason, string Motion)
{
    /// <summary>Where the journey stands afterwards.</summary>
    public JourneyPosition Position => new(JourneyId, To, OccurTime, SourceSeq, Imported: false)
    {
        ExitFrom = From is { } before ? Moves.ExitFrom(before, To) : null,
    };
}

/// <summary>What happens when Intake is asked to move a journey, or to open the next one.</summary>
public abstract record JourneyDecision
{
    JourneyDecision() { }

    public sealed record Moved(StageMove Move) : JourneyDecision;

    /// <param name="Possible">Every move from where the journey stands, with the service that makes it.</param>
    public sealed record Refused(Stage From, IReadOnlyList<Move> Possible) : JourneyDecision;

    /// <summary>The journey is history: nobody moves it live.</summary>
    public sealed record IsHistory : JourneyDecision;

    /// <summary>The lead is merged into another one.</summary>
    public sealed record IsMerged(Guid Survivor) : JourneyDecision;

    /// <summary>It stands in no exit that Intake took.</summary>
    public sealed record NotEndedHere(Stage Stage) : JourneyDecision;

    /// <summary>It has not ended, or waits in nurture for the touch that opens the next one.</summary>
    public sealed record NotOver(Stage Stage) : JourneyDecision;
}

/// <summary>The rules for the journeys that Intake opens and ends.</summary>
public static class Journeys
{
    const long FirstSeq = 1;
    const string NewBusiness = "new";

    /// <summary>Opens the first journey of a new lead.</summary>
    public static StageMove Open(Guid journeyId, DateTimeOffset occurTime) =>
        new(journeyId, From: null, Stage.Lead, occurTime, FirstSeq, Reason: "", NewBusiness);

    /// <summary>Ends a journey that stands in LEAD.</summary>
    public static JourneyDecision Disqualify(JourneyPosition journey, string reason, DateTimeOffset now)
    {
        if (journey.Imported)
        {
            return new JourneyDecision.IsHistory();
        }
        return Moves.Decide(journey.Stage, Stage.Disqualified, Owner.Intake, Origin.Live) is MoveDecision.Allowed
            ? Step(journey, Stage.Disqualified, reason, now)
            : new JourneyDecision.Refused(journey.Stage, Moves.WaysOn(journey.Stage, journey.ExitFrom, Owner.Intake));
    }

    /// <summary>Takes back an exit that Intake took: the journey stands again where it stood before.</summary>
    public static JourneyDecision Reopen(JourneyPosition journey, string reason, DateTimeOffset now)
    {
        if (journey.Imported)
        {
            return new JourneyDecision.IsHistory();
        }
        return journey.ExitFrom is { } before && Moves.Decide(journey.Stage, before, Owner.Intake, Origin.Live) is MoveDecision.Allowed
            ? Step(journey, before, reason, now)
            : new JourneyDecision.NotEndedHere(journey.Stage);
    }

    /// <summary>Opens the next journey of a lead whose last one was won or lost, or ended otherwise than in nurture.</summary>
    /// <remarks>History is never moved live, so an imported journey does not stand in the way, wherever it stands.</remarks>
    /// <param name="motion">In kebab case; empty: new business.</param>
    public static JourneyDecision OpenNext(Lead lead, Guid nextJourneyId, string motion, string reason, DateTimeOffset now) =>
        lead.Journey.Imported || lead.State is LeadState.Ended or LeadState.Customer
            ? new JourneyDecision.Moved(Open(nextJourneyId, Later(now, lead.Journey.OccurTime)) with
            {
                Reason = reason,
                Motion = motion.Length == 0 ? NewBusiness : motion,
            })
            : new JourneyDecision.NotOver(lead.Journey.Stage);

    /// <summary>A touch of engagement revives a lead in nurture: it opens the next journey, dated by that touch.</summary>
    /// <returns>Null when the touch opens nothing.</returns>
    public static StageMove? Touch(Lead lead, Touchpoint touchpoint, Guid nextJourneyId) =>
        touchpoint.Engagement && lead is { State: LeadState.Nurture, Merge: null } && touchpoint.OccurTime > lead.Journey.OccurTime
            ? Open(nextJourneyId, touchpoint.OccurTime)
            : null;

    /// <summary>Takes in what another service says of a journey.</summary>
    /// <returns>Null when it is another journey, or no news: events may come late and more than once.</returns>
    public static JourneyPosition? Hear(JourneyPosition known, JourneyPosition heard) =>
        heard.JourneyId == known.JourneyId
            // Two services may move a journey at the same moment, with the same number: the further one counts.
            && (heard.SourceSeq > known.SourceSeq || (heard.SourceSeq == known.SourceSeq && heard.Stage > known.Stage))
            // An opportunity lost beside a won one is a row that ends nothing.
            ? known.Stage == Stage.ClosedWon && heard.Stage == Stage.ClosedLost ? heard with { Stage = Stage.ClosedWon, ExitFrom = null } : heard
            : null;

    static JourneyDecision.Moved Step(JourneyPosition journey, Stage to, string reason, DateTimeOffset now) =>
        // A live row is never dated before its predecessor, whatever the clocks say.
        new(new StageMove(journey.JourneyId, journey.Stage, to, Later(now, journey.OccurTime), journey.SourceSeq + 1, reason, Motion: ""));

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
