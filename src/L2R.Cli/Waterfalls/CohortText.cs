using L2R.Metrics.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>Cohorts as text: two horizons beside each other, each with its interval and what it is of.</summary>
static class CohortText
{
    const int HorizonsBeside = 2;
    const int LongestName = 24;

    public static IEnumerable<string> ToLines(CohortTable table)
    {
        if (table.Rows.Count == 0)
        {
            yield return $"No journey reached {WaterfallTable.Name(table.From)}: the filters or the time leave none.";
        }
        foreach (var (place, columns) in table.Horizons.Index().Chunk(HorizonsBeside).Index().Where(_ => table.Rows.Count > 0))
        {
            var text = new TextTable(
                [StagePair.Name(table.From, table.To), "cohort", "open", "to date", .. columns.Select(column => Figure.Horizon(column.Item))]);
            foreach (var row in table.Rows)
            {
                text.Add(
                [
                    Name(row),
                    Figure.Count(row.CohortCount),
                    Figure.Percent(row.HasOpenRatio ? row.OpenRatio : null),
                    Figure.Ratio(row.ToDate),
                    .. columns.Select(column => Cell(row.Cells[column.Index])),
                ]);
            }
            foreach (var line in text.ToLines().Prepend("").Skip(place == 0 ? 1 : 0))
            {
                yield return line;
            }
        }

        yield return "";
        yield return "A rate, its 95% interval and the journeys that it is of: those that were followed for so long.";
        if (table.Rows.Sum(row => row.StartedAboveCount) is > 0 and var above)
        {
            yield return $"{Words.Counted(above, "journey")} started above {WaterfallTable.Name(table.From)}: in no cohort.";
        }
        foreach (var line in AnswerFooter.Of(table.AsOf, table.KnownAt, table.Quality))
        {
            yield return line;
        }
        yield return $"{Words.Counted(table.JourneyCount, "journey")} in the ledger; periods of {table.TimeZone}";
    }

    static string Cell(CohortCell cell) => cell.State switch
    {
        CohortCellState.Mature => FormattableString.Invariant(
            $"{cell.Rate.Ratio:0.0%} {cell.Rate.IntervalLowRatio * 100:0}–{cell.Rate.IntervalHighRatio * 100:0}% of {cell.Rate.CohortCount:#,0}"),
        CohortCellState.NotMature => "not mature yet",
        _ => "–",
    };

    static string Name(CohortRow row)
    {
        var name = string.Join(" · ", new[] { row.Period?.Name }.OfType<string>()
            .Concat(row.Dimensions.Select(value => value.Other ? "(other)" : value.Unknown ? "unknown" : value.Value)));
        return name.Length == 0 ? "all" : name.Length > LongestName ? name[..(LongestName - 1)] + "…" : name;
    }
}
