using L2R.Metrics.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>Velocity, ages and dwell as text.</summary>
static class VelocityText
{
    const int OldestShown = 3;

    public static IEnumerable<string> ToLines(VelocityReport report)
    {
        var pair = new TextTable(StagePair.Name(report.From, report.To), "journeys", "mean", "median", "p75", "p90", "out of order");
        Add("by their start", report.CohortVelocity);
        Add("by their arrival", report.ThroughputVelocity);

        var ages = new TextTable("open now", "journeys", "p50", "p90");
        foreach (var age in report.Ages)
        {
            ages.Add(WaterfallTable.Name(age.Stage), Figure.Count(age.OpenCount), Figure.Time(age.P50), Figure.Time(age.P90));
        }

        var dwells = new TextTable("stayed in", "left", "last visit", "p90", "all visits", "p90", "still there", "inferred");
        foreach (var dwell in report.Dwells)
        {
            dwells.Add(
                WaterfallTable.Name(dwell.Stage),
                Figure.Count(dwell.Latest.JourneyCount),
                Figure.Time(dwell.Latest.Median),
                Figure.Time(dwell.Latest.P90),
                Figure.Time(dwell.Cumulative.Median),
                Figure.Time(dwell.Cumulative.P90),
                Figure.Count(dwell.OpenCount),
                Figure.Count(dwell.InferredCount));
        }

        return
        [
            .. pair.ToLines(),
            .. Curve(report.CurveQuantiles),
            "",
            .. ages.ToLines(),
            .. Oldest(report),
            "",
            .. dwells.ToLines(),
            "Medians. An inferred stage was never entered: its dwell is unknown.",
            "",
            .. AnswerFooter.Of(report.AsOf, report.KnownAt, report.Quality),
            $"{Words.Counted(report.JourneyCount, "journey")} in the ledger",
        ];

        void Add(string name, Velocity velocity) => pair.Add(
            name,
            Figure.Count(velocity.JourneyCount),
            Figure.Time(velocity.Mean),
            Figure.Time(velocity.Median),
            Figure.Time(velocity.P75),
            Figure.Time(velocity.P90),
            Figure.Count(velocity.OutOfOrderCount));
    }

    static IEnumerable<string> Curve(CurveQuantiles curve)
    {
        yield return curve.Median is null
            ? $"Of the cohort of {Figure.Count(curve.CohortCount)}, open ones counted, fewer than half convert so far: no median."
            : $"Of the cohort of {Figure.Count(curve.CohortCount)}, open ones counted, half convert within {Figure.Time(curve.Median)}.";
        if (curve is { FollowedTime: { } followed, FollowedMedian: { } median })
        {
            yield return $"Followed for {Figure.Time(followed)}: {Figure.Percent(curve.FollowedRatio)} convert, half of them within {Figure.Time(median)}.";
        }
    }

    static IEnumerable<string> Oldest(VelocityReport report)
    {
        var oldest = report.Ages.SelectMany(age => age.Oldest.Take(OldestShown), (age, journey) => (age.Stage, journey)).ToList();
        if (oldest.Count == 0)
        {
            return [];
        }
        var table = new TextTable("the oldest", "age", "journey");
        foreach (var (stage, journey) in oldest)
        {
            table.Add(WaterfallTable.Name(stage), Figure.Time(journey.Age), journey.Journey);
        }
        return ["", .. table.ToLines(), "--json has ten of each stage, with their leads."];
    }
}
