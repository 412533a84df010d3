namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What it brings.</summary>
static class MoneyMetrics
{
    const string Section = "Money";
    const string Touches = "ledger, and the touches that Intake recorded, at A and K";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "won-amount", "Won amount", Section,
            "sum of the amounts of the CLOSED_WON rows, one sum for each currency, exact decimals",
            "money, ISO 4217",
            "no effect",
            "each win of a journey counts, at its own close",
            "none: open opportunities are in no sum",
            ["WaterfallGroup.won_amounts"]),
        new(
            "attribution", "Attribution", Section,
            "each win of the period shared among the touches of its lead within the lookback: first, last, linear, U 40/20/40, W 30/30/30/10, time decay 2^(-age/half-life), or by Markov removal effects; the shares of a win sum to the whole exactly, in billionths by largest remainder",
            "billionths of a win; an amount in its own currency",
            "no effect: a win is a win",
            "touches before an earlier journey of the lead count within the lookback too",
            "journeys that are open at A are paths without a win, for Markov alone",
            [
                "Attribution.win_count", "Attribution.won_amounts", "Attribution.without_amount_count", "Attribution.nonconverting_count",
                "Credit.win_nanos", "Credit.amounts",
            ])
        {
            Source = Touches,
        },
        new(
            "attribution-untouched", "Wins without a touch", Section,
            "wins of the period whose lead has no touch within the lookback: credited to nobody, and counted",
            "wins; an amount in its own currency",
            "no effect",
            "each win counts",
            "no effect",
            ["Attribution.untouched_count", "Attribution.untouched_amounts"])
        {
            Source = Touches,
        },
        new(
            "removal-effect", "Removal effect", Section,
            "1 - P(win without the value) / P(win), over a Markov chain of order 1 from touch to touch",
            "ratio, 0 to 1",
            "no effect",
            "each journey is a path",
            "a journey that is open at A is a path without a win",
            ["RemovalEffect.share"])
        {
            Source = Touches,
        },
        new(
            "expected-revenue", "Expected revenue", Section,
            "V = sum over segment and starting stage of N m c_1..c_5 a: journeys, share, conversion of each pair within H of the start, won amount per won journey; booked: reach and flow ratios of the period",
            "money, ISO 4217",
            "a skipped stage was reached when a later one was entered",
            "each journey counts on its own, by its start",
            "a journey that started less than H before A is in no figure, and counted",
            [
                "RevenueSide.expected_amount", "RevenueSide.won_amount", "RevenueSide.journey_count", "RevenueSide.immature_count",
                "RevenueSide.without_amount_count", "RevenueSide.left_out_amounts", "RevenueSide.started_won_count",
            ]),
        new(
            "revenue-change", "What changed", Section,
            "Shapley over F = {N, m, c_1..c_5, a}: sum over T without x of |T|!(7-|T|)!/8! (V(T with x) - V(T)), T at the new period, the rest at the old; they sum to V(new) - V(old) exactly; booked, other = (won(new) - won(old)) - (V(new) - V(old)), wins that no journey of their period leads to, so that all parts sum to the change of the won amounts exactly; a rate of 0/0 takes the other period's",
            "money, ISO 4217",
            "as expected revenue",
            "as expected revenue",
            "as expected revenue",
            ["ChangeExplanation.change", "RevenuePart.amount"]),
    ];
}
