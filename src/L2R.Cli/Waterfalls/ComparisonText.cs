using System.Globalization;
using Google.Protobuf.Collections;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>What moved since a table was reported, as text.</summary>
static class ComparisonText
{
    const int MovedShown = 60;
    const int LongestName = 30;

    public static IEnumerable<string> ToLines(KnownComparison comparison) =>
    [
        .. Moved(comparison.MovedFigures),
        "",
        .. Changes(comparison),
        "",
        .. Lateness(comparison),
        "",
        .. Side("Reported", comparison.Baseline, comparison.BaselineQuality),
        .. Side("Restated", comparison.Restated, comparison.RestatedQuality),
    ];

    static IEnumerable<string> Side(string name, Waterfall table, Quality? quality) =>
    [
        $"{name}: {AnswerFooter.Of(table.AsOf, table.KnownAt).Replace("As of", "as of", StringComparison.Ordinal)}",
        .. quality is null ? Array.Empty<string>() : [WaterfallTable.QualityLine(quality)],
        .. AnswerFooter.OutOfScope(table),
    ];

    static IEnumerable<string> Moved(RepeatedField<MovedFigure> figures)
    {
        if (figures.Count == 0)
        {
            return ["Nothing moved: every count and amount is as it was reported."];
        }
        var table = new TextTable("moved", "figure", "reported", "restated", "change");
        foreach (var moved in figures.Take(MovedShown))
        {
            var (before, after) = moved.Kind == FigureKind.WonAmount
                ? (moved.BaselineAmount.ToDecimal(), moved.RestatedAmount.ToDecimal())
                : (moved.BaselineCount, moved.RestatedCount);
            table.Add(Group(moved), Name(moved), Number(before), Number(after), (after > before ? "+" : "") + Number(after - before));
        }
        return [.. table.ToLines(), .. figures.Count > MovedShown ? [$"And {Figure.Count(figures.Count - MovedShown)} more: --json has all."] : Array.Empty<string>()];
    }

    static IEnumerable<string> Changes(KnownComparison comparison)
    {
        if (comparison.RowChanges.Count + comparison.ChangedLeadCount + comparison.MergedLeadCount == 0)
        {
            return ["No row of the ledger counts on one side only."];
        }
        var table = new TextTable("rows behind it", "stage", "period", "added", "removed");
        foreach (var change in comparison.RowChanges)
        {
            table.Add(
                $"{Cause(change.Cause)}{(change.Origin == Origin.Import ? ", imported" : "")}",
                WaterfallTable.Name(change.Stage),
                change.Period?.Name ?? "",
                Figure.Count(change.AddedCount),
                Figure.Count(change.RemovedCount));
        }
        return
        [
            .. table.ToLines(),
            .. comparison.ChangedLeadCount > 0
                ? [$"Of {Words.Counted(comparison.ChangedLeadCount, "lead")} the segment or the region was said anew."]
                : Array.Empty<string>(),
            .. comparison.MergedLeadCount > 0
                ? [$"Merges and undos: {Words.Counted(comparison.MergedLeadCount, "lead")} under another name. The same rows make other journeys."]
                : Array.Empty<string>(),
        ];
    }

    static IEnumerable<string> Lateness(KnownComparison comparison)
    {
        var table = new TextTable("rows known after", "live", "imported");
        foreach (var bucket in comparison.Latenesses
            .GroupBy(lateness => (lateness.Over, lateness.UpTo)).OrderBy(bucket => bucket.Key.Over?.Seconds ?? -1))
        {
            var (over, upTo) = bucket.Key;
            table.Add(
                over is null ? "no time" : upTo is null ? $"more than {Figure.Horizon(over)}" : $"at most {Figure.Horizon(upTo)}",
                Count(bucket, Origin.Live),
                Count(bucket, Origin.Import));
        }
        return table.ToLines();

        static string Count(IEnumerable<Metrics.V1.Lateness> bucket, Origin origin) =>
            Figure.Count(bucket.Where(lateness => lateness.Origin == origin).Sum(lateness => lateness.Count));
    }

    static string Group(MovedFigure moved)
    {
        var name = string.Join(" · ", new[] { moved.Period?.Name }.OfType<string>()
            .Concat(moved.Dimensions.Select(value => value.Unknown ? "unknown" : value.Value)));
        return name.Length == 0 ? "all" : name.Length > LongestName ? name[..(LongestName - 1)] + "…" : name;
    }

    static string Name(MovedFigure moved)
    {
        var what = moved.Kind switch
        {
            FigureKind.Reach => "reach",
            FigureKind.Inferred => "inferred",
            FigureKind.Entries => "entries",
            FigureKind.Departures => "departures",
            FigureKind.StockEnd => "stock",
            FigureKind.Cohort => "cohort",
            FigureKind.StartedAbove => "started above",
            FigureKind.ToDate => "to date",
            FigureKind.Open => "open",
            FigureKind.Mature => $"followed for {Figure.Horizon(moved.Horizon)}",
            FigureKind.Converted => $"within {Figure.Horizon(moved.Horizon)}",
            _ => $"won {moved.RestatedAmount.CurrencyCode}",
        };
        return moved.Stage == Stage.Unspecified ? what
            : moved.To == Stage.Unspecified ? $"{WaterfallTable.Name(moved.Stage)} {what}"
            : $"{StagePair.Name(moved.Stage, moved.To)} {what}";
    }

    static string Cause(RowChangeCause cause) => cause switch
    {
        RowChangeCause.Late => "came late",
        RowChangeCause.Correction => "corrected",
        RowChangeCause.Withdrawal => "withdrawn",
        RowChangeCause.New => "happened since",
        RowChangeCause.AsOf => "another as of",
        RowChangeCause.Merge => "of another lead by a merge",
        _ => cause.ToString(),
    };

    static string Number(decimal number) => number.ToString("#,0.##", CultureInfo.InvariantCulture);
}
