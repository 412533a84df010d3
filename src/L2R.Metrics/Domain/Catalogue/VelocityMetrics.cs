namespace L2R.Metrics.Domain.Catalogue;

/// <summary>How long it takes.</summary>
static class VelocityMetrics
{
    const string Section = "Velocity";
    const string Skips = "left out where either end is inferred: the instant of a skipped stage is unknown, not 0";
    const string Reentry = "from first reach to first reach; what happens between does not stop the clock";
    const string Censoring = "converters alone: those of a young cohort are the fast ones, so compare mature cohorts";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "cohort-velocity", "Cohort velocity", Section,
            "R_k - R_i of journeys with R_i in the period",
            "duration",
            Skips,
            Reentry,
            Censoring,
            ["PairFigures.cohort_velocity", "VelocityReport.cohort_velocity"]),
        new(
            "throughput-velocity", "Throughput velocity", Section,
            "R_k - R_i of journeys with R_k in the period",
            "duration",
            Skips,
            Reentry,
            "none by its end: everyone in it has arrived",
            ["PairFigures.throughput_velocity", "VelocityReport.throughput_velocity"]),
        new(
            "velocity-figures", "Mean and quantiles", Section,
            "n, mean, median, 75th and 90th percentile by linear interpolation between order statistics (percentile_cont); no value where n = 0",
            "duration",
            Skips,
            Reentry,
            "as the velocity that has them",
            [
                "Velocity.journey_count", "Velocity.mean", "Velocity.median", "Velocity.p75", "Velocity.p90",
                "Spread.journey_count", "Spread.mean", "Spread.median", "Spread.p75", "Spread.p90",
            ]),
        new(
            "velocity-out-of-order", "Out of order between two stages", Section,
            "journeys whose own entry of stage k comes before that of stage i: counted, never hidden by a sign",
            "journeys",
            "no effect: both stages were entered",
            "the first entries of both stages count",
            "no effect",
            ["Velocity.out_of_order_count"]),
        new(
            "age", "Age of what is open", Section,
            "A less the last entry, of journeys that stand in the stage at A: n, median, 90th percentile, and the ten oldest",
            "duration",
            "no effect: the stage was entered",
            "the last entry counts",
            "it is of the open alone",
            ["StageAge.open_count", "StageAge.p50", "StageAge.p90", "OpenJourney.age"]),
        new(
            "dwell", "Dwell", Section,
            "from an entry to the departure: of each journey's latest visit, and of all its visits together",
            "duration",
            "unknown, not 0: counted as inferred",
            "each visit is one; what was entered after a win is none",
            "who stands there has no dwell yet: counted as open",
            ["StageDwell.open_count", "StageDwell.inferred_count"]),
    ];
}
