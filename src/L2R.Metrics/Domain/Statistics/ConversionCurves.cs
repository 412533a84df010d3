namespace L2R.Metrics.Domain.Statistics;

/// <summary>A question for curves of one pair.</summary>
/// <param name="Pair">Any stage, and any later one.</param>
/// <param name="GroupBy">One curve for each of its values. Null: one curve.</param>
/// <param name="MaxPoints">How many points a curve may have. At least 2.</param>
/// <param name="MaxGroups">A question with more curves is refused.</param>
public sealed record CurveQuery(JourneyScope Scope, Pair Pair, Dimension? GroupBy, int MaxPoints, int MaxGroups);

/// <param name="Point">F at an instant at which somebody converted.</param>
/// <param name="Mature">How many have been followed for that long, whatever came of them.</param>
public sealed record CurveStep(CurvePoint Point, long Mature)
{
    /// <summary>Too few are mature: drawn dashed.</summary>
    public bool IsDashed => Mature < CurveQuantiles.Enough;
}

/// <param name="Value">Of the dimension grouped by. Null: unknown, or not grouped.</param>
/// <param name="StartedAbove">Journeys in the first stage's reach that started above it: not in the cohort.</param>
/// <param name="Converted">Of the cohort, by as_of.</param>
/// <param name="Open">Of the cohort, those that neither converted nor ended.</param>
/// <param name="Steps">By time.</param>
public sealed record ConversionCurve(
    string? Value, long StartedAbove, long Converted, long Open, CurveQuantiles Quantiles, IReadOnlyList<CurveStep> Steps);

/// <param name="Curves">By value, unknown first. One even when empty where nothing is grouped.</param>
/// <param name="Comparison">Where there are exactly two curves.</param>
public sealed record CurveAnswer(IReadOnlyList<ConversionCurve> Curves, GrayTest? Comparison);

/// <summary>Curves of conversion, from the facts of one journey after the other.</summary>
/// <remarks>Sixteen bytes a journey of the cohort.</remarks>
public sealed class ConversionCurves : IGathering<ConversionCurves>
{
    readonly CurveQuery _query;
    readonly Dictionary<(string? Value, bool), Group> _groups = []; // by a tuple: a dictionary's key must not be null
    bool _isTooMany;

    public ConversionCurves(CurveQuery query)
    {
        _query = query;
        if (query.GroupBy is null)
        {
            _groups.Add((null, true), new());
        }
    }

    /// <summary>Counts a journey.</summary>
    /// <param name="journey">Folded at the query's as_of and known_at.</param>
    public void Add(JourneyFacts journey)
    {
        if (!_query.Scope.Selects(journey) || _query.Scope.Reach(journey, _query.Pair.From) is not { } reached)
        {
            return;
        }

        if (GroupOf((_query.GroupBy?.ValueOf(journey, reached.Values), true)) is not { } group)
        {
            return;
        }
        if (journey.StartedAt > _query.Pair.From)
        {
            group.StartedAbove++;
        }
        else
        {
            group.Followed.Add(journey, _query.Pair, _query.Scope.AsOf);
        }
    }

    /// <summary>Adds what others counted.</summary>
    public void Add(ConversionCurves other)
    {
        _isTooMany |= other._isTooMany;
        foreach (var (key, others) in other._groups)
        {
            if (GroupOf(key) is { } group)
            {
                group.Followed.Add(others.Followed);
                group.StartedAbove += others.StartedAbove;
            }
        }
    }

    /// <returns>Null where there are too many.</returns>
    Group? GroupOf((string? Value, bool) key)
    {
        if (!_groups.TryGetValue(key, out var group))
        {
            if (_groups.Count == _query.MaxGroups)
            {
                _isTooMany = true;
                return null;
            }
            _groups.Add(key, group = new());
        }
        return group;
    }

    /// <exception cref="TooManyGroupsException">There are more curves than the query allows.</exception>
    public CurveAnswer ToAnswer()
    {
        if (_isTooMany)
        {
            throw new TooManyGroupsException(_query.MaxGroups, longer: null, from: null);
        }
        var groups = _groups.OrderBy(group => group.Key.Value, StringComparer.Ordinal).ToList();
        return new(
            [.. groups.Select(group => ToCurve(group.Key.Value, group.Value.Followed, group.Value.StartedAbove))],
            groups.Count == 2 ? GrayTest.Of(groups[0].Value.Followed, groups[1].Value.Followed) : null);
    }

    sealed class Group
    {
        public Followed Followed { get; } = new();

        public long StartedAbove { get; set; }
    }

    ConversionCurve ToCurve(string? value, Followed followed, long startedAbove)
    {
        var quantiles = CurveQuantiles.Of(followed.Conversions, followed.Ends, followed.Censored, followed.Times);
        var times = Kept(followed.Conversions, _query.MaxPoints);
        var points = AalenJohansen.Estimate(followed.Conversions, followed.Ends, followed.Censored, times);
        return new(
            value,
            startedAbove,
            followed.Conversions.Count,
            followed.Censored.Count,
            quantiles,
            [.. points.Zip(followed.MatureAt(times), (point, mature) => new CurveStep(point, mature))]);
    }

    /// <summary>Instants at which the curve steps: all of them, or as many as fit, the first and the last among them.</summary>
    /// <param name="conversions">Sorted.</param>
    static List<TimeSpan> Kept(List<long> conversions, int most)
    {
        List<long> times = [];
        foreach (var time in conversions)
        {
            if (times.Count == 0 || times[^1] != time)
            {
                times.Add(time);
            }
        }
        var kept = Math.Min(times.Count, most);
        return [.. Enumerable.Range(0, kept).Select(index => TimeSpan.FromTicks(
            times[kept < 2 ? index : (int)((long)index * (times.Count - 1) / (kept - 1))]))];
    }
}
