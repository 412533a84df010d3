namespace L2R.Metrics.Domain;

/// <summary>One point of a review: what to talk about.</summary>
/// <param name="Time">When it came up.</param>
/// <param name="Reading">The figure that the sentence tells of. Null: it tells of none.</param>
public sealed record AgendaItem(DateTimeOffset Time, string Sentence, Reading? Reading);

/// <summary>What a review came to.</summary>
/// <param name="TradeOff">What is given up for what.</param>
/// <param name="NextReviewDate">When the decision is looked at again.</param>
/// <param name="Actor">Who closed it.</param>
public sealed record Decision(string Text, string TradeOff, DateOnly NextReviewDate, DateTimeOffset Time, string Actor);

public enum ReviewState
{
    Open,

    /// <summary>Its date has passed.</summary>
    Overdue,
    Closed,
}

/// <summary>A talk about figures that ends with a decision.</summary>
public sealed record Review
{
    // So that it stays within what an answer holds, also where nobody looks at it for years.
    const int LongestAgenda = 500;

    public required Guid Id { get; init; }

    /// <summary>What it was opened by.</summary>
    public required Guid TriggerId { get; init; }

    public required string DisplayName { get; init; }
    public required string Owner { get; init; }

    /// <summary>The review whose decision this one looks at again. Null: a firing opened it.</summary>
    public Guid? Previous { get; init; }

    public required DateTimeOffset OpenTime { get; init; }

    /// <summary>The last day on which it is not overdue, of the zone in which it was set.</summary>
    public required DateOnly DueDate { get; init; }

    /// <summary>The first instant after that day.</summary>
    public required DateTimeOffset DueTime { get; init; }

    /// <summary>In the order in which the items came up; of more than 500 the newest.</summary>
    public required IReadOnlyList<AgendaItem> Agenda { get; init; }

    /// <summary>Null: not closed.</summary>
    public Decision? Decision { get; init; }

    /// <summary>Starts at 1 and grows by one with each write.</summary>
    public required long Version { get; init; }

    public ReviewState StateAt(DateTimeOffset now) =>
        Decision is not null ? ReviewState.Closed
        : now >= DueTime ? ReviewState.Overdue
        : ReviewState.Open;

    /// <summary>What a firing makes of a review that is open: it has more to talk about, and no more time than a new one would have.</summary>
    public Review With(IReadOnlyList<AgendaItem> more, DateOnly dueDate, DateTimeOffset dueTime) => this with
    {
        Agenda = [.. Agenda.Concat(more).TakeLast(LongestAgenda)],
        DueDate = dueTime < DueTime ? dueDate : DueDate,
        DueTime = dueTime < DueTime ? dueTime : DueTime,
        Version = Version + 1,
    };

    /// <summary>What became of the figures that were talked about, in periods that began after the decision.</summary>
    /// <param name="after">Figures of a later look.</param>
    /// <param name="time">When that was.</param>
    public IReadOnlyList<AgendaItem> EffectsOn(IEnumerable<Reading> after, DateTimeOffset time) => Decision is not { } decision ? [] :
    [
        .. from later in after
           where later.Period.From >= decision.Time
           let before = Agenda.Select(item => item.Reading).FirstOrDefault(earlier => earlier is not null && earlier.IsSameFigure(later))
           where before is not null && (before.Value ?? later.Value) is not null
           select new AgendaItem(time, Domain.Agenda.Effect(before, later), later),
    ];

    /// <summary>The review that looks at a decision again on the day that it names.</summary>
    /// <param name="id">Of the follow-up.</param>
    /// <param name="dueTime">The first instant after the day.</param>
    public Review FollowUp(Guid id, Decision decision, DateTimeOffset dueTime) => new()
    {
        Id = id,
        TriggerId = TriggerId,
        DisplayName = DisplayName,
        Owner = Owner,
        Previous = Id,
        OpenTime = decision.Time,
        DueDate = decision.NextReviewDate,
        DueTime = dueTime,
        Agenda = [new(decision.Time, Domain.Agenda.FollowUp(decision), null)],
        Version = 1,
    };
}
