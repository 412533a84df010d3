namespace L2R.Ledger.Domain;

/// <summary>The services that move journeys. One holds a journey at a time, and alone moves it.</summary>
public enum Owner
{
    Intake,
    Scoring,
    Handoff,
    Opportunity,
}

/// <summary>Whether a row happened here, or is history brought in from elsewhere.</summary>
public enum Origin
{
    Live,
    Import,
}

/// <param name="From">Null before the journey's first row.</param>
public readonly record struct Move(Stage? From, Stage To, Owner By);

/// <summary>The answer to a wish to move a journey.</summary>
public abstract record MoveDecision
{
    MoveDecision() { }

    public sealed record Allowed : MoveDecision;

    /// <param name="Belongs">The service that alone makes this move. Null where nobody does.</param>
    /// <param name="Possible">Every move that is possible from where the journey stands, with who makes it.</param>
    public sealed record Refused(Owner? Belongs, IReadOnlyList<Move> Possible) : MoveDecision;
}

/// <summary>Which moves of a journey there are, and whose they are.</summary>
/// <remarks>
/// The table knows stages only. What else an owner asks for (criteria, reasons, that it holds this journey, that it wrote the exit
/// that it reopens) it asks of its own rows.
/// </remarks>
public static class Moves
{
    static readonly MoveDecision Yes = new MoveDecision.Allowed();

    static readonly Move[] Walk =
    [
        new(null, Stage.Lead, Owner.Intake),
        new(Stage.Lead, Stage.Mql, Owner.Scoring),
        new(Stage.Lead, Stage.Sal, Owner.Handoff), // sales-generated
        new(Stage.Mql, Stage.Sal, Owner.Handoff),
        new(Stage.Sal, Stage.Sql, Owner.Handoff),
        new(Stage.Sql, Stage.Opportunity, Owner.Opportunity),
        new(Stage.Opportunity, Stage.Opportunity, Owner.Opportunity), // a further opportunity of the journey
        new(Stage.Opportunity, Stage.ClosedWon, Owner.Opportunity),
        new(Stage.ClosedWon, Stage.ClosedWon, Owner.Opportunity), // a later win of the journey
    ];

    static readonly Move[] Ends =
    [
        new(Stage.Lead, Stage.Disqualified, Owner.Intake),
        new(Stage.Mql, Stage.Rejected, Owner.Handoff),
        new(Stage.Mql, Stage.Recycled, Owner.Handoff),
        new(Stage.Mql, Stage.Disqualified, Owner.Handoff),
        new(Stage.Sal, Stage.Recycled, Owner.Handoff),
        new(Stage.Sal, Stage.Disqualified, Owner.Handoff),
        new(Stage.Sql, Stage.Recycled, Owner.Handoff),
        new(Stage.Sql, Stage.Disqualified, Owner.Handoff),
        new(Stage.Opportunity, Stage.ClosedLost, Owner.Opportunity),
    ];

    // A decision to revive: back to a stage that the exit was taken from, by the service that took it.
    static readonly IEnumerable<Move> Reopenings = Ends.Select(end => new Move(end.To, end.From!.Value, end.By));

    // An opportunity that is opened or lost beside a won one is a row of the ledger; the journey stays won.
    static readonly Move[] BesideAWin =
    [
        new(Stage.ClosedWon, Stage.Opportunity, Owner.Opportunity),
        new(Stage.ClosedWon, Stage.ClosedLost, Owner.Opportunity),
    ];

    static readonly Move[] LiveMoves = [.. Walk, .. Ends, .. Reopenings, .. BesideAWin];

    static readonly Move[] ImportMoves = [.. LiveMoves.Concat(Skips()).Concat(StepsBack()).Concat(Deals()).Distinct()];

