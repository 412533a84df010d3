using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Cli.Waterfalls;

/// <summary>A waterfall as text of at most 100 columns.</summary>
static class WaterfallTable
{
    const int LongestGroup = 24;
    const string TooYoung = "young";

    public static IEnumerable<string> ToLines(Waterfall waterfall)
    {
        var isGrouped = waterfall.Groups.Any(group => group.Period is not null || group.Dimensions.Count > 0);
        var body = isGrouped ? Groups(waterfall) : waterfall.Groups.SelectMany(Whole);
        return
        [
            .. body,
            "",
            $"As of {Figure.Instant(waterfall.AsOf)}, as known at {Figure.Instant(waterfall.KnownAt)}",
            $"{Figure.Count(waterfall.JourneyCount)} journeys in the ledger; periods of {waterfall.TimeZone}",
        ];
    }

    static IEnumerable<string> Whole(WaterfallGroup group) =>
    [
        .. Volumes(group),
        "",
        .. Pairs(group),
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

    static IEnumerable<string> Pairs(WaterfallGroup group)
    {
        var table = new TextTable("conversion", "cohort", "open", "median", "within", "rate", "95% interval", "of n");
        foreach (var pair in group.Pairs)
        {
            IReadOnlyList<string> pairCells =
            [
                $"{Name(pair.From)} → {Name(pair.To)}",
                Figure.Count(pair.CohortCount),
                Figure.Percent(pair.CohortCount == 0 ? null : (double)pair.OpenCount / pair.CohortCount),
                Figure.Time(pair.CohortVelocity.Median),
            ];
            foreach (var rateCells in Rates(pair))
            {
                table.Add([.. pairCells, .. rateCells]);
                pairCells = ["", "", "", ""];
            }
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

    /// <summary>For each group a line of reach, one of conversion within the longest horizon, else to date, and one of what was won.</summary>
    static IEnumerable<string> Groups(Waterfall waterfall)
    {
        var horizon = waterfall.Groups.SelectMany(group => group.Pairs).SelectMany(pair => pair.Horizons)
            .MaxBy(known => known.Horizon.ToTimeSpan())?.Horizon;
        string[] stages = [.. Stages.Waterfall.Select(stage => Short(stage.ToProto()))];
        var reach = new TextTable(["reach", .. stages]);
        var won = new TextTable("won", "amount");
        var rates = new TextTable([
            horizon is null ? "conversion to date" : $"conversion within {Figure.Horizon(horizon)}",
            .. waterfall.Groups.FirstOrDefault()?.Pairs.Select(pair => $"{Short(pair.From)}→{Short(pair.To)}") ?? [],
        ]);
        foreach (var group in waterfall.Groups)
        {
            reach.Add([
                Name(group),
                .. group.Volumes.Where(volume => volume.Stage.ToDomain()!.Value.IsStage()).Select(volume => Figure.Count(volume.ReachCount)),
            ]);
            won.Add(Name(group), Amounts(group));
            rates.Add([Name(group), .. group.Pairs.Select(pair => Rate(pair, horizon))]);
        }
        var isAnyTooYoung = waterfall.Groups.Any(group => group.Pairs.Any(pair => Rate(pair, horizon) == TooYoung));
        string[] legend = isAnyTooYoung ? [$"{TooYoung}: not mature yet"] : [];
        return [.. reach.ToLines(), "", .. rates.ToLines(), .. legend, "", .. won.ToLines()];
    }

    static string Rate(PairFigures pair, Google.Protobuf.WellKnownTypes.Duration? horizon)
    {
        var figures = pair.Horizons.FirstOrDefault(h => h.Horizon.Equals(horizon));
        return figures is null ? Figure.Ratio(pair.ToDate)
            : figures.Rate.HasRatio ? Figure.Percent(figures.Rate.Ratio)
            : figures.ImmatureCount > 0 ? TooYoung : "–";
    }

    static string Name(WaterfallGroup group)
    {
        var name = string.Join(" · ", new[] { group.Period?.Name }.OfType<string>()
            .Concat(group.Dimensions.Select(dimension => dimension.Unknown ? "unknown" : dimension.Value)));
        return name.Length > LongestGroup ? name[..(LongestGroup - 1)] + "…" : name;
    }

    static string Amounts(WaterfallGroup group) =>
        group.WonAmounts.Count == 0 ? "–" : string.Join(" + ", group.WonAmounts.Select(Figure.Money));

    static string QualityLine(Quality quality) =>
        $"Quality: {Figure.Count(quality.InferredCount)} inferred, {Figure.Count(quality.UnknownCount)} unknown, {Figure.Count(quality.LateCount)} late, "
        + $"{Figure.Count(quality.OutOfOrderCount)} out of order, {Figure.Count(quality.WithoutAmountCount)} won without an amount";

    static string Name(Stage stage) => stage.ToDomain()!.Value.Name();

    static string Short(Stage stage) => stage switch
    {
        Stage.Opportunity => "OPP",
        Stage.ClosedWon => "WON",
        _ => Name(stage),
    };
}
