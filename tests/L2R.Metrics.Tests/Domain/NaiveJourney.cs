using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain;

/// <summary>One journey's rows in force, and what the definitions say of them.</summary>
sealed class NaiveJourney
{
    readonly List<Transition> _known;

    public NaiveJourney(List<Transition> known, DateTimeOffset asOf)
    {
        _known = [.. known.OrderBy(row => known.Count(other => IsBefore(other, row)))];
        Rows = [.. _known.Where(row => row.OccurredAt <= asOf)];
    }

    /// <summary>In the ledger's order.</summary>
    public List<Transition> Rows { get; }

    public Guid Lead { get; init; }

    public int Number { get; set; }

    public bool IsLatest { get; set; }

    public static bool IsBefore(Transition left, Transition right) =>
        OrderOf(left).CompareTo(OrderOf(right)) < 0;

    /// <summary>The row that gives R_k.</summary>
    public Transition? Reach(Stage stage) => Rows.FirstOrDefault(row => row.To <= Stage.ClosedWon && row.To >= stage);

    public bool IsInferred(Stage stage) => Reach(stage) is { } row && row.To != stage;

    public bool IsOutOfOrder(Stage earlier, Stage later) =>
        Rows.FindIndex(row => row.To == later) is var second and >= 0 && Rows.FindIndex(row => row.To == earlier) > second;

    /// <summary>The row that put the journey where it stands after its first <paramref name="count"/> rows.</summary>
    public Transition? StandsIn(int count)
    {
        if (Rows.Take(count).LastOrDefault(row => row.To == Stage.ClosedWon) is { } won)
        {
            return won;
        }

        // The last row that moved it; of an exit that is repeated without a move between, the first.
        for (var index = count - 1; index >= 0; index--)
        {
            var before = StandsIn(index);
            if (!EndsNothing(index) && !(Rows[index].To >= Stage.Disqualified && before?.To == Rows[index].To))
            {
                return Rows[index];
            }
            if (before is not null)
            {
                return before;
            }
        }
        return null;
    }

    /// <summary>Of journeys that are one by a merge, each by its own rows: whoever recorded them knew no others.</summary>
    public IEnumerable<Transition> Mismatches => Rows.GroupBy(row => row.JourneyId)
        .Select(part => new NaiveJourney([.. part], DateTimeOffset.MaxValue))
        .SelectMany(part => part.Rows.Where((row, index) => row.From != part.StandsIn(index)?.To));

    /// <summary>The standing exit.</summary>
    public Transition? End => StandsIn(Rows.Count) is { } row && row.To >= Stage.Disqualified ? row : null;

    /// <summary>Raw entries of a stage; of an exit, the rows at which the journey came to stand in it.</summary>
    public IEnumerable<Transition> Entries(Stage stage) => Rows.Where((row, index) =>
        row.To == stage && (stage <= Stage.ClosedWon || StandsIn(index + 1) == row));

    /// <summary>Each time that the journey left a stage: the row that had entered it, and the one that left it.</summary>
    public IEnumerable<(Transition Entered, Transition Left)> Departures(Stage stage)
    {
        for (var index = 0; index < Rows.Count; index++)
        {
            var (before, after) = (StandsIn(index), StandsIn(index + 1));
            if (before is not null && before != after && before.To == stage)
            {
                yield return (before, Rows[index]);
            }
            if (Rows[index].To == stage && stage <= Stage.ClosedWon && after != Rows[index])
            {
                yield return (Rows[index], Rows[index]); // entered, but did not come to stand there
            }
        }
    }

    public string? ValueOf(Dimension dimension, Transition row) => dimension.Name switch
    {
        "channel" => Rows[0].Dimensions.Channel,
        "team" => Last(UpTo(row), values => values.Team),
        "segment" => LastOfLead(values => values.Segment),
        "policy_version" => row.PolicyVersion,
        "tier" => LastOfLead(values => values.Custom.GetValueOrDefault("tier")),
        "desk" => Last(UpTo(row), values => values.Custom.GetValueOrDefault("desk")),
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension.Name, "The reference does not know it."),
    };

    /// <summary>What a lead is now, its own rows say; those of leads that are merged into it only what its own do not.</summary>
    string? LastOfLead(Func<Dimensions, string?> value) => Last(_known.Where(row => row.LeadId == Lead), value) ?? Last(_known, value);

    IEnumerable<Transition> UpTo(Transition row) => _known.TakeWhile(earlier => earlier != row).Append(row);

    static string? Last(IEnumerable<Transition> rows, Func<Dimensions, string?> read) =>
        rows.Select(row => read(row.Dimensions)).LastOrDefault(value => value is not null);

    static (long, long, int, Guid) OrderOf(Transition row) =>
        (row.OccurredAt.UtcTicks, row.SourceSeq, row.To!.Value.IsExit() ? 6 : (int)row.To.Value, row.TransitionId);

    /// <summary>Whether the row loses an opportunity beside one that is open, or is an exit beside a journey that is open and, by a merge, the same.</summary>
    bool EndsNothing(int index) => LosesBesideOpen(index) || (Rows[index].To >= Stage.Disqualified
        && Rows.Exists(row => row.JourneyId != Rows[0].JourneyId)
        && Rows.Take(index + 1).GroupBy(row => row.JourneyId).Any(part =>
            new NaiveJourney([.. part], DateTimeOffset.MaxValue).StandsIn(part.Count())!.To < Stage.ClosedWon));

    bool LosesBesideOpen(int index) =>
        Rows[index].To == Stage.ClosedLost && Enumerable.Range(0, index).Any(opening => Rows[opening].To == Stage.Opportunity
            && !Rows.Take(index + 1).Skip(opening + 1).Any(close => close.To is Stage.ClosedWon or Stage.ClosedLost
                && (close.OpportunityId is null || close.OpportunityId == Rows[opening].OpportunityId)));
}
