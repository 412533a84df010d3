namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What share of a cohort reaches the next stage.</summary>
static class ConversionMetrics
{
    const string Section = "Conversion";
    const string Journeys = "journeys";
    const string Ratio = "ratio, 0 to 1";
    const string Skips = "a skipped stage was reached when a later one was entered; a journey that starts above the first stage was never at risk and is left out";
    const string Reentry = "clocks start and stop at the first reach; a further journey of the lead is at risk on its own";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "cohort", "Cohort", Section,
            "journeys with R_i in the period that did not start above stage i",
            Journeys,
            "a skipped first stage is reached when a later one is entered",
            Reentry,
            "young and open journeys are in it",
            ["PairFigures.cohort_count", "CohortRow.cohort_count", "ConversionCurve.cohort_count", "CurveQuantiles.cohort_count"]),
        new(
            "started-above", "Started above", Section,
            "journeys with R_i in the period whose first entry is of a stage above i: sales-generated",
            Journeys,
            "they are in the reach of i by inference, and in no cohort of it",
            Reentry,
            "no effect",
            ["PairFigures.started_above_count", "CohortRow.started_above_count", "ConversionCurve.started_above_count"]),
        new(
            "cohort-conversion", "Cohort conversion at a horizon", Section,
            "|mature with R_k - R_i <= h| / |mature|, mature = journeys of the cohort with R_i + h <= A; a day is 24 h, a month 30 days",
            Ratio,
            Skips,
            Reentry,
            "a journey followed for less than h is in neither count and is reported as immature; where none is mature there is no rate, never 0",
            ["HorizonConversion.rate", "HorizonConversion.immature_count", "CohortCell.rate", "CohortCell.immature_count"]),
        new(
            "conversion-to-date", "Conversion to date", Section,
            "|R_k <= A| / |cohort|",
            Ratio,
            Skips,
            Reentry,
            "open journeys count as not converted, so it grows with time: read it beside the open share",
            ["PairFigures.to_date", "CohortRow.to_date", "ConversionCurve.converted_count"]),
        new(
            "open", "Still open", Section,
            "journeys of the cohort that neither reached stage k nor stand in an exit at A",
            Journeys,
            Skips,
            "a journey that was reopened after an exit is open",
            "it is the count of the censored",
            ["PairFigures.open_count", "CohortRow.open_count", "CohortRow.open_ratio", "ConversionCurve.open_count"]),
        new(
            "rate", "Share with its interval", Section,
            "p = x / n, with Wilson's 95% interval (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.959963984540054; no value where n = 0, and the reason",
            Ratio,
            "as the figure that has it",
            "one lead's several journeys depend on each other, which the interval does not know",
            "as the figure that has it",
            ["Rate.converted_count", "Rate.cohort_count", "Rate.ratio", "Rate.interval_low_ratio", "Rate.interval_high_ratio"]),
        new(
            "conversion-curve", "Conversion curve", Section,
            "Aalen-Johansen cumulative incidence F(t) = sum over t_j <= t of S(t_j-) d_j / n_j, S the Kaplan-Meier survival of any event; 95% interval 1 - (1-F)^exp(+-1.96 se / ((1-F) |ln(1-F)|))",
            Ratio,
            Skips,
            Reentry,
            "open journeys are right-censored at A; the standing exit is the competing event, not censoring; at equal times events come before censorings",
            ["CurvePoint.ratio", "CurvePoint.interval_low_ratio", "CurvePoint.interval_high_ratio", "CurvePoint.at_risk_count"]),
        new(
            "mature", "Mature at a time", Section,
            "journeys of the cohort with R_i + t <= A, whatever came of them; where they are fewer than 30 the curve is drawn dashed",
            Journeys,
            Skips,
            Reentry,
            "it says how many have been followed so long",
            ["ConversionStep.mature_count"]),
        new(
            "curve-quantiles", "Median time of the whole cohort", Section,
            "F^-1(1/2), undefined where the curve stays below, which is usual; and F^-1(F(tau)/2) of those who convert by tau, the longest time at which 30 journeys are mature, beside F(tau)",
            "duration; the share is a ratio, 0 to 1",
            Skips,
            Reentry,
            "open journeys are censored, not left out: unlike the converters' median it is no quicker for a young cohort",
            [
                "ConversionCurve.median", "ConversionCurve.followed", "ConversionCurve.followed_ratio", "ConversionCurve.median_by_followed",
                "CurveQuantiles.median", "CurveQuantiles.followed_time", "CurveQuantiles.followed_ratio", "CurveQuantiles.followed_median",
            ]),
        new(
            "curve-comparison", "Whether two curves differ", Section,
            "Gray's test of two cumulative incidences (rho = 0; Annals of Statistics 16, 1988): chi-squared with one degree of freedom, and how often equal curves would look so different",
            "p from 0 to 1",
            Skips,
            "one lead's several journeys depend on each other, which the test does not know",
            "open journeys are censored at A; the standing exit competes",
            ["CurveComparison.chi_squared", "CurveComparison.p_value"]),
        new(
            "flow-ratio", "Flow ratio", Section,
            "reach(k, P) / reach(i, P): two different crowds, so it may exceed 1 and is no conversion",
            "ratio, 0 or more",
            "as reach",
            "as reach",
            "no effect",
            ["PairFigures.flow_ratio"]),
    ];
}
