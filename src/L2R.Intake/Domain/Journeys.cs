using L2R.Ledger.Domain;

namespace L2R.Intake.Domain;

/// <summary>One row that Intake adds to a journey.</summary>
/// <param name="From">Null for the first row.</param>
public sealed record StageMove(Guid JourneyId, Stage? From, Stage To, DateTimeOffset OccurTime, long SourceSeq, string Reason)
{
    /// <summary>Where the journey stands afterwards.</summary>
    public JourneyPosition Position => new(JourneyId, To, OccurTime, SourceSeq, Imported: false);
}

/// <summary>What happens when Intake is asked to move a journey.</summary>
public abstract record JourneyDecision
{
    JourneyDecision() { }

    public sealed record Moved(StageMove Move) : JourneyDecision;

    /// <param name="Possible">Every move from where the journey stands, with the service that makes it.</param>
    public sealed record Refused(Stage From, IReadOnlyList<Move> Possible) : JourneyDecision;

    /// <summary>The journey is history: nobody moves it live.</summary>
    public sealed record IsHistory : JourneyDecision;
}

/// <summary>The rules for the journeys that Intake opens and ends.</summary>
public static class Journeys
{
    const long FirstSeq = 1;

    /// <summary>Opens the first journey of a new lead.</summary>
    public static StageMove Open(Guid journeyId, DateTimeOffset occurTime) =>
        new(journeyId, From: null, Stage.Lead, occurTime, FirstSeq, Reason: "");

    /// <summary>Ends a journey that stands in LEAD.</summary>
    public static JourneyDecision Disqualify(JourneyPosition journey, string reason, DateTimeOffset now)
    {
        if (journey.Imported)
        {
            return new JourneyDecision.IsHistory();
        }
        return Moves.Decide(journey.Stage, Stage.Disqualified, Owner.Intake, Origin.Live) is MoveDecision.Refused refused
            // Nothing here reopens a lead: its new interest is a new journey.
            ? new JourneyDecision.Refused(journey.Stage, [.. refused.Possible.Where(move => move.By != Owner.Intake || !journey.Stage.IsExit())])
            // A live row is never dated before its predecessor, whatever the clocks say.
            : new JourneyDecision.Moved(new(
                journey.JourneyId, journey.Stage, Stage.Disqualified, Later(now, journey.OccurTime), journey.SourceSeq + 1, reason));
    }

    /// <summary>A touch of engagement revives a lead in nurture: it opens the next journey, dated by that touch.</summary>
    /// <returns>Null when the touch opens nothing.</returns>
    public static StageMove? Touch(Lead lead, Touchpoint touchpoint, Guid nextJourneyId) =>
        touchpoint.Engagement && lead.State == LeadState.Nurture && touchpoint.OccurTime > lead.Journey.OccurTime
            ? Open(nextJourneyId, touchpoint.OccurTime)
            : null;

    /// <summary>Takes in what another service says of a journey.</summary>
    /// <returns>Null when it is another journey, or no news: events may come late and more than once.</returns>
    public static JourneyPosition? Hear(JourneyPosition known, JourneyPosition heard) =>
        heard.JourneyId == known.JourneyId
            // Two services may move a journey at the same moment, with the same number: the further one counts.
            && (heard.SourceSeq > known.SourceSeq || (heard.SourceSeq == known.SourceSeq && heard.Stage > known.Stage))
            // An opportunity lost beside a won one is a row that ends nothing.
            ? known.Stage == Stage.ClosedWon && heard.Stage == Stage.ClosedLost ? heard with { Stage = Stage.ClosedWon } : heard
            : null;

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
