using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Merges of the few leads, some of them undone, some in circles and of one lead twice.</summary>
sealed partial class RandomCase
{
    /// <summary>Everything that the ledger learnt, and of which lead.</summary>
    public IEnumerable<(DateTimeOffset At, Guid Lead)> News() =>
        Rows.Select(row => (row.RecordedAt, row.LeadId))
            .Concat(Merges.SelectMany(merge => new[] { (merge.RecordedAt, merge.Loser), (merge.RecordedAt, merge.Survivor) }));

    /// <summary>The same in the opposite order.</summary>
    public RandomCase Reversed() => new(question, [.. rowNumbers.Reverse()], [.. mergeNumbers.Reverse()]) { Query = Query };

    /// <summary>Some leads and whoever belongs to them as known at an instant, folded as of the end of time.</summary>
    public IEnumerable<FoldedLead> FoldedAt(IEnumerable<Guid> leads, DateTimeOffset knownAt)
    {
        foreach (var family in Families(leads, knownAt))
        {
            List<Transition> rows = [.. Rows.Where(row => family.Leads.Contains(row.LeadId) && row.RecordedAt <= knownAt)];
            List<DateTimeOffset> known =
                [.. News().Where(news => news.At <= knownAt && family.Leads.Contains(news.Lead)).Select(news => news.At).DefaultIfEmpty(knownAt)];
            foreach (var lead in family.Leads)
            {
                var own = People(rows, knownAt).Where(person => person.Key == lead).SelectMany(person => person);
                yield return new(lead, FactsOf(lead, [.. own], DateTimeOffset.MaxValue, knownAt), known.Min(), known.Max());
            }
        }
    }

    static IReadOnlyList<JourneyFacts> FactsOf(Guid lead, IEnumerable<Transition> rows, DateTimeOffset asOf, DateTimeOffset knownAt) =>
        Fold.Lead(rows, asOf, knownAt, survivor: rows.All(row => row.LeadId == lead) ? null : lead);

    IEnumerable<IGrouping<Guid, Transition>> People(IEnumerable<Transition> rows, DateTimeOffset knownAt)
    {
        var families = new LeadFamilies(Merges, knownAt);
        return rows.GroupBy(row => families.SurvivorOf(row.LeadId));
    }

    List<LeadFamily> Families(IEnumerable<Guid> leads, DateTimeOffset knownAt)
    {
        var families = new LeadFamilies(Merges, knownAt).All().ToList();
        return [.. leads.Select(lead => families.Find(family => family.Leads.Contains(lead)) ?? new([lead], [])).DistinctBy(family => family.Leads[0])];
    }

    static IEnumerable<LeadMerge> MergeOf(int[] number)
    {
        var (merge, loser) = (Id(5, number[5]), number[0] % Leads);
        var (of, into) = (Id(2, loser), Id(2, (loser + 1 + (number[1] % (Leads - 1))) % Leads));
        var at = number[2] % 60;
        yield return new(merge, of, into, IsUndo: false, At(at));
        if (number[3] % 2 == 0)
        {
            yield return new(merge, of, into, IsUndo: true, At(at - 3 + (number[4] % 30)));
        }
    }
}
