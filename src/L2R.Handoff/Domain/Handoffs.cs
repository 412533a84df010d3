using L2R.Ledger.Domain;

namespace L2R.Handoff.Domain;

/// <summary>One row that Handoff adds to a journey.</summary>
public sealed record StageMove(Stage From, Stage To, DateTimeOffset OccurTime, long SourceSeq, string Reason);

/// <summary>What happens when Handoff is asked to do something to a journey. One case per answer, and no others.</summary>
public abstract record HandoffDecision
{
    HandoffDecision() { }

    public sealed record Moved(SalesJourney After, StageMove Move) : HandoffDecision;

    /// <summary>It has another owner, and stands where it stood.</summary>
    public sealed record Assigned(SalesJourney After) : HandoffDecision;

    /// <summary>It is so already.</summary>
    public sealed record AlreadyDone : HandoffDecision;

    /// <param name="Possible">Every move from where the journey stands, with the service that makes it.</param>
    public sealed record Refused(Stage From, Stage To, IReadOnlyList<Move> Possible) : HandoffDecision;

    /// <summary>As far as is known, the journey has not come to sales yet.</summary>
    public sealed record NotHeardOf : HandoffDecision;

    /// <summary>The journey is history: nobody moves it live.</summary>
    public sealed record IsHistory : HandoffDecision;

    /// <param name="Missing">The criteria that are not met, at least one.</param>
    public sealed record Incomplete(IReadOnlyList<string> Missing) : HandoffDecision;

    /// <summary>Sales doesn't work on it (any more).</summary>
    public sealed record NotOpen(Stage Stage) : HandoffDecision;

    /// <summary>It stands in no exit that Handoff took.</summary>
    public sealed record NotEnded(Stage Stage) : HandoffDecision;

    /// <summary>The lead has a later journey.</summary>
    public sealed record NotLatest : HandoffDecision;

    public sealed record RepInactive(Guid RepId) : HandoffDecision;
}

/// <summary>The rules for the journeys in Handoff's room.</summary>
public static class Handoffs
{
    /// <summary>Sales accepts an MQL.</summary>
    /// <param name="caller">The rep who accepts; null when it is somebody else.</param>
    public static HandoffDecision Accept(SalesJourney journey, Assignee? caller, DateTimeOffset now) =>
        Unheard(journey) ?? Take(journey, caller, reason: "", now);

    /// <summary>Sales takes a lead that stands in LEAD, or accepts it in MQL.</summary>
    /// <param name="caller">The rep who pulls; null when it is somebody else.</param>
    public static HandoffDecision Pull(SalesJourney journey, Assignee? caller, string reason, DateTimeOffset now) =>
        Take(journey, caller, reason, now);

    /// <summary>Sales qualifies an SAL.</summary>
    public static HandoffDecision Qualify(SalesJourney journey, Qualification qualification, DateTimeOffset now)
    {
        if (Unheard(journey) is { } unheard)
        {
            return unheard;
        }
        return Move(journey, Stage.Sql, reason: "", now) switch
        {
            HandoffDecision.Moved when qualification.Missing is { Count: > 0 } missing => new HandoffDecision.Incomplete(missing),
            HandoffDecision.Moved(var after, var move) => new HandoffDecision.Moved(
                after with { Qualification = qualification, QualifyTime = move.OccurTime }, move),
            var refused => refused,
        };
    }

    /// <summary>Sales ends the journey.</summary>
    /// <param name="exit">REJECTED, RECYCLED or DISQUALIFIED.</param>
    public static HandoffDecision End(SalesJourney journey, Stage exit, string reason, DateTimeOffset now) =>
        Unheard(journey) ?? Move(journey, exit, reason, now);

    /// <summary>Sales takes back an exit of its own: the journey stands again where it stood before.</summary>
    /// <param name="caller">The rep who reopens; null when it is somebody else.</param>
    /// <param name="isLatest">Whether the lead has no later journey.</param>
    public static HandoffDecision Reopen(SalesJourney journey, Assignee? caller, bool isLatest, string reason, DateTimeOffset now)
    {
        if (Unheard(journey) is { } unheard)
        {
            return unheard;
        }
        if (journey.Imported)
        {
            return new HandoffDecision.IsHistory();
        }
        if (journey.ExitFrom is not { } stage)
        {
            return new HandoffDecision.NotEnded(journey.Stage);
        }
        return isLatest ? Own(Step(journey, stage, reason, now), journey, caller) : new HandoffDecision.NotLatest();
    }

