using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Answers a query from the facts of one journey after the other, and keeps none of them.</summary>
/// <remarks>What grows with the journeys: for each pair eight bytes a duration, and as much again where the curve is asked for.</remarks>
public sealed class Waterfall
{
    readonly WaterfallQuery _query;
    readonly Dictionary<GroupKey, GroupTally> _groups = [];

    // Of the groups that are too many: enough to say what would be few enough.
    readonly HashSet<(string? First, string? Second)> _tooMany = [];
    DateTimeOffset _firstOfTooMany = DateTimeOffset.MaxValue;

    /// <exception cref="ArgumentException">The query groups by more than two dimensions, or its time ends before it begins.</exception>
    public Waterfall(WaterfallQuery query)
    {
        if (query.GroupBy.Count > 2)
        {
            throw new ArgumentException("A waterfall is grouped by at most two dimensions.", nameof(query));
        }
        if (query.From > query.To)
        {
            throw new ArgumentException("The time in question ends before it begins.", nameof(query));
        }

        _query = query;
        if (query.Periods is null && query.GroupBy.Count == 0)
        {
            _groups.Add(new GroupKey(null, null, null), new GroupTally(query, isUnknown: false));
        }
    }

    /// <summary>Counts a journey.</summary>
    /// <param name="journey">Folded at the query's as_of and known_at.</param>
    public void Add(JourneyFacts journey)
    {
        if (_query.Journeys == JourneySelection.First && journey.Number != 1)
        {
            return;
        }
        if (_query.Journeys == JourneySelection.Latest && !journey.IsLatest)
        {
            return;
        }

        if (_query.CohortBy is not { } stage)
        {
            AddEachAtItsTime(journey);
        }
        else if (journey.Reach(stage) is { } reached && InTime(reached.At))
        {
            AddAllAt(journey, reached);
        }
    }

    /// <exception cref="TooManyGroupsException">There are more than the query allows.</exception>
    public WaterfallAnswer ToAnswer()
    {
        var groups = new List<WaterfallGroup>();
        foreach (var group in Groups())
        {
            // Periods in which nobody moved are groups too.
            if (_tooMany.Count > 0 || groups.Count == _query.MaxGroups)
            {
                throw TooMany();
            }
            groups.Add(group);
        }
        return new(_query.AsOf, _query.KnownAt, groups);
    }

    IEnumerable<WaterfallGroup> Groups() => _groups
        .GroupBy(group => (group.Key.First, group.Key.Second))
        .OrderBy(series => series.Key.First, StringComparer.Ordinal)
        .ThenBy(series => series.Key.Second, StringComparer.Ordinal)
        .SelectMany(series => _query.Periods is { } periods && _query.CohortBy is null
            ? InSequence(series.ToDictionary(), periods)
            : series.OrderBy(group => group.Key.Period?.From).Select(group => group.Value.ToGroup(group.Key, NoStock)));

    void AddEachAtItsTime(JourneyFacts journey)
    {
        foreach (var stage in Stages.Waterfall)
        {
            if (journey.Reach(stage) is { } reached && InTime(reached.At))
            {
                GroupAt(reached.At, journey, reached.Values)?.AddReach(journey, stage);
            }
        }
        foreach (var stay in journey.Stays)
        {
            if (_query.From is { } from && stay.Entered < from && !(stay.Left < from))
            {
                GroupAt(from, journey, stay.Values)?.AddStandingBefore(stay.Stage);
            }
            if (InTime(stay.Entered))
            {
                GroupAt(stay.Entered, journey, stay.Values)?.AddEntry(stay);
            }
            if (stay.Left is { } left && InTime(left))
            {
                GroupAt(left, journey, stay.Values)?.AddDeparture(stay.Stage);
            }
        }
        foreach (var mismatch in journey.Mismatches)
        {
            if (InTime(mismatch.At))
            {
                GroupAt(mismatch.At, journey, mismatch.Values)?.AddMismatches(1);
            }
        }
    }

