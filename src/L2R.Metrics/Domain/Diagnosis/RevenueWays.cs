namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>A question why won revenue differs between two periods.</summary>
/// <param name="Ways">The time of its scope is not used.</param>
/// <param name="Before">The first instant of the earlier period, and the first after it.</param>
public sealed record ChangeQuery(
    WaysQuery Ways, (DateTimeOffset From, DateTimeOffset To) Before, (DateTimeOffset From, DateTimeOffset To) After);

/// <param name="Change">Of the expected revenue.</param>
public sealed record ChangeAnswer(RevenueOfPeriod Before, RevenueOfPeriod After, RevenueChange Change)
{
    /// <summary>Of both periods together.</summary>
    public required Quality Quality { get; init; }
}

/// <summary>Counts the ways down the waterfall of two periods.</summary>
public sealed class RevenueWays(ChangeQuery query)
{
    readonly PeriodWays _before = new(Of(query.Ways, query.Before));
    readonly PeriodWays _after = new(Of(query.Ways, query.After));
    readonly QualityTally[] _qualities = [.. new[] { query.Before, query.After }.Select(period => new QualityTally(Of(query.Ways, period).Scope, [query.Ways.Dimension]))];

    /// <exception cref="TooManyGroupsException">The dimension has more values than the query allows.</exception>
    public void Add(JourneyFacts journey)
    {
        _before.Add(journey);
        _after.Add(journey);
        foreach (var quality in _qualities)
        {
            quality.Add(journey);
        }
    }

    public ChangeAnswer ToAnswer() => new(_before.ToRevenue(), _after.ToRevenue(), RevenueChange.Between(_before.ToWays(), _after.ToWays()))
    {
        Quality = _qualities[0].Sum + _qualities[1].Sum,
    };

    static WaysQuery Of(WaysQuery ways, (DateTimeOffset From, DateTimeOffset To) period) =>
        ways with { Scope = ways.Scope with { From = period.From, To = period.To } };
}
