using System.Globalization;
using L2R.Metrics.V1;

namespace L2R.Cli.Waterfalls;

/// <summary>A diagnosis as text: what it comes to, the pairs, the levers, the worst segments, and the pairs in sentences.</summary>
static class DiagnosisText
{
    const int LongestSegment = 12; // so that the widest row has 100 columns

    public static IEnumerable<string> ToLines(Diagnosis diagnosis) =>
    [
        .. Wrapped.Lines(diagnosis.Summary),
        "",
        .. Pairs(diagnosis),
        .. Levers(diagnosis),
        .. Segments(diagnosis),
        "",
        .. diagnosis.Pairs.SelectMany(pair => Wrapped.Lines(pair.Sentence, "- ")),
        .. diagnosis.Targets.Where(target => target.NotUsedReason.Length > 0).SelectMany(target => Wrapped.Lines(target.Sentence, "- ")),
        "",
        .. Footer(diagnosis),
    ];

    static IEnumerable<string> Pairs(Diagnosis diagnosis)
    {
        var table = new TextTable("pair", "rate", "of", "95%", "against", "gap", "finding");
        foreach (var pair in diagnosis.Pairs)
        {
            var actual = pair.Gap.Actual;
            table.Add(
                StagePair.Name(pair.From, pair.To), Figure.Ratio(actual), Figure.Count(actual.CohortCount), Whole(actual), Aim(pair.Gap), Points(pair.Gap, "0.0"), Word(pair.Gap.Finding));
        }
        return table.ToLines();
    }

    static IEnumerable<string> Levers(Diagnosis diagnosis)
    {
        if (diagnosis.Levers.Count == 0)
        {
            return [];
        }
        var table = new TextTable($"closing the gap, {diagnosis.AllTogetherAmount.CurrencyCode}", "alone", "half", "± error", "at least", "with all");
        foreach (var lever in diagnosis.Levers)
        {
            table.Add(
                StagePair.Name(lever.From, lever.To), Figure.Whole(lever.AloneAmount), Figure.Whole(lever.HalfAmount), Figure.Whole(lever.StandardErrorAmount),
                Figure.Whole(lever.CautiousAmount), Figure.Whole(lever.TogetherAmount));
        }
        table.Add("all together", "", "", "", "", Figure.Whole(diagnosis.AllTogetherAmount));
        return ["", .. table.ToLines(), "An upper bound: added journeys convert as today's. At least: nine times in ten it is more."];
    }

    static IEnumerable<string> Segments(Diagnosis diagnosis)
    {
        if (diagnosis.Segments.Count == 0)
        {
            return [];
        }
        var table = new TextTable("the worst segments", diagnosis.Dimension, "rate", "against", "gap", "finding", "worth");
        foreach (var segment in diagnosis.Segments)
        {
            table.Add(
                StagePair.Name(segment.From, segment.To), Practice.TargetTable.Cut(segment.Segment.Unknown ? "unknown" : segment.Segment.Value, LongestSegment),
                Figure.Ratio(segment.Gap.Actual), Aim(segment.Gap), Points(segment.Gap, "0"), segment.Gap.Finding == Finding.WithinChance ? "chance" : Word(segment.Gap.Finding), Figure.Whole(segment.ImpactAmount));
        }
        return ["", .. table.ToLines()];
    }

    static IEnumerable<string> Footer(Diagnosis diagnosis)
    {
        var tested = $"{Words.Counted(diagnosis.TestedCount, "segment")} of all pairs tested, one in ten of the real gaps may be chance; {Figure.Count(diagnosis.UntestedCount)} with too few journeys.";
        foreach (var line in Wrapped.Lines(tested))
        {
            yield return line;
        }
        if (diagnosis.ImmatureCount > 0)
        {
            yield return $"{Words.Counted(diagnosis.ImmatureCount, "journey")} too young: not yet followed for {Figure.Horizon(diagnosis.Horizon)}.";
        }
        if (diagnosis.WithoutAmountCount > 0 || diagnosis.LeftOutAmounts.Count > 0)
        {
            yield return $"Without an amount: {Words.Counted(diagnosis.WithoutAmountCount, "win")}. In other currencies: {(diagnosis.LeftOutAmounts.Count == 0 ? "none" : string.Join(", ", diagnosis.LeftOutAmounts.Select(Figure.Money)))}.";
        }
        foreach (var line in AnswerFooter.Of(diagnosis.AsOf, diagnosis.KnownAt, diagnosis.Quality))
        {
            yield return line;
        }
    }

    static string Aim(Gap gap) => gap.HasAimRatio ? $"{Figure.Percent(gap.AimRatio)} {(gap.Yardstick == Yardstick.PeerBenchmark ? "peers" : gap.Yardstick == Yardstick.SegmentTarget ? "own" : "target")}" : "–";

    /// <summary>35–65%: in whole points, so that a row has room for the interval of the gap.</summary>
    static string Whole(Rate rate) => rate.HasIntervalLowRatio ? FormattableString.Invariant($"{rate.IntervalLowRatio * 100:0}–{rate.IntervalHighRatio * 100:0}%") : "";

    /// <summary>-5.0 (-8 to -2): points, with the 95% interval.</summary>
    static string Points(Gap gap, string format) => !gap.HasGapRatio
        ? "–"
        : $"{Signed(gap.GapRatio, format)} ({Signed(gap.GapLowRatio, "0")} to {Signed(gap.GapHighRatio, "0")})";

    static string Signed(double ratio, string format) => (ratio * 100).ToString($"+{format};-{format};{format}", CultureInfo.InvariantCulture);

    static string Word(Finding finding) => finding switch
    {
        Finding.Real => "real",
        Finding.WithinChance => "within chance",
        Finding.AtOrAbove => "at or above",
        Finding.NotEnoughData => "too few",
        _ => "–",
    };
}
