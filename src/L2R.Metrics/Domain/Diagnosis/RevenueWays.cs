namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>A question why won revenue differs between two periods.</summary>
/// <param name="Ways">The time of its scope is not used.</param>
/// <param name="Before">The first instant of the earlier period, and the first after it.</param>
public sealed record ChangeQuery(
    WaysQuery Ways, (DateTimeOffset From, DateTimeOffset To) Before, (DateTimeOffset From, DateTimeOffset To) After)
{
    /// <summary>The journeys that each period is about, the earlier one first.</summary>
    public IReadOnlyList<JourneyScope> Scopes =>
        [.. new[] { Before, After }.Select(period => Ways.Scope with { From = period.From, To = period.To })];
}

/// <param name="Expected">What changed the expected revenue.</param>
public sealed record ChangeAnswer(RevenueOfPeriod Before, RevenueOfPeriod After, RevenueChange Expected)
{
    /// <summary>Of the won amounts: the parts of <see cref="Expected"/> and <see cref="Other"/> sum to it exactly.</summary>
    public decimal Change => After.Won - Before.Won;

    /// <summary>What no factor of the expected revenue tells of: wins to which no journey of their period leads, which only <see cref="ChangeBasis.Booked"/> has.</summary>
    public decimal Other => Change - (Expected.After - Expected.Before);
}

/// <summary>Counts the ways down the waterfall of two periods.</summary>
public sealed class RevenueWays(ChangeQuery query) : IGathering<RevenueWays>
{
    readonly PeriodWays _before = new(query.Ways with { Scope = query.Scopes[0] });
    readonly PeriodWays _after = new(query.Ways with { Scope = query.Scopes[1] });

    /// <exception cref="TooManyGroupsException">The dimension has more values than the query allows.</exception>
    public void Add(JourneyFacts journey)
    {
        _before.Add(journey);
        _after.Add(journey);
    }

    /// <summary>Adds what others counted.</summary>
    /// <exception cref="TooManyGroupsException">Together they have more values than the query allows.</exception>
    public void Add(RevenueWays other)
    {
        _before.Add(other._before);
        _after.Add(other._after);
    }

    public ChangeAnswer ToAnswer() => new(_before.ToRevenue(), _after.ToRevenue(), RevenueChange.Between(_before.ToWays(), _after.ToWays()));
}
