namespace L2R.Metrics.Domain;

/// <summary>Journeys with one value of one dimension.</summary>
/// <param name="Dimension">Its name: which of its values counts is the tenant's to say, and may change.</param>
/// <param name="Value">Not empty.</param>
public sealed record Segment(string Dimension, string Value);

/// <summary>What is aimed at.</summary>
public abstract record Goal
{
    Goal() { }

    /// <summary>So many journeys reach the pair's second stage in each period.</summary>
    /// <param name="ReachCount">1 or more.</param>
    public sealed record Volume(long ReachCount, PeriodKind Period) : Goal;

    /// <summary>Such a share of the mature cohort reaches the second stage within the horizon.</summary>
    /// <param name="Ratio">Over 0, at most 1.</param>
    /// <param name="Horizon">Over 0.</param>
    public sealed record Conversion(double Ratio, TimeSpan Horizon) : Goal;

    /// <summary>Of the mature journeys that convert within the horizon, half do so within the median.</summary>
    /// <param name="Median">Over 0, at most the horizon.</param>
    public sealed record Velocity(TimeSpan Median, TimeSpan Horizon) : Goal;
}

/// <summary>What a caller says of a target; every rule on its own fields holds.</summary>
/// <param name="Segment">Null: all journeys.</param>
/// <param name="From">The first instant at which it is in force.</param>
/// <param name="Until">The first instant at which it no longer is, after <paramref name="From"/>. Null: until the next of its row.</param>
public sealed record TargetDetails(Pair Pair, Segment? Segment, Goal Goal, DateTimeOffset From, DateTimeOffset? Until)
{
    /// <summary>Whether both aim at the same figure: of these one at most is in force.</summary>
    public bool IsOfSameRow(TargetDetails other) =>
        Pair == other.Pair && Segment == other.Segment && Goal.GetType() == other.Goal.GetType();

    /// <summary>Whether both claim an instant: one begins with the other, or within the other's stated time.</summary>
    public bool Overlaps(TargetDetails other)
    {
        var (first, second) = From <= other.From ? (this, other) : (other, this);
        return IsOfSameRow(other) && (first.From == second.From || first.Until > second.From);
    }
}

/// <summary>A stored target.</summary>
public sealed record Target
{
    public required Guid Id { get; init; }
    public required TargetDetails Details { get; init; }
    public required DateTimeOffset CreateTime { get; init; }
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>Starts at 1 and grows by one with each write.</summary>
    public required long Version { get; init; }
}
