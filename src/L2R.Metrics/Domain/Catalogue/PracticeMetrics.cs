namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What triggers look at and reviews talk about.</summary>
static class PracticeMetrics
{
    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "reading", "Figure of a review", "Triggers and reviews",
            "volume: journeys with R_k in P; conversion: as cohort conversion at h; velocity: the median of R_k - R_i in days, of journeys with R_i in P that convert within h. "
            + "95% interval: Wilson's of a conversion; of a median the r-th smallest and r-th largest value, r = floor((n+1)/2 - 1.96 sqrt(n)/2), none where n < 6; of a volume the exact one of the mean of which it came (Garwood), beyond 1,000 by Byar's approximation",
            "journeys, ratio or days, by the measure",
            "conversion: a skipped stage was reached when a later one was entered; velocity: left out where either end is inferred",
            "clocks start and stop at the first reach; a further journey of the lead counts on its own",
            "none: a period is looked at once, an hour after everyone in it has been followed for h",
            ["MetricReading.journey_count", "MetricReading.value", "MetricReading.interval_low", "MetricReading.interval_high"])
        {
            RefreshCadence = "never: it is kept as it was when the trigger looked",
        },
    ];
}
