namespace L2R.Metrics.Domain.Catalogue;

/// <summary>Every figure that the service answers, defined once: <c>ListMetricDefinitions</c> and docs/metric-catalogue.md are made of this.</summary>
public static class MetricCatalogue
{
    /// <summary>In the order of the document: section by section.</summary>
    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        .. VolumeMetrics.All, .. ConversionMetrics.All, .. VelocityMetrics.All, .. MoneyMetrics.All, .. CostMetrics.All, .. PipelineMetrics.All, .. DiagnosisMetrics.All, .. PracticeMetrics.All,
        .. QualityMetrics.All,
    ];

    /// <summary>
    /// Fields of answers that are numbers and no figures: what was asked for, or put there by somebody. Whatever else is a number has a
    /// definition, and a test holds that.
    /// </summary>
    public static IReadOnlyList<string> Echoes { get; } =
    [
        "HorizonConversion.horizon", "CurvePoint.time", "Journey.number", "Settings.fiscal_start_month", "VolumeGoal.reach_count", "ConversionGoal.ratio",
        "ConversionGoal.horizon", "VelocityGoal.median", "VelocityGoal.horizon", "Trigger.review_days", "MetricCondition.horizon", "MetricCondition.threshold",
        "MetricCondition.rearm_threshold", "MetricReading.horizon", "CohortTable.horizons", "MovedFigure.horizon", "Lateness.over", "ChangeExplanation.horizon", "Lateness.up_to",
        "Diagnosis.horizon", "Gap.horizon", "VelocityGap.aim", "VelocityGap.horizon", "TargetSuggestions.horizon", "GoalPlan.horizon",
        "Outlook.ahead", "Spend.cost", "Nurture.horizon", "JourneyNumberWins.number", "Pipeline.response_sla",
    ];
}
