using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Cli.Waterfalls;

/// <summary>Several groups beside each other: a table for each measure with a line for each group, so that they can be compared.</summary>
static class WaterfallGroups
{
    /// <param name="groups">At least one.</param>
    /// <param name="longestName">Names of groups are cut to so many characters.</param>
    public static IEnumerable<string> ToLines(IReadOnlyList<WaterfallGroup> groups, int longestName)
    {
        var named = groups.Where(HasMoves).Select(group => (Name: Cut(Name(group), longestName), Group: group)).ToList();
        var quiet = groups.Count - named.Count;
        var all = groups[0].Volumes.Select(volume => volume.Stage).ToList();
        var stages = all.Where(stage => stage.ToDomain()!.Value.IsStage()).ToList();
        IEnumerable<IEnumerable<string>> tables =
        [
            Volumes("reach", named, stages, volume => volume.ReachCount),
            Volumes("of it inferred", named, stages, volume => volume.InferredCount),
            .. groups[0].Pairs.Select((pair, index) => WaterfallTable.Rates(
                $"{WaterfallTable.Name(pair.From)} → {WaterfallTable.Name(pair.To)}", named.Select(row => (row.Name, row.Group.Pairs[index])), isShort: true)),
            Volumes("entries", named, all, volume => volume.EntryCount),
            Volumes("stock", named, all, volume => volume.StockEndCount),
            Won(named),
            Quality(named),
        ];
        return tables.SelectMany((table, index) => index == 0 ? table : table.Prepend(""))
            .Concat(quiet == 0 ? [] : ["", $"Left out: {Words.Counted(quiet, "group")} in which nobody moved; stock there is that of the period before. --json has all."]);
    }

    /// <summary>Whether anything happened in it. A period in which nobody moved is a group for the stock that stands there.</summary>
    static bool HasMoves(WaterfallGroup group) =>
        group.Volumes.Any(volume => volume.ReachCount + volume.EntryCount + volume.DepartureCount > 0) || group.Quality.MismatchedCount > 0;

    static IEnumerable<string> Volumes(
        string title, IEnumerable<(string Name, WaterfallGroup Group)> named, IReadOnlyList<Stage> stages, Func<StageVolume, long> count)
    {
        var table = new TextTable([title, .. stages.Select(Short)]);
        foreach (var (name, group) in named)
        {
            table.Add([name, .. group.Volumes.Where(volume => stages.Contains(volume.Stage)).Select(volume => Figure.Count(count(volume)))]);
        }
        return table.ToLines();
    }

    static IEnumerable<string> Won(IEnumerable<(string Name, WaterfallGroup Group)> named)
    {
        var table = new TextTable("won", "amount");
        foreach (var (name, group) in named)
        {
            table.Add(name, WaterfallTable.Amounts(group));
        }
        return table.ToLines();
    }

    static IEnumerable<string> Quality(IEnumerable<(string Name, WaterfallGroup Group)> named)
    {
        var table = new TextTable("quality", "inferred", "unknown", "late", "out of order", "won without an amount", "mismatched");
        foreach (var (name, group) in named)
        {
            var quality = group.Quality;
            table.Add(
                [name, .. new[]
                {
                    quality.InferredCount, quality.UnknownCount, quality.LateCount, quality.OutOfOrderCount, quality.WithoutAmountCount, quality.MismatchedCount,
                }.Select(Figure.Count)]);
        }
        return table.ToLines();
    }

    static string Name(WaterfallGroup group) => string.Join(" · ", new[] { group.Period?.Name }.OfType<string>()
        .Concat(group.Dimensions.Select(dimension => dimension.Unknown ? "unknown" : dimension.Value)));

    static string Cut(string name, int longest) => name.Length > longest ? name[..(longest - 1)] + "…" : name;

    /// <summary>As wide as a count, so that ten of them fit beside each other.</summary>
    static string Short(Stage stage) => stage switch
    {
        Stage.Opportunity => "OPP",
        Stage.ClosedWon => "WON",
        Stage.ClosedLost => "LOST",
        Stage.Disqualified => "DISQUAL",
        Stage.Rejected => "REJECT",
        Stage.Recycled => "RECYCLE",
        _ => WaterfallTable.Name(stage),
    };
}
