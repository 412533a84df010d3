namespace L2R.Metrics.Domain.Catalogue;

/// <summary>What it costs, and the leads that wait.</summary>
static class CostMetrics
{
    const string Section = "Cost and nurture";
    const string Costs = "ledger, the touches that Intake recorded or imported, and the spends, at A and K";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "cost", "Cost", Section,
            "sum over the touches of the period of what each cost, and over the days of spends that began in it of each day's part: cost by days, equal to the billionth; in the reporting currency, others apart, none converted",
            "money, ISO 4217",
            "no effect",
            "a touch counts once, whatever journeys its lead has",
            "days that begin after A count in no period",
            ["EconomicsRow.cost", "EconomicsRow.touch_cost", "EconomicsRow.spend_cost", "EconomicsRow.left_out_costs"])
        {
            Source = Costs,
        },
        new(
            "cost-per-reach", "Cost per reach", Section,
            "cost of the period / journeys with R_k in the period: a flow ratio, since the cost of one period may bring journeys of a later one; by channel or campaign of the touch or spend, and of the journey's first row",
            "money, ISO 4217; journeys",
            "a skipped stage was reached when a later one was entered",
            "each journey counts once, at its first reach",
            "none: it says nothing of what is still open",
            ["ReachCost.reach_count", "ReachCost.cost_per_reach"])
        {
            Source = Costs,
        },
        new(
            "customer-acquisition-cost", "Cost per new customer (CAC)", Section,
            "cost of the period / journeys with R_won in the period whose first row says motion new: a flow ratio; journeys of other motions are existing customers, and those that say none are in neither",
            "money, ISO 4217; journeys",
            "no effect",
            "each journey counts once, at its first win",
            "none: it says nothing of what is still open",
            ["EconomicsRow.new_customer_count", "EconomicsRow.existing_customer_count", "EconomicsRow.unknown_motion_count", "EconomicsRow.cost_per_new_customer"])
        {
            Source = Costs,
        },
        new(
            "won-per-cost", "Won per cost", Section,
            "sum of the amounts of the CLOSED_WON rows of the period / cost of the period, both in the reporting currency: a flow ratio",
            "ratio; money, ISO 4217; wins",
            "no effect",
            "each win of a journey counts, at its own close",
            "none: open opportunities are in no sum",
            [
                "EconomicsRow.win_count", "EconomicsRow.without_amount_count", "EconomicsRow.won_amount", "EconomicsRow.left_out_won_amounts",
                "EconomicsRow.won_per_cost_ratio",
            ])
        {
            Source = Costs,
        },
        new(
            "nurture-pool", "Nurture pool", Section,
            "leads whose journey stands in RECYCLED and that have no later journey, at A and at the end of each period",
            "leads",
            "no effect",
            "a lead that is recycled again comes in again; its next journey, or its own reopened, takes it out",
            "none: it is a stock",
            ["Nurture.pool_count", "NurturePeriod.recycled_count", "NurturePeriod.pool_end_count"]),
        new(
            "nurture-re-entry", "Re-entry from nurture", Section,
            "of the times that a lead came into the pool in the period, followed for h: the share whose next journey started within h; 95% Wilson interval; a journey that was reopened first is no re-entry, and counted apart",
            "ratio, 0 to 1; leads",
            "no effect",
            "a lead that is recycled twice is followed twice",
            "recycled less than h before A: in neither count, and counted apart",
            ["Nurture.re_entry", "Nurture.reopened_count", "Nurture.immature_count"]),
        new(
            "won-by-journey-number", "Won by journey number", Section,
            "journeys with R_won in the period, their wins closed in it and the amounts of these, by the number of the journey among those of its lead; 5 holds all later ones",
            "journeys; wins; money, ISO 4217",
            "no effect",
            "it is what it shows: what the second and later journeys bring",
            "none: open opportunities are in no sum",
            [
                "JourneyNumberWins.won_journey_count", "JourneyNumberWins.win_count", "JourneyNumberWins.without_amount_count", "JourneyNumberWins.won_amount",
                "JourneyNumberWins.left_out_won_amounts",
            ]),
    ];
}
