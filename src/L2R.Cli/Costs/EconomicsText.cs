using System.Globalization;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Costs;

/// <summary>Cost and what it brought, as text: what the whole row cost, and then each stage.</summary>
static class EconomicsText
{
    const int LongestName = 17;

    public static IEnumerable<string> ToLines(Economics answer)
    {
        if (answer.Rows.Count == 0)
        {
            return ["No cost, no reach and no win in this time.", "", .. Footer(answer)];
        }
        var currency = answer.Rows[0].WonAmount.CurrencyCode;
        var costs = new TextTable($"in {currency}", "cost", "touches", "spends", "new", "existing", "unknown", "CAC", "won", "won/cost");
        var reaches = new TextTable(["cost (reach)", .. answer.Rows[0].Stages.Select(stage => WaterfallTable.Name(stage.Stage))]);
        foreach (var row in answer.Rows)
        {
            costs.Add(
                Name(row), Amount(row.Cost), Amount(row.TouchCost), Amount(row.SpendCost), Short(row.NewCustomerCount), Short(row.ExistingCustomerCount),
                Short(row.UnknownMotionCount), Amount(row.CostPerNewCustomer), Amount(row.WonAmount),
                row.HasWonPerCostRatio ? row.WonPerCostRatio.ToString("0.00", CultureInfo.InvariantCulture) : "–");
            reaches.Add([Name(row), .. row.Stages.Select(stage => $"{Amount(stage.CostPerReach)} ({Short(stage.ReachCount)})")]);
        }
        return
        [
            .. costs.ToLines(),
            "",
            .. reaches.ToLines(),
            "",
            .. Notes(answer),
            .. Footer(answer),
        ];
    }

    /// <summary>312.50; large ones in thousands or millions.</summary>
    static string Amount(Money? money) => money?.ToDecimal() switch
    {
        null => "–",
        >= 100_000_000 and var much => Text($"{much / 1_000_000:#,0}M"),
        >= 1_000_000 and var much => Text($"{much / 1_000_000:0.00}M"),
        >= 100_000 and var much => Text($"{much / 1_000:0}k"),
        >= 1_000 and var some => Text($"{some:#,0}"),
        { } little => Text($"{little:0.00}"),
    };

    static string Short(long count) => count < 10_000 ? Figure.Count(count) : Text($"{count / 1_000:#,0}k");

    static string Name(EconomicsRow row)
    {
        string[] words = [row.Period?.Name ?? "", row.Unknown ? "(unknown)" : row.Value];
        var name = string.Join(' ', words.Where(word => word.Length > 0));
        return name.Length == 0 ? "all" : TargetTable.Cut(name, LongestName);
    }

    static IEnumerable<string> Notes(Economics answer)
    {
        // A stage that nobody reached says so by its count.
        var reasons = answer.Rows.SelectMany(row => new[] { row.NoCostPerNewCustomerReason, row.NoWonPerCostReason }).Where(reason => reason.Length > 0).Distinct();
        foreach (var reason in reasons)
        {
            yield return $"– where {reason}";
        }
        var (costs, won) = (Sums(answer.Rows.SelectMany(row => row.LeftOutCosts)), Sums(answer.Rows.SelectMany(row => row.LeftOutWonAmounts)));
        if (costs.Length > 0)
        {
            yield return $"Cost in other currencies, in no figure: {costs}";
        }
        if (won.Length > 0)
        {
            yield return $"Won in other currencies, in no figure: {won}";
        }
        if (answer.Rows.Sum(row => row.WithoutAmountCount) is var without and > 0)
        {
            yield return $"{Words.Counted(without, "win")} without an amount";
        }
        yield return "Cost against what happened in the same time: it may bring journeys of a later time too.";
    }

    public static string Sums(IEnumerable<Money> amounts) => string.Join(" + ", amounts.GroupBy(amount => amount.CurrencyCode)
        .Select(sum => Figure.Money(sum.Sum(amount => amount.ToDecimal()).ToMoney(sum.Key))));

    static IEnumerable<string> Footer(Economics answer) =>
        [.. AnswerFooter.Of(answer.AsOf, answer.KnownAt, answer.Quality), $"{Words.Counted(answer.JourneyCount, "journey")} in the ledger; days and periods of {answer.TimeZone}"];

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
