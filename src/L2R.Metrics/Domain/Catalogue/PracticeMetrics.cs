namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What the figures are held against: targets and triggers.</summary>
static class PracticeMetrics
{
    public static IReadOnlyList<MetricDefinition> All { get; } = [];
}
