using L2R.Metrics.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>Curves of conversion as text: a table of all, when each has converted how many, and a plot of each in plain letters.</summary>
static class CurveText
{
    const int LongestName = 16;
    const int MostPlots = 4;
    const int PlotWidth = 72;
    const int PlotHeight = 10;

    static readonly double[] Shares = [0.05, 0.1, 0.25, 0.5];

    public static IEnumerable<string> ToLines(ConversionCurves answer)
    {
        yield return $"{StagePair.Name(answer.From, answer.To)}, by Aalen–Johansen: exits compete, open journeys count for as long as they were followed";
        yield return "";
        var table = new TextTable(["curve", "cohort", "converted", "open", "by the end", .. Shares.Select(share => $"{share * 100:0}% in")]);
        foreach (var curve in answer.Curves)
        {
            table.Add(
            [
                Name(curve), Figure.Count(curve.CohortCount), Figure.Count(curve.ConvertedCount), Figure.Count(curve.OpenCount), End(curve),
                .. Shares.Select(share => Figure.Time(curve.Steps.FirstOrDefault(step => step.Point.Ratio >= share)?.Point.Time)),
            ]);
        }
        foreach (var line in table.ToLines())
        {
            yield return line;
        }
        foreach (var curve in answer.Curves.Where(curve => curve.Steps.Count > 0).Take(MostPlots))
        {
            yield return "";
            foreach (var line in Plot(curve))
            {
                yield return line;
            }
        }
        if (answer.Curves.Count(curve => curve.Steps.Count > 0) > MostPlots)
        {
            yield return "";
            yield return $"The first {MostPlots} are drawn; --filter chooses others.";
        }

        yield return "";
        if (answer.Comparison is { Sentence.Length: > 0 } comparison)
        {
            yield return comparison.Sentence;
        }
        if (answer.Curves.Sum(curve => curve.StartedAboveCount) is > 0 and var above)
        {
            yield return $"{Words.Counted(above, "journey")} started above {WaterfallTable.Name(answer.From)}: on no curve.";
        }
        foreach (var line in AnswerFooter.Of(answer.AsOf, answer.KnownAt, answer.Quality))
        {
            yield return line;
        }
        yield return $"{Words.Counted(answer.JourneyCount, "journey")} in the ledger";
    }

    static string End(ConversionCurve curve) =>
        curve.Steps.LastOrDefault()?.Point is { } last
            ? last.HasIntervalLowRatio ? FormattableString.Invariant($"{last.Ratio:0.0%} {last.IntervalLowRatio * 100:0}–{last.IntervalHighRatio * 100:0}%") : Figure.Percent(last.Ratio)
            : "–";

    /// <summary>A row for each tenth of the height; a colon where fewer than 30 journeys were followed so long.</summary>
    static IEnumerable<string> Plot(ConversionCurve curve)
    {
        var (end, top) = (curve.Steps[^1].Point.Time.ToTimeSpan(), curve.Steps[^1].Point.Ratio);
        var columns = Enumerable.Range(1, PlotWidth)
            .Select(column => curve.Steps.LastOrDefault(step => step.Point.Time.ToTimeSpan() <= end * column / PlotWidth))
            .ToList();
        yield return $"{Name(curve)}: share converted by the time since {(columns.Exists(step => step is { Dashed: true }) ? "the start; : where fewer than 30 were followed" : "the start")}";
        for (var row = PlotHeight; row > 0; row--)
        {
            var bars = columns.Select(step =>
                step is null || Math.Round(step.Point.Ratio / top * PlotHeight, MidpointRounding.AwayFromZero) < row ? ' ' : step.Dashed ? ':' : '#');
            yield return $"{(row is PlotHeight or PlotHeight / 2 ? Figure.Percent(top * row / PlotHeight) : ""),7} |{string.Concat(bars)}".TrimEnd();
        }
        yield return $"{"0.0%",7} +{new string('-', PlotWidth)}";
        var label = Figure.Time(curve.Steps[^1].Point.Time);
        yield return $"{"0",9}{label.PadLeft(PlotWidth)}";
    }

    static string Name(ConversionCurve curve)
    {
        var name = curve.Dimension is not { } dimension ? "all" : dimension.Unknown ? "unknown" : dimension.Value;
        return name.Length > LongestName ? name[..(LongestName - 1)] + "…" : name;
    }
}
