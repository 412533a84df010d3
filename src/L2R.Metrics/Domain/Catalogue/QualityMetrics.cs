namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What a reader should know before trusting the table.</summary>
static class QualityMetrics
{
    const string Section = "Quality";
    const string None = "no effect";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "out-of-scope", "Out of scope", Section,
            "journeys known at K and begun by A, before filters, of which a rule of the tenant's settings holds: by dimension values, and by the reason of an exit that K knows",
            "journeys",
            None,
            "a journey that is out keeps its number among those of its lead",
            None,
            [
                "Waterfall.out_of_scope_count", "CohortTable.out_of_scope_count", "VelocityReport.out_of_scope_count", "Flow.out_of_scope_count",
                "ConversionCurves.out_of_scope_count", "Attribution.out_of_scope_count", "Economics.out_of_scope_count", "Nurture.out_of_scope_count", "Pipeline.out_of_scope_count",
                "ChangeExplanation.out_of_scope_count", "Diagnosis.out_of_scope_count", "TargetSuggestions.out_of_scope_count",
                "GoalPlan.out_of_scope_count", "Outlook.out_of_scope_count", "MetricReading.out_of_scope_count",
            ]),
        new(
            "quality-inferred", "Inferred", Section,
            "reached stages of the group whose instant another stage's entry gives",
            "reached stages",
            "it is the count of them",
            "as reach",
            None,
            ["Quality.inferred_count"]),
        new(
            "quality-unknown", "Unknown", Section,
            "reached stages of the group whose value of a dimension grouped by is unknown",
            "reached stages",
            "a skipped stage has the values of the entry that gave its reach",
            "as reach",
            None,
            ["Quality.unknown_count"]),
        new("quality-late", "Late", Section, "entries with occurred_at <= A < recorded_at <= K", "entries", None, "each entry counts", None, ["Quality.late_count"]),
        new(
            "quality-out-of-order", "Out of order", Section,
            "journeys that entered any two stages against their order",
            "journeys",
            "skipped stages are left out",
            "the first entries count",
            None,
            ["Quality.out_of_order_count"]),
        new(
            "quality-without-amount", "Without amount", Section,
            "CLOSED_WON rows without an amount",
            "rows",
            None,
            "each win counts",
            None,
            ["Quality.without_amount_count"]),
        new(
            "quality-mismatched", "Mismatched", Section,
            "rows whose from is not where the ledger has their journey: a row before them is missing or late",
            "rows",
            None,
            "each row counts",
            None,
            ["Quality.mismatched_count"]),
        new(
            "restatement", "What moved since it was reported", Section,
            "a figure at (A, K) beside the same at (A', K'), with the rows that only one of the two counts, by cause: late, corrected, withdrawn, new, or merged, of rows that both count for another lead; and leads said anew or merged. Leads out of scope on both sides with every journey are left out",
            "as the figure that moved; rows",
            "as the figure that moved",
            "as the figure that moved",
            "as the figure that moved",
            [
                "MovedFigure.baseline_count", "MovedFigure.restated_count", "MovedFigure.baseline_amount", "MovedFigure.restated_amount",
                "RowChange.added_count", "RowChange.removed_count", "KnownComparison.changed_lead_count",
                "KnownComparison.merged_lead_count",
            ]),
        new(
            "lateness", "Lateness", Section,
            "rows by recorded_at - occurred_at, live and imported ones apart",
            "rows",
            None,
            "each row counts",
            None,
            ["Lateness.count"]),
    ];
}
