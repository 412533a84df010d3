namespace L2R.Metrics.Domain.Catalogue;

/// <summary>Where the waterfall falls short, and what follows from it.</summary>
static class DiagnosisMetrics
{
    const string Section = "Diagnosis and planning";
    const string Skips = "a skipped stage was reached when a later one was entered";
    const string Reentry = "each journey counts on its own, by its start";
    const string Young = "a journey that started less than H before A is in no figure, and counted";
    const string Targets = "ledger at A and K, and the targets in force at A";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "chain-conversion", "Chain conversion", Section,
            "of journeys with R_k within H of their start, the share with R_k+1 within H of their start; Wilson's 95% interval; along the waterfall they multiply to wins over journeys",
            "ratio, 0 to 1", Skips, Reentry, Young,
            [
                "PairDiagnosis.chain", "SegmentDiagnosis.chain", "Diagnosis.journey_count", "Diagnosis.immature_count", "Diagnosis.expected_amount",
                "Diagnosis.without_amount_count", "Diagnosis.left_out_amounts", "Diagnosis.started_won_count",
            ]),
        new(
            "gap", "Gap", Section,
            "c - t: against a target in force, t its ratio and c the cohort conversion at its horizon of the journeys that started in the time in question; else t the peer benchmark, the 75th percentile by journeys of (x_s + m c) / (n_s + m), m = c (1 - c) / tau^2 - 1, tau^2 the variance between segments, and c the chain conversion",
            "ratio, -1 to 1; below 0 is short", Skips, Reentry,
            "against a target journeys that were followed for its horizon count, else as chain conversion",
            ["Gap.aim_ratio", "Gap.actual", "Gap.gap_ratio", "Gap.gap_low_ratio", "Gap.gap_high_ratio"])
        {
            Source = Targets,
        },
        new(
            "gap-test", "Test of a gap", Section,
            "score test, one-sided: p = P(Z < (c - t) / sqrt(t (1 - t) / n)), where n >= 30 and n min(t, 1 - t) >= 5, else not enough data; a pair is real at p < 0.05, segments by Benjamini and Hochberg at 10% over all that were tested",
            "probability, 0 to 1; segments", Skips, Reentry, "as gap",
            ["Gap.p_value", "Diagnosis.tested_count", "Diagnosis.untested_count"])
        {
            Source = Targets,
        },
        new(
            "lever", "Lever", Section,
            "sum over ways s (segment and starting stage) of V_s (f_s - 1): f_s = t/c of the pair against a target of the pair, t/c of the segment against a target of its own or the peer benchmark; 1 where it does not lie below or has not enough data; c_s f_s at most 1; c = 0 is not estimable. "
            + "se^2 = sum of V_s^2 (1-c)/(n c) + impact_s^2 (sum over later pairs (1-c_j)/(n_j c_j) + var(a)/(w a^2)), w journeys won, var(a)/a^2 of all of them where w = 1; cautious = alone - 1.28 se; half = alone / 2; together = Shapley over all pairs with a lever, which sums exactly. An upper bound: added journeys convert as today's",
            "money, ISO 4217", Skips, Reentry, Young,
            [
                "Lever.alone_amount", "Lever.half_amount", "Lever.standard_error_amount", "Lever.cautious_amount", "Lever.together_amount",
                "Diagnosis.all_together_amount", "SegmentDiagnosis.impact_amount",
            ])
        {
            Source = Targets,
        },
        new(
            "velocity-gap", "Velocity gap", Section,
            "median of R_k+1 - R_k of journeys that were followed for the target's horizon and converted within it, less the target's median, at least 0; each day gained pulls V / days(P) forward, once, days(P) those on which the journeys of V started; never added to a lever",
            "duration; money, ISO 4217", "left out where either end is inferred", Reentry,
            "fewer than 30 conversions: not enough data",
            ["VelocityGap.journey_count", "VelocityGap.median", "VelocityGap.excess", "VelocityGap.day_amount", "VelocityGap.pulled_forward_amount"])
        {
            Source = Targets,
        },
        new(
            "volume-gap", "Volume gap", Section,
            "journeys with R_k in the last period that had ended by A, against the target's count; 95% interval of the mean, exact (Garwood), beyond 1,000 by Byar's approximation; real where all of it lies below",
            "journeys", Skips, "each journey counts on its own, by its first reach", "the period has ended; rows of it may still come late",
            ["VolumeGap.reach_count", "VolumeGap.aim_count", "VolumeGap.interval_low", "VolumeGap.interval_high"])
        {
            Source = Targets,
        },
        new(
            "target-suggestion", "Suggested target", Section,
            "of the last 8 mature periods the median (typical) and the 75th percentile (ambitious; of velocity the 25th) of: journeys with R_k in the period; cohort conversion at h; median of R_k - R_i in days of those that convert within h",
            "journeys, ratio or days, by the measure",
            "conversion: a skipped stage was reached when a later one was entered; velocity: left out where either end is inferred",
            "clocks start and stop at the first reach; a further journey of the lead counts on its own",
            "a period counts when everyone in it has been followed for h; fewer than 8 with 30 journeys each: nothing is suggested",
            ["TargetSuggestion.period_count", "TargetSuggestion.typical", "TargetSuggestion.ambitious"]),
        new(
            "goal-plan", "Goal planned back", Section,
            "reach_k = goal / (a c_k .. c_5), a won amount per won journey and c_j the chain conversions of the history; due in the time of the goal less the median of R_won - R_k, spread evenly over it; beside it the journeys with R_k then",
            "journeys; money, ISO 4217", "the median leaves out journeys where either end is inferred", Reentry,
            "history: a journey that started less than H before A is left out; fewer than 30 journeys at a stage or 5 wins: not enough data",
            [
                "GoalPlan.journey_count", "GoalPlan.won_count", "GoalPlan.average_amount", "StagePlan.chain", "StagePlan.median_to_win", "StagePlan.needed_count",
                "StagePlan.reached_count", "MonthPlan.needed_count", "MonthPlan.reached_count",
            ]),
        new(
            "outlook", "Outlook", Section,
            "sum over open journeys of p = F_age(D), D the time ahead, times a: F_age the Aalen-Johansen curve to CLOSED_WON from the age on, of the journeys that still stood at the journey's highest stage at that age (a landmark: who had gone on or ended by then is left out), age = A - R of that stage, a won amount per won journey of that stage's history. Beyond 100 open journeys of a stage, up to 100 groups of like age each take p at their middle age. "
            + "95% interval of what comes: normal, variance sum of p (1 - p), of the revenue sum of p (var(a) + a^2) - p^2 a^2, not below 0; what the curve may be off by is not in it",
            "wins; money, ISO 4217", Skips, "each journey counts on its own; RECYCLED ends it",
            "open journeys of the history are censored at A; where fewer than 30 stood at the stage at an age, or nobody was followed beyond it, journeys of that age are counted and not estimated; beyond the longest time followed F stays as it is",
            [
                "StageOutlook.open_count", "StageOutlook.unestimated_count", "StageOutlook.history_count", "StageOutlook.history_won_count",
                "StageOutlook.average_amount", "StageOutlook.expected_win_count", "StageOutlook.win_low_count", "StageOutlook.win_high_count",
                "StageOutlook.expected_amount", "StageOutlook.low_amount", "StageOutlook.high_amount", "Outlook.without_amount_count", "Outlook.left_out_amounts",
            ]),
    ];
}