    /// <summary>Gives a journey to a rep, whoever had it.</summary>
    public static HandoffDecision Assign(SalesJourney journey, Rep rep, DateTimeOffset now)
    {
        if (Unheard(journey) is { } unheard)
        {
            return unheard;
        }
        if (journey.Imported)
        {
            return new HandoffDecision.IsHistory();
        }
        if (!journey.IsOpen)
        {
            return new HandoffDecision.NotOpen(journey.Stage);
        }
        if (journey.Owner?.RepId == rep.Id)
        {
            return new HandoffDecision.AlreadyDone();
        }
        return rep.Details.Active
            ? new HandoffDecision.Assigned(journey with { Owner = rep.AsAssignee, AssignTime = now, Version = journey.Version + 1 })
            : new HandoffDecision.RepInactive(rep.Id);
    }

    /// <summary>Takes in what another service says of a journey.</summary>
    /// <param name="known">What is known of the journey; null when nothing is.</param>
    /// <param name="heard">The row that came.</param>
    /// <returns>Null when it is no news.</returns>
    /// <remarks>
    /// Events may come late, more than once, and in any order. Two services that move a journey at once give their rows
    /// the same number: then the row that is further on counts, in whatever order they come.
    /// </remarks>
    public static SalesJourney? Hear(SalesJourney? known, SalesJourney heard)
    {
        if (known is null)
        {
            return Queue(heard);
        }
        if (known.Imported)
        {
            return null;
        }
        if (IsLater(heard.Position, known.Position))
        {
            return Queue(known with
            {
                Position = heard.Position,
                ExitFrom = null,
                Traits = heard.Traits.Or(known.Traits),
                Version = known.Version + 1,
            });
        }
        // A row that comes late still says when the journey came to sales, and what the later ones left out.
        var queued = heard.Stage == Stage.Mql ? known.QueueTime ?? heard.Position.OccurTime : known.QueueTime;
        var completed = known with { Traits = known.Traits.Or(heard.Traits), QueueTime = queued };
        return completed == known ? null : completed with { Version = known.Version + 1 };
    }

    static bool IsLater(JourneyPosition a, JourneyPosition b) => (a.SourceSeq, a.Stage).CompareTo((b.SourceSeq, b.Stage)) > 0;

    static SalesJourney Queue(SalesJourney journey) =>
        journey.Stage == Stage.Mql && journey.QueueTime is null ? journey with { QueueTime = journey.Position.OccurTime } : journey;

    // The word that makes it an MQL may still be on its way.
    static HandoffDecision.NotHeardOf? Unheard(SalesJourney journey) => journey.Stage == Stage.Lead ? new() : null;

    static HandoffDecision Take(SalesJourney journey, Assignee? caller, string reason, DateTimeOffset now) =>
        Move(journey, Stage.Sal, reason, now) switch
        {
            HandoffDecision.Moved(var after, var move) moved => Own(
                moved with { After = after with { QueueTime = journey.QueueTime ?? move.OccurTime, AcceptTime = move.OccurTime } }, journey, caller),
            var refused => refused,
        };

    /// <summary>What nobody has is the caller's.</summary>
    static HandoffDecision.Moved Own(HandoffDecision.Moved moved, SalesJourney before, Assignee? caller) =>
        before.Owner is null && caller is not null
            ? moved with { After = moved.After with { Owner = caller, AssignTime = moved.Move.OccurTime } }
            : moved;

    static HandoffDecision Move(SalesJourney journey, Stage to, string reason, DateTimeOffset now)
    {
        if (journey.Imported)
        {
            return new HandoffDecision.IsHistory();
        }
        // A reopening is a decision of its own, never a side effect of these.
        if (journey.Stage.IsExit() || Moves.Decide(journey.Stage, to, Owner.Handoff, Origin.Live) is not MoveDecision.Allowed)
        {
            return new HandoffDecision.Refused(journey.Stage, to, Moves.WaysOn(journey.Stage, journey.ExitFrom, Owner.Handoff));
        }
        return Step(journey, to, reason, now);
    }

    static HandoffDecision.Moved Step(SalesJourney journey, Stage to, string reason, DateTimeOffset now)
    {
        // A live row is never dated before its predecessor, whatever the clocks say.
        var occurTime = now > journey.Position.OccurTime ? now : journey.Position.OccurTime;
        var move = new StageMove(journey.Stage, to, occurTime, journey.Position.SourceSeq + 1, reason);
        return new HandoffDecision.Moved(
            journey with
            {
                Position = new(to, occurTime, move.SourceSeq),
                ExitFrom = to.IsExit() ? journey.Stage : null,
                Version = journey.Version + 1,
            },
            move);
    }
}
