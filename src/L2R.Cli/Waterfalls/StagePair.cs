using System.Globalization;
using L2R.Ledger;
using L2R.Ledger.Domain;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Cli.Waterfalls;

/// <summary>Reads words of the command line about pairs of stages and horizons.</summary>
static class StagePair
{
    /// <summary>Two stages, as in LEAD,MQL.</summary>
    /// <exception cref="FormatException">They are not, or do not go down the waterfall.</exception>
    public static (Stage From, Stage To) Read(string text) =>
        text.ToUpperInvariant().Split(',', StringSplitOptions.TrimEntries) is [var first, var second]
        && Stages.TryParse(first, out var from) && Stages.TryParse(second, out var to) && to.IsStage() && from < to
            ? (from.ToProto(), to.ToProto())
            : throw new FormatException($"two of {string.Join(", ", WaterfallQuestion.CohortStages)} in their order, as in LEAD,MQL; not '{text}'");

    /// <summary>Whole numbers, as in 1,2,4 or 1..12.</summary>
    /// <exception cref="FormatException">They are not.</exception>
    public static int[] Horizons(string text)
    {
        static int? Number(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

        if (text.Split("..") is [var low, var high] && Number(low) is { } first && Number(high) is { } last && first <= last && last - first < 1_000)
        {
            return [.. Enumerable.Range(first, last - first + 1)];
        }
        int?[] numbers = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Number)];
        return Array.TrueForAll(numbers, number => number is not null)
            ? [.. numbers.Select(number => number!.Value)]
            : throw new FormatException($"whole numbers, as in 1,2,4 or 1..12; not '{text}'");
    }

    public static string Name(Stage from, Stage to) => $"{WaterfallTable.Name(from)} → {WaterfallTable.Name(to)}";
}
