using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Cli.Waterfalls;

/// <summary>A waterfall as text of at most 120 columns: every figure with what it rests on.</summary>
static class WaterfallTable
{
    static readonly string[] RateHeader = ["cohort", "open", "median", "within", "rate", "95% interval", "of n"];

    /// <param name="tenant">Whose it is; null where that isn't known.</param>
    /// <param name="isOfNow">Whether it was asked as of now: no later instant has more.</param>
    /// <param name="longestName">Names of groups are cut to so many characters.</param>
    public static IEnumerable<string> ToLines(Waterfall waterfall, string? tenant, bool isOfNow, int longestName = int.MaxValue)
    {
        var instants = $"as of {Figure.Instant(waterfall.AsOf)}, as known at {Figure.Instant(waterfall.KnownAt)}";
        if (waterfall.JourneyCount == 0)
        {
            return
            [
                $"No journeys of {(tenant is null ? "the token's tenant" : $"tenant {tenant}")} {instants}.",
                $"./l2r import takes history in (./l2r import --help){(isOfNow ? "" : "; a later --as-of shows more, if there is more")}.",
            ];
        }

        var isGrouped = waterfall.Groups.Count != 1 || waterfall.Groups[0].Period is not null || waterfall.Groups[0].Dimensions.Count > 0;
        var body = waterfall.Groups.Count == 0 ? ["No journey is in question: the filters or the time leave none."]
            : isGrouped ? WaterfallGroups.ToLines(waterfall.Groups, longestName)
            : Whole(waterfall.Groups[0]);
        return
        [
            .. body,
            "",
            $"A{instants[1..]}",
            $"{Words.Counted(waterfall.JourneyCount, "journey")} in the ledger; periods of {waterfall.TimeZone}",
        ];
    }

    /// <summary>A line for each rate of some pairs, each under the name of what it is the rate of.</summary>
    /// <param name="isShort">A pair without a cohort, which has no rates, takes one line.</param>
    public static IEnumerable<string> Rates(string title, IEnumerable<(string Name, PairFigures Figures)> pairs, bool isShort = false)
    {
        var table = new TextTable([title, .. RateHeader]);
        foreach (var (name, pair) in pairs)
        {
            string[] ofPair =
            [
                name,
                Figure.Count(pair.CohortCount),
                Figure.Percent(pair.CohortCount == 0 ? null : (double)pair.OpenCount / pair.CohortCount),
                Figure.Time(pair.CohortVelocity.Median),
            ];
            foreach (var ofRate in isShort && pair.CohortCount == 0 ? [] : Rates(pair))
            {
                table.Add([.. ofPair, .. ofRate]);
                ofPair = ["", "", "", ""];
            }
            if (ofPair[0].Length > 0)
            {
                table.Add(ofPair);
            }
        }
        return table.ToLines();
    }

    public static string Amounts(WaterfallGroup group) =>
        group.WonAmounts.Count == 0 ? "–" : string.Join(" + ", group.WonAmounts.Select(Figure.Money));

    public static string Name(Stage stage) => stage.ToDomain()!.Value.Name();

    static IEnumerable<string> Whole(WaterfallGroup group) =>
    [
        .. Volumes(group),
        "",
        .. Rates("conversion", group.Pairs.Select(pair => ($"{Name(pair.From)} → {Name(pair.To)}", pair))),
        "",
        $"Won: {Amounts(group)}",
        QualityLine(group.Quality),
    ];

    static IEnumerable<string> Volumes(WaterfallGroup group)
    {
        var table = new TextTable("stage", "reach", "(inferred)", "entries", "stock");
        foreach (var volume in group.Volumes)
        {
            var isStage = volume.Stage.ToDomain()!.Value.IsStage();
            table.Add(
                Name(volume.Stage),
                isStage ? Figure.Count(volume.ReachCount) : "",
                isStage ? $"({Figure.Count(volume.InferredCount)})" : "",
                Figure.Count(volume.EntryCount),
                Figure.Count(volume.StockEndCount));
        }
        return table.ToLines();
    }

    static IEnumerable<string[]> Rates(PairFigures pair) =>
    [
        .. pair.Horizons.Select(horizon => new[]
        {
            Figure.Horizon(horizon.Horizon),
            Figure.Ratio(horizon.Rate, horizon.ImmatureCount),
            Figure.Interval(horizon.Rate),
            Figure.Count(horizon.Rate.CohortCount),
        }),
        .. pair.Curve.Select(point => new[]
        {
            $"curve {Figure.Horizon(point.Time)}",
            Figure.Percent(point.HasRatio ? point.Ratio : null),
            point.HasIntervalLowRatio ? Figure.Interval(point.IntervalLowRatio, point.IntervalHighRatio) : "",
            $"{Figure.Count(point.AtRiskCount)} at risk",
        }),
        ["to date", Figure.Ratio(pair.ToDate), Figure.Interval(pair.ToDate), Figure.Count(pair.ToDate.CohortCount)],
    ];

    public static string QualityLine(Quality quality) =>
        $"Quality: {Figure.Count(quality.InferredCount)} inferred, {Figure.Count(quality.UnknownCount)} unknown, {Figure.Count(quality.LateCount)} late, "
        + $"{Figure.Count(quality.OutOfOrderCount)} out of order, {Figure.Count(quality.WithoutAmountCount)} won without an amount, "
        + $"{Figure.Count(quality.MismatchedCount)} mismatched";
}
