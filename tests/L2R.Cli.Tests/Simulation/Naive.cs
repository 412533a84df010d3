using L2R.Cli.Simulation;
using L2R.Ledger.Domain;

namespace L2R.Cli.Tests.Simulation;

/// <summary>Conversion as metrics define it, journey by journey, straight from the rows.</summary>
static class Naive
{
    /// <summary>R of a stage: the earliest row of it or a later one.</summary>
    public static DateTimeOffset? Reach(SimulatedJourney journey, Stage stage) =>
        journey.Rows.Where(row => row.To.IsStage() && row.To >= stage).Select(row => (DateTimeOffset?)row.At).Min();

    /// <summary>Mature journeys of a cohort, and those of them that converted within the horizon.</summary>
    public static (long N, long Converted) Count(IEnumerable<SimulatedJourney> journeys, int pair, DateTimeOffset until)
    {
        var ((from, to), horizon) = (SimulatedCounts.Pairs[pair], TimeSpan.FromDays(SimulatedTruth.HorizonOf(pair)));
        var (n, converted) = (0L, 0L);
        foreach (var journey in journeys)
        {
            if (journey.Rows[0].To <= from && Reach(journey, from) is { } start && start + horizon <= until)
            {
                n++;
                converted += Reach(journey, to) - start <= horizon ? 1 : 0;
            }
        }
        return (n, converted);
    }

    /// <summary>Aalen and Johansen's estimate at the horizon.</summary>
    public static double Curve(IEnumerable<SimulatedJourney> journeys, int pair, DateTimeOffset until)
    {
        var ((from, to), horizon) = (SimulatedCounts.Pairs[pair], TimeSpan.FromDays(SimulatedTruth.HorizonOf(pair)));
        var fates = new List<(TimeSpan Time, int Kind)>(); // 0 converted, 1 ended, 2 still followed
        foreach (var journey in journeys.Where(journey => journey.Rows[0].To <= from))
        {
            if (Reach(journey, from) is { } start)
            {
                fates.Add(Reach(journey, to) is { } end ? (end - start, 0)
                    : journey.Rows[^1].To.IsExit() ? (journey.Rows[^1].At - start, 1)
                    : (until - start, 2));
            }
        }
        var (survival, incidence, atRisk) = (1.0, 0.0, (double)fates.Count);
        foreach (var time in fates.Where(fate => fate.Time <= horizon).GroupBy(fate => fate.Time).OrderBy(group => group.Key))
        {
            var (converted, ended) = (time.Count(fate => fate.Kind == 0), time.Count(fate => fate.Kind == 1));
            incidence += survival * converted / atRisk;
            survival *= 1 - ((converted + ended) / atRisk);
            atRisk -= time.Count();
        }
        return incidence;
    }
}