    /// <summary>Every move that <paramref name="origin"/> knows.</summary>
    /// <remarks>
    /// An import brings what happened elsewhere, so it may also
    /// start at any stage, or skip forward, also when it reopens (what is skipped is inferred);
    /// step back, down to MQL and from as far as OPPORTUNITY;
    /// enter and close opportunities in any order, since <c>from</c> is one stage and a journey may have several of them.
    /// It may not open a journey twice (a second LEAD row), begin with an exit, take an exit that its stage does not have
    /// (an exit makes no stage reached, so a skip before it would hide one), or leave CLOSED_WON for a lower stage than OPPORTUNITY.
    /// </remarks>
    public static IReadOnlyList<Move> All(Origin origin) => origin == Origin.Import ? ImportMoves : LiveMoves;

    /// <summary>Every move from where a journey stands.</summary>
    public static IReadOnlyList<Move> From(Stage? from, Origin origin) => [.. All(origin).Where(move => move.From == from)];

    /// <summary>What can become of a live journey now: of the ways back from an exit, the one that takes it back.</summary>
    /// <param name="exitFrom">From <see cref="ExitFrom"/>. Null: not known, so another service than <paramref name="asked"/> took the exit.</param>
    /// <param name="asked">The service that answers.</param>
    public static IReadOnlyList<Move> WaysOn(Stage stage, Stage? exitFrom, Owner asked) =>
    [
        .. From(stage, Origin.Live).Where(move => !stage.IsExit() || (exitFrom is { } before ? move.To == before : move.By != asked)),
    ];

    /// <summary>Where the way back from an exit leads.</summary>
    /// <param name="before">Where the journey stood right before it moved to <paramref name="stage"/>.</param>
    /// <returns>Null where <paramref name="stage"/> is no exit, or not one that is taken from there.</returns>
    public static Stage? ExitFrom(Stage before, Stage stage) =>
        stage.IsExit() && OwnerOf(before, stage, Origin.Live) is not null ? before : null;

    /// <returns>The service that alone makes this move. Null where nobody does.</returns>
    public static Owner? OwnerOf(Stage? from, Stage to, Origin origin)
    {
        foreach (var move in All(origin))
        {
            if (move.From == from && move.To == to)
            {
                return move.By;
            }
        }
        return null;
    }

    /// <summary>Decides whether <paramref name="by"/> may move a journey.</summary>
    /// <param name="from">Where the journey stands; null before its first row.</param>
    public static MoveDecision Decide(Stage? from, Stage to, Owner by, Origin origin)
    {
        var owner = OwnerOf(from, to, origin);
        return owner == by ? Yes : new MoveDecision.Refused(owner, From(from, origin));
    }

    /// <summary>The service that enters a journey into a stage for the first time.</summary>
    static Owner EntererOf(Stage stage) => stage switch
    {
        Stage.Lead => Owner.Intake,
        Stage.Mql => Owner.Scoring,
        Stage.Sal or Stage.Sql => Owner.Handoff,
        _ => Owner.Opportunity,
    };

    static IEnumerable<Move> Skips()
    {
        var forward =
            from to in Stages.Waterfall
            from @from in Stages.Waterfall.TakeWhile(stage => stage < to).Select(stage => (Stage?)stage).Prepend(null)
            select new Move(@from, to, EntererOf(to));

        var reopening =
            from reopened in Reopenings
            from to in Stages.Waterfall.Where(stage => stage > reopened.To && EntererOf(stage) == reopened.By)
            select reopened with { To = to };

        return forward.Concat(reopening);
    }

    static IEnumerable<Move> StepsBack() =>
        from @from in Stages.Waterfall.Where(stage => stage <= Stage.Opportunity)
        from to in Stages.Waterfall.Where(stage => stage >= Stage.Mql && stage < @from)
        select new Move(@from, to, EntererOf(to));

    static IEnumerable<Move> Deals()
    {
        Stage[] deal = [Stage.Opportunity, Stage.ClosedWon, Stage.ClosedLost];
        return
            from @from in deal
            from to in deal
            select new Move(@from, to, Owner.Opportunity);
    }
}
