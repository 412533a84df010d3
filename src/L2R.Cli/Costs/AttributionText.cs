using System.Globalization;
using Google.Protobuf.Collections;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Costs;

/// <summary>Who is credited with the wins, as text: with one model the amounts too, with several the wins by each side by side.</summary>
static class AttributionText
{
    const int LongestName = 24;
    const double One = 1_000_000_000;

    /// <param name="key">What is credited: channel or campaign.</param>
    /// <param name="names">Of the models.</param>
    public static IEnumerable<string> ToLines(Attribution answer, string key, IReadOnlyDictionary<string, AttributionModel> names)
    {
        var touched = answer.WinCount - answer.UntouchedCount;
        return
        [
            $"{Words.Counted(answer.WinCount, "win")}: {Amounts(answer.WonAmounts)}"
                + (answer.WithoutAmountCount > 0 ? $"; {Figure.Count(answer.WithoutAmountCount)} without an amount" : ""),
            $"Credited to nobody, since no touch is within the lookback: {Figure.Count(answer.UntouchedCount)}, {Amounts(answer.UntouchedAmounts)}",
            "",
            .. touched == 0 ? ["No win of this time has a touch within the lookback."] : Table(answer, key, names, touched),
            "",
            .. answer.RemovalEffects.Count > 0 && touched > 0
                ? [$"removed: the share of wins that would be lost without it, by {Figure.Count(touched + answer.NonconvertingCount)} paths, {Figure.Count(answer.NonconvertingCount)} of them without a win", ""]
                : Array.Empty<string>(),
            .. AnswerFooter.Of(answer.AsOf, answer.KnownAt, answer.Quality),
        ];
    }

    static IEnumerable<string> Table(Attribution answer, string key, IReadOnlyDictionary<string, AttributionModel> names, long touched)
    {
        var effects = answer.RemovalEffects.ToDictionary(effect => (effect.Value, effect.Unknown), effect => effect.Share);
        string[] removed = effects.Count > 0 ? ["removed"] : [];
        var isOne = answer.Models is [_];
        var table = isOne
            ? new TextTable([key, "wins", "share", "amount", .. removed])
            : new TextTable([$"wins by {key}", .. answer.Models.Select(model => names.First(name => name.Value == model.Model).Key), .. removed]);
        foreach (var (index, credit) in answer.Models[0].Credits.Index())
        {
            var name = credit.Unknown ? "(unknown)" : TargetTable.Cut(credit.Value, LongestName);
            string[] figures = isOne
                ? [Wins(credit), Figure.Percent(credit.WinNanos / One / touched), Amounts(credit.Amounts)]
                : [.. answer.Models.Select(model => Wins(model.Credits[index]))];
            table.Add([name, .. figures, .. removed.Select(_ => Figure.Percent(effects.TryGetValue((credit.Value, credit.Unknown), out var share) ? share : null))]);
        }
        return table.ToLines();
    }

    static string Wins(Credit credit) => (credit.WinNanos / One).ToString("#,0.00", CultureInfo.InvariantCulture);

    static string Amounts(RepeatedField<L2R.Type.V1.Money> amounts) => amounts.Count == 0 ? "–" : string.Join(" + ", amounts.Select(Figure.Money));
}
