using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Who is who, and which journeys are one, word by word.</summary>
static class NaiveMerges
{
    /// <summary>The lead that another one is, as known at an instant.</summary>
    public static Guid PersonOf(Guid lead, IReadOnlyList<LeadMerge> merges, DateTimeOffset knownAt)
    {
        List<(Guid Loser, Guid Survivor)> counted = [];
        foreach (var merge in merges
            .Where(merge => !merge.IsUndo && merge.RecordedAt <= knownAt)
            .Where(merge => !merges.Any(undo => undo.IsUndo && undo.MergeId == merge.MergeId && undo.RecordedAt <= knownAt))
            .OrderBy(merge => (merge.RecordedAt, merge.MergeId)))
        {
            if (!Chain(merge.Survivor).Contains(merge.Loser))
            {
                counted.RemoveAll(other => other.Loser == merge.Loser);
                counted.Add((merge.Loser, merge.Survivor));
            }
        }
        return Chain(lead)[^1];

        List<Guid> Chain(Guid from) =>
            counted.Exists(merge => merge.Loser == from) ? [from, .. Chain(counted.Find(merge => merge.Loser == from).Survivor)] : [from];
    }

    /// <summary>The rows of each journey of one person: two that overlap are one, until none do.</summary>
    public static List<List<Transition>> Journeys(IEnumerable<Transition> inForce)
    {
        List<List<Transition>> journeys = [.. inForce.GroupBy(row => row.JourneyId).Select(rows => rows.ToList())];
        while (journeys.SelectMany(_ => journeys, (left, right) => (left, right)).FirstOrDefault(two => two.left != two.right
            && Parts(two.left).Any(left => Parts(two.right).Any(right => Overlap(left, right)))) is ({ } one, { } other))
        {
            one.AddRange(other);
            journeys.Remove(other);
        }
        return journeys;
    }

    static IEnumerable<List<Transition>> Parts(List<Transition> rows) => rows.GroupBy(row => row.JourneyId).Select(part => part.ToList());

    static bool Overlap(List<Transition> left, List<Transition> right) =>
        left[0].LeadId != right[0].LeadId && Start(left) <= End(right) && Start(right) <= End(left);

    static DateTimeOffset Start(List<Transition> rows) => rows.Min(row => row.OccurredAt);

    static DateTimeOffset End(List<Transition> rows) =>
        new NaiveJourney(rows, DateTimeOffset.MaxValue).StandsIn(rows.Count) is { } row && row.To >= Stage.ClosedWon ? row.OccurredAt : DateTimeOffset.MaxValue;
}
