using System.Runtime.InteropServices;
using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>A question to how long journeys take between two stages, and stay in each.</summary>
/// <param name="Horizon">Only mature journeys that converted within it. Null: everyone who converted.</param>
public sealed record VelocityQuery(JourneyScope Scope, Pair Pair, TimeSpan? Horizon = null);

/// <param name="Cohort">By R of the first stage.</param>
/// <param name="Throughput">By R of the second.</param>
/// <param name="Curve">Of the cohort, whatever the horizon.</param>
/// <param name="Ages">Of the stages in which a journey is open: LEAD to OPPORTUNITY.</param>
/// <param name="Dwells">Of the same.</param>
public sealed record VelocityAnswer(
    Velocity Cohort, Velocity Throughput, CurveQuantiles Curve, IReadOnlyList<StageAge> Ages, IReadOnlyList<StageDwell> Dwells);

/// <param name="P50">Since the last entry. Null where none stands there.</param>
/// <param name="Oldest">At most ten, the oldest first; of equal ones by the journey's id.</param>
public sealed record StageAge(Stage Stage, long Open, TimeSpan? P50, TimeSpan? P90, IReadOnlyList<OpenJourney> Oldest);

/// <param name="Age">From its last entry to as_of.</param>
public sealed record OpenJourney(Guid LeadId, Guid JourneyId, DateTimeOffset EnteredAt, TimeSpan Age);

/// <summary>How long journeys stayed in a stage that they entered and left. By their first own entry of it.</summary>
/// <param name="Latest">The last visit of each.</param>
/// <param name="Cumulative">All visits of each.</param>
/// <param name="Open">Journeys that stand there: no dwell yet.</param>
/// <param name="Inferred">Journeys that reached the stage without ever entering it: unknown, not 0.</param>
public sealed record StageDwell(Stage Stage, Spread Latest, Spread Cumulative, long Open, long Inferred);

/// <summary>How durations are spread. Null where there are none.</summary>
public sealed record Spread(long N, TimeSpan? Mean, TimeSpan? Median, TimeSpan? P75, TimeSpan? P90)
{
    /// <param name="durations">In ticks. Put into another order.</param>
    public static Spread Of(List<long> durations)
    {
        var (n, mean, median, p75, p90, _) = Velocity.Of(CollectionsMarshal.AsSpan(durations), outOfOrder: 0);
        return new Spread(n, mean, median, p75, p90);
    }
}
