using L2R.Cli.Bench;
using L2R.Cli.Imports;

namespace L2R.Cli.Tests;

public sealed class HistoryFileTests
{
    [Fact]
    public void Writes_the_same_text_for_the_same_seed_and_another_for_another()
    {
        Assert.Equal(Write(50, seed: 1), Write(50, seed: 1));
        Assert.NotEqual(Write(50, seed: 1), Write(50, seed: 2));
    }

    [Fact]
    public void Makes_only_moves_that_an_import_takes_in()
    {
        using var temp = new TempCheckout();
        var file = temp.Write("history.csv", Write(2_000, HistoryFile.Seed));

        var plan = ImportPlan.Create(new FileReader(file, ImportMap.Find("loans"), DateTimeOffset.UnixEpoch.AddYears(50)).Read());

        Assert.Empty(plan.Refusals);
        Assert.Equal((2_000, 0), (plan.JourneyCount, plan.RepeatCount));
        Assert.Equal(plan.LineCount, plan.RowCount);
    }

    [Fact]
    public void Has_about_the_size_and_the_mix_of_the_banks_file()
    {
        var rows = Write(HistoryFile.Journeys, HistoryFile.Seed).Split('\n').Skip(1).SkipLast(1).ToList();
        var byStage = rows.CountBy(row => row.Split(',')[1]).ToDictionary();

        Assert.InRange(rows.Count, 50_300 * 0.98, 50_300 * 1.02);
        Assert.Equal(HistoryFile.Journeys, byStage["LEAD"]);
        Assert.All(
            new Dictionary<string, int>
            {
                ["MQL"] = 7_367,
                ["SAL"] = 5_113,
                ["SQL"] = 5_015,
                ["OPPORTUNITY"] = 7_030,
                ["CLOSED_WON"] = 2_246,
                ["CLOSED_LOST"] = 2_442,
                ["REJECTED"] = 2_185,
                ["DISQUALIFIED"] = 5_815,
            },
            bank => Assert.InRange(byStage[bank.Key], bank.Value * 0.9, bank.Value * 1.1));
        Assert.Equal(rows, rows.OrderBy(row => row.Split(',')[2], StringComparer.Ordinal));
    }

    static string Write(int journeys, int seed)
    {
        using var writer = new StringWriter();
        HistoryFile.Write(writer, journeys, seed);
        return writer.ToString();
    }
}
