namespace L2R.Metrics.Domain;

/// <summary>Leads that merges ever brought together, directly or by way of others, undone ones included.</summary>
/// <remarks>Who of them is whose alias at an instant depends on nothing outside: so they are read together, and change together.</remarks>
public sealed record LeadFamily(IReadOnlyList<Guid> Leads, IReadOnlyList<LeadMerge> Merges)
{
    /// <summary>The leads that are counted under another name at one instant than at another.</summary>
    public IEnumerable<Guid> MergedBetween(DateTimeOffset knownAt, DateTimeOffset later)
    {
        var (before, after) = (new LeadFamilies(Merges, knownAt), new LeadFamilies(Merges, later));
        return Leads.Where(lead => before.SurvivorOf(lead) != after.SurvivorOf(lead));
    }
}

/// <summary>Which leads are one person, as known at an instant.</summary>
public sealed class LeadFamilies
{
    readonly Dictionary<Guid, Guid> _survivors = [];
    readonly Dictionary<Guid, List<LeadMerge>> _merges = [];

    /// <param name="rows">In any order.</param>
    /// <param name="knownAt">K: rows that were recorded later are left out.</param>
    public LeadFamilies(IEnumerable<LeadMerge> rows, DateTimeOffset knownAt)
    {
        List<LeadMerge> known = [.. rows.Where(row => row.RecordedAt <= knownAt)];
        var undone = known.Where(row => row.IsUndo).Select(row => row.MergeId).ToHashSet();
        foreach (var row in known.OrderBy(row => row.RecordedAt).ThenBy(row => row.MergeId))
        {
            _merges.TryAdd(row.Loser, []);
            _merges.TryAdd(row.Survivor, []);
            _merges[row.Loser].Add(row);
            _merges[row.Survivor].Add(row);

            // Of two merges of one lead the later one counts. One that would close a circle does not: Intake takes none, but events overtake each other.
            if (!row.IsUndo && !undone.Contains(row.MergeId) && !NamesOf(row.Survivor).Contains(row.Loser))
            {
                _survivors[row.Loser] = row.Survivor;
            }
        }
    }

    /// <summary>The lead under whose name another one's journeys are counted: itself unless it is merged.</summary>
    public Guid SurvivorOf(Guid lead)
    {
        while (_survivors.TryGetValue(lead, out var survivor))
        {
            lead = survivor;
        }
        return lead;
    }

    /// <summary>Each family of two leads and more, in no order.</summary>
    public IEnumerable<LeadFamily> All()
    {
        HashSet<Guid> told = [];
        foreach (var first in _merges.Keys)
        {
            if (!told.Add(first))
            {
                continue;
            }
            List<Guid> leads = [first];
            for (var next = 0; next < leads.Count; next++)
            {
                leads.AddRange(_merges[leads[next]].SelectMany(row => new[] { row.Loser, row.Survivor }).Where(told.Add));
            }
            yield return new LeadFamily(leads, [.. leads.SelectMany(lead => _merges[lead]).Distinct()]);
        }
    }

    IEnumerable<Guid> NamesOf(Guid lead)
    {
        yield return lead;
        while (_survivors.TryGetValue(lead, out var survivor))
        {
            yield return lead = survivor;
        }
    }
}
