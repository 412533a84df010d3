using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Domain;

/// <summary>Answers a question to cohorts: one pair of the waterfall, whose values beyond the largest come together.</summary>
public sealed class Cohorts
{
    /// <summary>Which values are the largest is known at the end only: until then each group is counted for itself, some hundred bytes each.</summary>
    const int MaxTallies = 100_000;

    readonly CohortQuery _query;
    readonly Dictionary<GroupKey, CohortTally> _tallies = [];

    Cohorts(CohortQuery query, IReadOnlyDictionary<GroupKey, GroupTally> groups)
    {
        _query = query;
        foreach (var (key, group) in groups)
        {
            var tally = new CohortTally(query);
            tally.Add(group.CountsOf(0));
            if (!tally.IsEmpty)
            {
                _tallies.Add(key, tally);
            }
        }
    }

    /// <param name="journeys">As known at the query's known_at.</param>
    /// <returns>The answer, and the quality of what it counts.</returns>
    /// <exception cref="ArgumentException">The query groups by more than two dimensions, or its pair does not go down the waterfall.</exception>
    /// <exception cref="TooManyGroupsException">There are more rows than the query allows.</exception>
    public static (CohortAnswer Answer, Quality Quality) Answer(
        JourneyColumns journeys, CohortQuery query, Workers workers, System.Threading.CancellationToken cancellationToken)
    {
        if (query.GroupBy.Count > 2)
        {
            throw new ArgumentException("Cohorts are grouped by at most two dimensions.", nameof(query));
        }
        if (query.Pair.From >= query.Pair.To)
        {
            throw new ArgumentException("A pair goes from a stage to a later one.", nameof(query));
        }
        var groups = Tally(journeys, query, workers, cancellationToken);
        return (new Cohorts(query, groups).ToAnswer(), Quality.Sum(groups.Values.Select(group => group.Quality)));
    }

    static IReadOnlyDictionary<GroupKey, GroupTally> Tally(
        JourneyColumns journeys, CohortQuery query, Workers workers, System.Threading.CancellationToken cancellationToken)
    {
        var waterfall = query.Scope.ToWaterfall() with
        {
            Periods = query.Periods,
            GroupBy = query.GroupBy,
            Pairs = [query.Pair],
            Horizons = query.Horizons,
            MaxGroups = MaxTallies,
        };
        try
        {
            return new WaterfallAnswering(journeys, waterfall, workers).Tally(cancellationToken);
        }
        catch (TooManyGroupsException)
        {
            throw new TooManyGroupsException(query.MaxRows, longer: null, from: null);
        }
    }

    CohortAnswer ToAnswer()
    {
        var rows = Rows(_tallies);
        if (rows.Count > _query.MaxRows)
        {
            throw TooMany(rows.Keys);
        }

        return new CohortAnswer(
        [
            .. rows
                .OrderBy(row => Order(row.Key.First)).ThenBy(row => row.Key.First.Name, StringComparer.Ordinal)
                .ThenBy(row => Order(row.Key.Second)).ThenBy(row => row.Key.Second.Name, StringComparer.Ordinal)
                .ThenBy(row => row.Key.Period?.From)
                .Select(row => row.Value.ToRow(row.Key.Period, [.. new[] { row.Key.First, row.Key.Second }.Take(_query.GroupBy.Count)])),
        ]);
    }

    /// <summary>Tallies of values that are not among the largest come together.</summary>
    Dictionary<(Period? Period, CohortValue First, CohortValue Second), CohortTally> Rows(
        IReadOnlyCollection<KeyValuePair<GroupKey, CohortTally>> tallies)
    {
        var (first, second) = (Top(tallies, key => key.First), Top(tallies, key => key.Second));
        var rows = new Dictionary<(Period? Period, CohortValue First, CohortValue Second), CohortTally>();
        foreach (var (key, tally) in tallies)
        {
            var place = (key.Period, Placed(key.First, first), Placed(key.Second, second));
            if (!rows.TryGetValue(place, out var row))
            {
                rows.Add(place, row = new CohortTally(_query));
            }
            row.Add(tally);
        }
        return rows;
    }

    /// <summary>The known values of a dimension with the largest cohorts; of equal ones the first by name.</summary>
    HashSet<string> Top(IEnumerable<KeyValuePair<GroupKey, CohortTally>> tallies, Func<GroupKey, string?> value) =>
    [
        .. tallies
            .Where(tally => value(tally.Key) is not null)
            .GroupBy(tally => value(tally.Key)!)
            .OrderByDescending(group => group.Sum(tally => tally.Value.Count))
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(_query.TopValues)
            .Select(group => group.Key),
    ];

    static CohortValue Placed(string? name, HashSet<string> top) =>
        name is null || top.Contains(name) ? new CohortValue(name) : new CohortValue(null, IsOther: true);

    static int Order(CohortValue value) => value switch
    {
        { IsOther: true } => 2,
        { Name: null } => 1,
        _ => 0,
    };

    TooManyGroupsException TooMany(IReadOnlyCollection<(Period? Period, CohortValue First, CohortValue Second)> rows)
    {
        var max = _query.MaxRows;
        if (_query.Periods is not { } periods)
        {
            return new(max, longer: null, from: null);
        }

        // A week may lie in two months: it counts in both.
        int CountBy(ReportingCalendar calendar) => rows
            .SelectMany(row => new[] { row.Period!.From, row.Period.To.AddTicks(-1) }, (row, at) => (calendar.PeriodOf(at).From, row.First, row.Second))
            .Distinct()
            .Count();
        var longer = periods.Longer();
        while (longer is not null && CountBy(longer) > max)
        {
            longer = longer.Longer();
        }
        return new(max, longer?.Kind, From(max));
    }

    /// <summary>The start of a period from which on the rows are few enough, about the earliest. Null where even the last period has too many.</summary>
    DateTimeOffset? From(int max)
    {
        List<DateTimeOffset> starts = [.. _tallies.Keys.Select(key => key.Period!.From).Distinct().Order()];
        DateTimeOffset? from = null;
        var (low, high) = (0, starts.Count - 1);
        while (low <= high)
        {
            // With less time other values may be the largest ones: so the rows are made anew.
            var middle = (low + high) / 2;
            if (Rows([.. _tallies.Where(tally => tally.Key.Period!.From >= starts[middle])]).Count <= max)
            {
                (from, high) = (starts[middle], middle - 1);
            }
            else
            {
                low = middle + 1;
            }
        }
        return from;
    }
}
