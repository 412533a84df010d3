namespace L2R.Metrics.Domain.Catalogue;

/// <summary>How many: reach, entries and stock, never mixed.</summary>
static class VolumeMetrics
{
    const string Section = "Volume";
    const string Journeys = "journeys";
    const string NoSkip = "a skipped stage has none: inferred reach makes neither entry nor stock";
    const string NoCensoring = "none: it counts what happened by A";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new(
            "reach", "Reach", Section,
            "journeys with R_k in the period, R_k the earliest entry over stages of rank >= k",
            Journeys,
            "a skipped stage counts as reached, at the entry of the later stage; inferred says how many",
            "a journey counts once a stage, at its first reach; each further journey of a lead counts again",
            NoCensoring,
            ["StageVolume.reach_count"]),
        new(
            "inferred", "Inferred reach", Section,
            "of the reach, journeys whose R_k is given by a row that enters another stage than k",
            Journeys,
            "it is the count of them: skipped, or entered later",
            "as reach",
            NoCensoring,
            ["StageVolume.inferred_count"]),
        new(
            "entries", "Entries", Section,
            "raw entries of the stage in the period; a second opportunity of a journey is one departure and one entry of OPPORTUNITY",
            "entries",
            NoSkip,
            "every entry counts, also of the same journey again",
            NoCensoring,
            ["StageVolume.entry_count", "StageFlow.entry_count"]),
        new(
            "departures", "Departures", Section,
            "times that a journey left the stage in the period",
            "departures",
            NoSkip,
            "every departure counts; moving back is a departure and an entry",
            NoCensoring,
            ["StageVolume.departure_count", "StageFlow.departure_count"]),
        new(
            "stock", "Stock", Section,
            "journeys that stand in the stage at an instant; at the end = at the start + entries - departures; CLOSED_WON stays",
            Journeys,
            NoSkip,
            "a journey stands in one stage at a time, whatever it entered before",
            "open journeys are what it counts, at the start and the end of the period or at A",
            ["StageVolume.stock_start_count", "StageVolume.stock_end_count", "StageFlow.stock_start_count", "StageFlow.stock_end_count"]),
        new(
            "journeys", "Journeys in the ledger", Section,
            "journeys with a row in force at A and K, before filters",
            Journeys,
            "no effect",
            "each journey of a lead counts",
            NoCensoring,
            [
                "Waterfall.journey_count", "CohortTable.journey_count", "ConversionCurves.journey_count", "Flow.journey_count",
                "VelocityReport.journey_count", "Economics.journey_count", "Nurture.journey_count", "Pipeline.journey_count",
                "Attribution.journey_count", "ChangeExplanation.journey_count", "TargetSuggestions.journey_count", "Outlook.journey_count",
            ]),
        new(
            "moves", "Moves", Section,
            "times that journeys went from one stage to another in the period, exits by their reason; out of a stage they sum to its departures",
            "moves",
            "a move goes from where the journey stood to where it came, whatever lies between",
            "every move counts; what is entered after a win moves nothing and is counted apart",
            "who has not moved yet is in the stock",
            ["Move.count", "StageFlow.after_win_count"]),
    ];
}
