using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <param name="Groups">By dimension values, then by period. One even when empty where nothing is grouped.</param>
public sealed record WaterfallAnswer(DateTimeOffset AsOf, DateTimeOffset KnownAt, IReadOnlyList<WaterfallGroup> Groups)
{
    /// <summary>Of all groups together.</summary>
    public Quality Quality => Quality.Sum(Groups.Select(group => group.Quality));
}

/// <summary>What a group has in common.</summary>
/// <param name="Period">Null where the query does not group by period.</param>
/// <param name="First">The value of the first dimension grouped by. Null: unknown, or not grouped.</param>
/// <param name="Second">The same for the second.</param>
public readonly record struct GroupKey(Period? Period, string? First, string? Second);

/// <param name="Volumes">The six stages, then the four exits.</param>
/// <param name="Pairs">In the order of the query's.</param>
/// <param name="Won">The amounts of the CLOSED_WON rows by currency.</param>
public sealed record WaterfallGroup(
    GroupKey Key,
    IReadOnlyList<Volume> Volumes,
    IReadOnlyList<PairFigures> Pairs,
    IReadOnlyDictionary<string, decimal> Won,
    Quality Quality);

/// <summary>Three numbers of a stage that are never mixed: reach, entries, stock. Of an exit: entries and who stands in it.</summary>
/// <param name="Reach">Journeys that came so far or further. 0 for an exit.</param>
/// <param name="Inferred">Of them those whose R_k another stage's entry gives.</param>
/// <param name="Entries">Re-entries counted again.</param>
/// <param name="StockAtStart">Journeys that stand there at the start of the period.</param>
/// <param name="StockAtEnd">At its end, or at as_of where that is earlier: start + entries − departures.</param>
public sealed record Volume(Stage Stage, long Reach, long Inferred, long Entries, long Departures, long StockAtStart, long StockAtEnd);

/// <summary>Two stages between which conversion and velocity are taken.</summary>
public sealed record Pair(Stage From, Stage To)
{
    /// <summary>The five adjacent pairs, then LEAD→CLOSED_WON.</summary>
    public static IReadOnlyList<Pair> All { get; } =
        [.. Stages.Waterfall.Zip(Stages.Waterfall.Skip(1), (from, to) => new Pair(from, to)), new(Stage.Lead, Stage.ClosedWon)];
}

/// <param name="Cohort">Journeys that reached the first stage and were at risk there.</param>
/// <param name="StartedAbove">Journeys that reach the first stage by starting above it: in its reach, not in the cohort.</param>
/// <param name="ToDate">Of the cohort, those that reached the second stage by as_of.</param>
/// <param name="Open">Of the cohort, those that neither reached the second stage nor stand in an exit.</param>
/// <param name="FlowRatio">Reach of the second stage over that of the first; no conversion, may exceed 1. Null where the first is 0.</param>
/// <param name="Curve">At the query's times.</param>
/// <param name="CohortVelocity">Of journeys by R of the first stage.</param>
/// <param name="ThroughputVelocity">Of journeys by R of the second stage.</param>
public sealed record PairFigures(
    Pair Pair,
    long Cohort,
    long StartedAbove,
    Rate ToDate,
    long Open,
    double? FlowRatio,
    IReadOnlyList<HorizonFigures> Horizons,
    IReadOnlyList<CurvePoint> Curve,
    Velocity CohortVelocity,
    Velocity ThroughputVelocity);

/// <param name="Rate">Of the mature journeys: those that have been followed for at least the horizon.</param>
/// <param name="Immature">Journeys of the cohort that are in neither count.</param>
public sealed record HorizonFigures(TimeSpan Horizon, Rate Rate, long Immature);

/// <summary>R_k − R_i of journeys where neither end is inferred. Null where there are none.</summary>
/// <param name="OutOfOrder">Journeys left out because their own entry of the second stage comes before that of the first.</param>
public sealed record Velocity(long N, TimeSpan? Mean, TimeSpan? Median, TimeSpan? P75, TimeSpan? P90, long OutOfOrder)
{
    /// <param name="durations">In ticks. Put into another order.</param>
    public static Velocity Of(Span<long> durations, long outOfOrder)
    {
        var sum = Int128.Zero; // ten million journeys of a year each overflow 64 bits
        foreach (var duration in durations)
        {
            sum += duration;
        }
        TimeSpan? mean = durations.Length == 0 ? null : TimeSpan.FromTicks((long)(sum / durations.Length));
        var placed = 0;
        var (median, p75, p90) = (At(durations, 0.5, ref placed), At(durations, 0.75, ref placed), At(durations, 0.9, ref placed));
        return new Velocity(durations.Length, mean, median, p75, p90, outOfOrder);
    }

    static TimeSpan? At(Span<long> durations, double share, ref int placed) =>
        Quantile.Select(durations, share, ref placed) is { } ticks ? TimeSpan.FromTicks((long)Math.Round(ticks)) : null;
}

/// <summary>What a reader should know before trusting the table.</summary>
/// <param name="Inferred">Reached stages that are inferred.</param>
/// <param name="Unknown">Reached stages whose value of a dimension grouped by is unknown.</param>
/// <param name="Late">Entries that happened by as_of and were recorded after it.</param>
/// <param name="OutOfOrder">Journeys that entered any two stages against their order, by the instant of their start.</param>
/// <param name="WithoutAmount">CLOSED_WON rows without an amount.</param>
/// <param name="Mismatched">Rows whose <c>from</c> is not where the ledger has their journey.</param>
public sealed record Quality(long Inferred, long Unknown, long Late, long OutOfOrder, long WithoutAmount, long Mismatched)
{
    public static Quality Sum(IEnumerable<Quality> all) => all.Aggregate(new Quality(0, 0, 0, 0, 0, 0), (sum, quality) => sum + quality);

    public static Quality operator +(Quality left, Quality right) => new(
        left.Inferred + right.Inferred,
        left.Unknown + right.Unknown,
        left.Late + right.Late,
        left.OutOfOrder + right.OutOfOrder,
        left.WithoutAmount + right.WithoutAmount,
        left.Mismatched + right.Mismatched);
}
