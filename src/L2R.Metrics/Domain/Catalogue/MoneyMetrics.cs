namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What it brings.</summary>
static class MoneyMetrics
{
    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "won-amount", "Won amount", "Money",
            "sum of the amounts of the CLOSED_WON rows, one sum for each currency, exact decimals",
            "money, ISO 4217",
            "no effect",
            "each win of a journey counts, at its own close",
            "none: open opportunities are in no sum",
            ["WaterfallGroup.won_amounts"]),
    ];
}
