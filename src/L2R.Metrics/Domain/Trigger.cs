namespace L2R.Metrics.Domain;

/// <summary>What a trigger of a metric measures of a pair, in one period.</summary>
public abstract record Measure
{
    Measure() { }

    /// <summary>How long a journey must have been followed to count.</summary>
    public virtual TimeSpan Maturity => TimeSpan.Zero;

    /// <summary>Journeys that reach the second stage in the period.</summary>
    public sealed record Volume : Measure;

    /// <summary>Of the cohort of the period, the share that reaches the second stage within the horizon: 0 to 1.</summary>
    public sealed record Conversion(TimeSpan Horizon) : Measure
    {
        public override TimeSpan Maturity => Horizon;
    }

    /// <summary>The median of R_k − R_i, in days, of the cohort's journeys that convert within the horizon.</summary>
    public sealed record Velocity(TimeSpan Horizon) : Measure
    {
        public override TimeSpan Maturity => Horizon;
    }
}

public enum Comparison
{
    Below,
    Above,
}

/// <summary>When a trigger fires.</summary>
public abstract record Condition
{
    Condition() { }

    /// <summary>A figure passes a threshold.</summary>
    /// <param name="Segment">Null: all journeys.</param>
    /// <param name="Threshold">In the unit of the measure.</param>
    /// <param name="Rearm">Once fired it fires again only after a period whose figure is back here: on the good side of the threshold, or at it.</param>
    public sealed record Metric(
        Pair Pair, Segment? Segment, Measure Measure, PeriodKind Period, Comparison Comparison, double Threshold, double Rearm) : Condition;

    /// <summary>A date comes.</summary>
    /// <param name="Every">Null: once.</param>
    public sealed record Calendar(DateOnly First, PeriodKind? Every) : Condition;

    /// <summary>A policy begins to decide.</summary>
    public sealed record PolicyActivated : Condition;
}

/// <summary>What a caller says of a trigger; every rule on its own fields holds.</summary>
/// <param name="Owner">The role or team that answers for the review.</param>
/// <param name="ReviewDays">Days from the firing until the review is overdue, 1 or more.</param>
public sealed record TriggerDetails(string DisplayName, string Owner, Condition Condition, int ReviewDays);

/// <summary>What is looked at next.</summary>
/// <param name="Time">When.</param>
/// <param name="PeriodStart">The first instant of the period in question; of a date its midnight.</param>
public sealed record Due(DateTimeOffset Time, DateTimeOffset PeriodStart);

/// <summary>A stored trigger.</summary>
public sealed record Trigger
{
    public required Guid Id { get; init; }
    public required TriggerDetails Details { get; init; }

    /// <summary>False from a firing until the figure is back.</summary>
    public required bool Armed { get; init; }

    /// <summary>Null: nothing, until a policy is activated, or for ever.</summary>
    public required Due? Due { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>Null: never looked at.</summary>
    public Evaluation? Latest { get; init; }
}

/// <summary>What came of one look.</summary>
public enum Verdict
{
    /// <summary>The interval is not beyond the threshold.</summary>
    Quiet,

    /// <summary>A review is opened.</summary>
    Fired,

    /// <summary>It fired before, and the figure has not been back since.</summary>
    Held,

    /// <summary>There is no figure, or no interval of it.</summary>
    NoData,
}

/// <summary>One look at one period, date or activation; there is one of each.</summary>
/// <param name="Key">The name of the period, the date, or the policy's event.</param>
/// <param name="Reading">Of a metric.</param>
public sealed record Evaluation(string Key, DateTimeOffset Time, Verdict Verdict, Reading? Reading);

/// <summary>A figure of one period.</summary>
/// <param name="N">How many journeys it is of.</param>
/// <param name="Value">In the unit of the measure. Null where there is none.</param>
/// <param name="Interval">95%; of a count that of the mean of which it came. Null where there is none, also in counts that were stored without one.</param>
/// <param name="OutOfScope">Journeys that the tenant's rules keep out of every figure.</param>
/// <param name="Quality">Of the journeys in question. Null in what was stored before it was told.</param>
public sealed record Reading(
    Pair Pair, Segment? Segment, Measure Measure, Period Period, long N, double? Value, Interval? Interval, DateTimeOffset AsOf, DateTimeOffset KnownAt,
    long OutOfScope = 0, Quality? Quality = null)
{
    /// <summary>Whether both measure the same, be it in different periods.</summary>
    public bool IsSameFigure(Reading other) => (Pair, Segment, Measure) == (other.Pair, other.Segment, other.Measure);
}

/// <summary>Decides what a look at a figure comes to.</summary>
public static class Hysteresis
{
    /// <summary>Fires where the whole interval is beyond the threshold: so a figure of few journeys does not ring the bell by chance.</summary>
    /// <returns>The verdict, and whether the trigger is armed from then on.</returns>
    public static (Verdict Verdict, bool Armed) Decide(Condition.Metric condition, Reading reading, bool armed)
    {
        if (reading.Value is not { } value || (reading.Interval is null && reading.Measure is not Measure.Volume))
        {
            return (Verdict.NoData, armed);
        }
        var (low, high) = reading.Interval is { } interval ? (interval.Low, interval.High) : (value, value);
        var isBelow = condition.Comparison == Comparison.Below;
        var isBeyond = isBelow ? high < condition.Threshold : low > condition.Threshold;
        var isBack = isBelow ? value >= condition.Rearm : value <= condition.Rearm;
        return (armed, isBeyond, isBack) switch
        {
            (true, true, _) => (Verdict.Fired, false),
            (true, false, _) => (Verdict.Quiet, true),
            (false, _, true) => (Verdict.Quiet, true),
            _ => (Verdict.Held, false),
        };
    }
}
