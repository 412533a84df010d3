using System.Globalization;
using L2R.Ledger.Domain;

namespace L2R.Scoring.Domain;

/// <summary>Where a journey stands, as far as Scoring knows.</summary>
/// <param name="SourceSeq">Of the row that brought it there.</param>
/// <param name="Imported">It is history: nobody moves it live.</param>
public sealed record JourneyPosition(Guid JourneyId, Stage Stage, DateTimeOffset OccurTime, long SourceSeq, bool Imported);

/// <summary>A journey on its way to MQL.</summary>
/// <param name="Motion">New business or existing customer, as its rows say.</param>
/// <param name="QualifyTime">When Scoring made it an MQL; null before.</param>
public sealed record Journey(JourneyPosition Position, string Motion, DateTimeOffset? QualifyTime)
{
    /// <summary>Whether touches and changes of the lead still count.</summary>
    public bool IsOpen =>
        !Position.Imported && QualifyTime is null
        && Moves.Decide(Position.Stage, Stage.Mql, Owner.Scoring, Origin.Live) is MoveDecision.Allowed;
}

/// <summary>The row that makes a journey an MQL.</summary>
public sealed record StageMove(Guid JourneyId, Stage From, Stage To, DateTimeOffset OccurTime, long SourceSeq, string Reason);

/// <summary>The rules for the journeys that Scoring moves.</summary>
public static class Journeys
{
    /// <summary>Takes in what a service says of a journey.</summary>
    /// <param name="known">Null when nothing was heard of it before.</param>
    /// <returns>Null when it is no news: events may come late and more than once, and history does not move.</returns>
    public static JourneyPosition? Hear(JourneyPosition? known, JourneyPosition heard) =>
        known is null || (heard.SourceSeq > known.SourceSeq && !known.Imported) ? heard : null;

    /// <summary>Makes the journey an MQL when its score reaches the threshold, once.</summary>
    /// <returns>Null when it stays where it is.</returns>
    public static StageMove? Qualify(Journey journey, int points, int threshold, DateTimeOffset now)
    {
        if (!journey.IsOpen || points < threshold)
        {
            return null;
        }
        var position = journey.Position;
        return new(
            position.JourneyId,
            position.Stage,
            Stage.Mql,
            // A live row is never dated before its predecessor, whatever the clocks say.
            now > position.OccurTime ? now : position.OccurTime,
            position.SourceSeq + 1,
            string.Create(CultureInfo.InvariantCulture, $"score {points} of {threshold}"));
    }
}
