namespace L2R.Handoff.Domain;

/// <summary>Whose turn it is.</summary>
public static class RoundRobin
{
    /// <summary>Deals <paramref name="count"/> journeys out, one each in turn.</summary>
    /// <param name="active">The reps who take part, by ascending id, which is the order of turns.</param>
    /// <param name="last">Whose turn was last; null before the first. They may have left since: the turn after theirs is next.</param>
    /// <returns>Who gets each; empty when nobody takes part.</returns>
    public static IReadOnlyList<Assignee> Deal(IReadOnlyList<Assignee> active, Guid? last, int count)
    {
        if (active.Count == 0)
        {
            return [];
        }
        // Past the end it is the first one's turn again.
        var next = active.TakeWhile(rep => last is { } before && rep.RepId.CompareTo(before) <= 0).Count();
        return [.. Enumerable.Range(next, count).Select(turn => active[turn % active.Count])];
    }
}