    void AddAllAt(JourneyFacts journey, Reached cohort)
    {
        if (GroupAt(cohort.At, journey, cohort.Values) is not { } group)
        {
            return;
        }
        group.AddMismatches(journey.Mismatches.Count);
        foreach (var stage in Stages.Waterfall.Where(stage => journey.Reach(stage) is not null))
        {
            group.AddReach(journey, stage);
        }
        foreach (var stay in journey.Stays)
        {
            group.AddEntry(stay);
            if (stay.Left is not null)
            {
                group.AddDeparture(stay.Stage);
            }
        }
    }

    bool InTime(DateTimeOffset instant) => !(instant < _query.From) && !(instant >= _query.To);

    /// <param name="values">As known at <paramref name="at"/>.</param>
    /// <returns>Null where a filter leaves it out, or there are too many groups.</returns>
    GroupTally? GroupAt(DateTimeOffset at, JourneyFacts journey, Dimensions values)
    {
        foreach (var filter in _query.Filters)
        {
            if (!filter.Values.Contains(filter.Dimension.ValueOf(journey, values)))
            {
                return null;
            }
        }

        var first = _query.GroupBy.Count > 0 ? _query.GroupBy[0].ValueOf(journey, values) : null;
        var second = _query.GroupBy.Count > 1 ? _query.GroupBy[1].ValueOf(journey, values) : null;
        var key = new GroupKey(_query.Periods?.PeriodOf(at), first, second);
        if (!_groups.TryGetValue(key, out var group))
        {
            if (_groups.Count == _query.MaxGroups)
            {
                _tooMany.Add((first, second));
                _firstOfTooMany = key.Period?.From < _firstOfTooMany ? key.Period.From : _firstOfTooMany;
                return null;
            }
            var isUnknown = (_query.GroupBy.Count > 0 && first is null) || (_query.GroupBy.Count > 1 && second is null);
            _groups.Add(key, group = new GroupTally(_query, isUnknown));
        }
        return group;
    }

    /// <summary>The periods of one series in their order, each with the stock that the one before it left.</summary>
    IEnumerable<WaterfallGroup> InSequence(Dictionary<GroupKey, GroupTally> series, ReportingCalendar periods)
    {
        var stock = NoStock;
        var end = LastInstant();
        var key = series.Keys.MinBy(candidate => candidate.Period!.From);
        for (var left = series.Count; left > 0 || key.Period!.From <= end; key = key with { Period = periods.After(key.Period!) })
        {
            if (series.TryGetValue(key, out var group))
            {
                left--;
            }
            else if (Array.TrueForAll(stock, count => count == 0))
            {
                continue; // nothing happened, and nobody stood anywhere
            }

            group ??= new GroupTally(_query, isUnknown: false);
            yield return group.ToGroup(key, stock);
            stock = group.StockAfter(stock);
        }
    }

    TooManyGroupsException TooMany()
    {
        var most = _query.MaxGroups / _groups.Keys.Select(key => (key.First, key.Second)).Concat(_tooMany).Distinct().Count();
        if (_query.Periods is not { } periods || most == 0)
        {
            return new(_query.MaxGroups, longer: null, from: null);
        }

        var (first, last) = (_groups.Keys.Select(key => key.Period!.From).Append(_firstOfTooMany).Min(), LastInstant());
        var longer = periods.Longer();
        while (longer?.Count(first, last) > most)
        {
            longer = longer.Longer();
        }
        return new(_query.MaxGroups, longer?.Kind, periods.StartOfLast(most, last));
    }

    /// <summary>The last instant that the query looks at.</summary>
    DateTimeOffset LastInstant() => _query.To <= _query.AsOf ? _query.To.Value.AddTicks(-1) : _query.AsOf;

    static long[] NoStock => new long[Stages.All.Count];
}
