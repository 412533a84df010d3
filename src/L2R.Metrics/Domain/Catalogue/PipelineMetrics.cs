namespace L2R.Metrics.Domain.Catalogue;

/// <summary>The handoff to sales, and the opportunities.</summary>
static class PipelineMetrics
{
    const string Section = "Handoff and pipeline";
    const string Reopened = "an opportunity that was lost and opened again is one, and its standing close counts; of several closed without their names one is closed, the others are replaced and in no rate";
    const string NoOpening = "an opportunity closed from an earlier stage has no opening: it counts by its close alone";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "accept-rate", "Accept rate", Section,
            "of the journeys with R_MQL in the period that did not start above MQL and are decided, by R_SAL or any exit, whichever came first after R_MQL: the share whose R_SAL came first; 95% Wilson interval",
            "ratio, 0 to 1; journeys",
            "a skipped MQL or SAL was reached when a later stage was entered; who started above MQL was never at risk and is counted apart",
            "the first decision counts, whatever came after it; a further journey of the lead counts on its own",
            "undecided journeys are in neither count, and counted apart; where none is decided there is no rate",
            ["HandoffFigures.cohort_count", "HandoffFigures.started_above_count", "HandoffFigures.accept_rate", "HandoffFigures.undecided_count"]),
        new(
            "response-time", "Response time of sales", Section,
            "from R_MQL to the first entry of SAL or REJECTED after it, of the journeys with R_MQL in the period: n, mean, median, p75, p90 by linear interpolation between order statistics",
            "duration; journeys",
            "where MQL or SAL was skipped it is unknown, not 0: left out, and counted apart",
            "the first action counts; RECYCLED, DISQUALIFIED and CLOSED_LOST are no action of sales on the handoff",
            "journeys without an action are not in it: read it beside the attainment, which counts them",
            ["HandoffFigures.response_inferred_count"]),
        new(
            "sla-attainment", "SLA attainment", Section,
            "met / (met + breached), by what is so at R_MQL + SLA: met, sales had acted by then (R_SAL or REJECTED); breached, it had not and the journey was open; 95% Wilson interval",
            "ratio, 0 to 1; journeys",
            "a skipped SAL was acted on when a later stage was entered; where MQL was skipped nobody knows when the clock started: left out, and counted apart",
            "what comes after the due instant changes nothing",
            "open and past due is breached; open and not yet due, or ended otherwise before sales had to act, is in neither count, and counted apart",
            ["SlaAttainment.attainment_rate", "SlaAttainment.not_yet_due_count", "SlaAttainment.ended_count", "SlaAttainment.inferred_count"]),
        new(
            "cohort-win-rate-by-count", "Cohort win rate by count", Section,
            "of the opportunities first opened in the period, but for the replaced: the share won by A, to date; 95% Wilson interval",
            "ratio, 0 to 1; opportunities",
            NoOpening,
            Reopened,
            "open opportunities are in the denominator: shown with their share, which may still be won",
            [
                "OpenedOpportunities.cohort_win_rate_by_count", "OpenedOpportunities.lost_count", "OpenedOpportunities.open_count", "OpenedOpportunities.open_ratio",
                "OpenedOpportunities.ended_count", "OpenedOpportunities.replaced_count",
            ]),
        new(
            "cohort-win-rate-by-amount", "Cohort win rate by amount", Section,
            "of the same opportunities: amount won / amount of all, in the reporting currency, others apart, none converted; of a win the amount of its CLOSED_WON row, else the last amount said of it",
            "ratio; money, ISO 4217; opportunities",
            NoOpening,
            Reopened,
            "as by count",
            [
                "OpenedOpportunities.cohort_win_rate_by_amount", "AmountRate.won_amount", "AmountRate.total_amount", "AmountRate.ratio",
                "AmountRate.without_amount_count", "AmountRate.left_out_amounts",
            ]),
        new(
            "closed-win-rate-by-count", "Closed-period win rate by count", Section,
            "of the opportunities whose standing close is in the period: won / (won + lost); 95% Wilson interval",
            "ratio, 0 to 1; opportunities",
            NoOpening,
            Reopened,
            "open opportunities are in neither count: where losses are closed late or never, it is too high",
            ["ClosedOpportunities.closed_win_rate_by_count", "ClosedOpportunities.without_opening_count"]),
        new(
            "closed-win-rate-by-amount", "Closed-period win rate by amount", Section,
            "of the same opportunities: amount won / amount won and lost, in the reporting currency, others apart, none converted; of a win the amount of its CLOSED_WON row, of a loss that of its CLOSED_LOST row or the last one said before",
            "ratio; money, ISO 4217; opportunities",
            NoOpening,
            Reopened,
            "as by count",
            ["ClosedOpportunities.closed_win_rate_by_amount"]),
        new(
            "open-pipeline", "Open pipeline", Section,
            "opportunities open at A and the amounts last said at their entries of OPPORTUNITY, in the reporting currency, others apart: neither closed nor replaced, their journey in no exit",
            "opportunities; money, ISO 4217",
            "no effect",
            "each open opportunity of a journey counts, also beside a won one",
            "none: it is a stock",
            ["OpenPipeline.open_count", "OpenPipeline.open_amount", "OpenPipeline.without_amount_count", "OpenPipeline.left_out_amounts"]),
        new(
            "weighted-pipeline", "Weighted pipeline", Section,
            "sum of amount * p over the open pipeline; p as the request sets it, or learnt: the closed-period win rate by count of the time in question",
            "money, ISO 4217; ratio, 0 to 1; opportunities",
            NoOpening,
            Reopened,
            "it takes what is open to end as what was closed did: too high where losses are closed late; fewer than 30 closed: no value",
            ["WeightedPipeline.win_probability", "WeightedPipeline.closed_count", "WeightedPipeline.weighted_amount"]),
        new(
            "sales-velocity", "Sales velocity", Section,
            "open opportunities at A * closed-period win rate by count * average amount of the wins / mean days from a win's opening to its close; the last three of the time in question",
            "money a day, ISO 4217; opportunities; duration",
            "a win without an opening is in the rate and the average, and in no cycle",
            Reopened,
            "as the closed-period win rate; without one of the four there is no value",
            [
                "SalesVelocity.open_count", "SalesVelocity.closed_win_rate_by_count", "SalesVelocity.priced_win_count", "SalesVelocity.average_won_amount",
                "SalesVelocity.timed_win_count", "SalesVelocity.mean_cycle", "SalesVelocity.amount_per_day",
            ]),
    ];
}
