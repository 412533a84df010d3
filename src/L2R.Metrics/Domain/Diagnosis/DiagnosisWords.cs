using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>A diagnosis in sentences: the one source of them.</summary>
public sealed class DiagnosisWords(DiagnosisAnswer answer, DiagnosisQuery query)
{
    static readonly Dictionary<Stage, string[]> CausesFrom = new()
    {
        [Stage.Lead] = ["targeting", "messaging", "content"],
        [Stage.Mql] = ["scoring that is too loose", "the handoff from marketing to sales"],
        [Stage.Sal] = ["follow-up speed", "fit of accepted leads"],
        [Stage.Sql] = ["discovery", "qualification", "problem framing"],
        [Stage.Opportunity] = ["deal execution", "competitive position", "pricing", "product fit"],
    };

    /// <summary>What usually is behind a gap.</summary>
    public static IReadOnlyList<string> Causes(Pair pair) => CausesFrom[pair.From];

    public string Summary()
    {
        var (all, beside) = (answer.Targets.Count, answer.Targets.Count(target => target.NotUsed is not null));
        return beside == 0 ? Found() : Plain.Text(
            $"{Found()} Of {Counted(all, "target")} in force {beside:#,0} {(beside == 1 ? "measures" : "measure")} no pair and no segment here: how {(beside == 1 ? "it stands is" : "they stand is")} told apart.");
    }

    string Found()
    {
        var revenue = answer.Revenue;
        if (revenue.Journeys == 0)
        {
            return $"No journey of that time has been followed for {Plain.Days(query.Ways.Horizon)}: there is nothing to diagnose.";
        }
        var begin = Plain.Text($"{Counted(revenue.Journeys, "journey")} brought {Amount(revenue.Won)} within {Plain.Days(query.Ways.Horizon)}. ");
        var real = answer.Pairs.Where(pair => pair.Gap.Finding == Finding.Real).Select(pair => pair.Pair).ToHashSet();
        var first = answer.Levers.FirstOrDefault(lever => real.Contains(lever.Pair));
        if (first is null)
        {
            return begin + (real.Count > 0
                ? $"{Plain.List([.. real.Select(Plain.Name)])} {(real.Count == 1 ? "falls" : "fall")} short by more than chance, at a price that cannot be estimated."
                : answer.Pairs.All(pair => pair.Gap.Finding is Finding.NotEnoughData or Finding.NothingToCompare)
                    ? "There is not enough data, or nothing to compare with, to say where it falls short."
                    : "No pair falls short by more than chance explains.");
        }
        var all = answer.Levers.Count > 1 ? $"; all {answer.Levers.Count} gaps together {Amount(answer.AllTogether)}" : "";
        return $"{begin}Fix {Plain.Name(first.Pair)} first: closing that gap alone is worth up to {Amount(first.Alone)}{all}.";
    }

    public string Of(PairDiagnosis pair)
    {
        var lever = answer.Levers.FirstOrDefault(lever => lever.Pair == pair.Pair);
        List<string> sentences = [Compared(Plain.Name(pair.Pair), pair.Gap)];
        if (lever is not null)
        {
            sentences.Add($"Closing {(pair.Gap.IsBelow ? "it" : "the gaps of its segments")} alone is worth up to {Amount(lever.Alone)} (half: {Amount(lever.Alone / 2)}).");
        }
        else if (pair.Gap.IsBelow)
        {
            sentences.Add($"It has no price: {pair.NoLever}.");
        }
        if (pair.Gap.Finding == Finding.Real)
        {
            sentences.Add($"Look first at {Plain.List(Causes(pair.Pair))}.");
        }
        if (pair.Velocity is { } velocity)
        {
            sentences.Add(Of(velocity));
        }
        return string.Join(' ', sentences);
    }

    public string Of(SegmentDiagnosis segment)
    {
        var name = $"{Plain.Name(segment.Pair)} of {query.Ways.Dimension.Name} {segment.Value ?? "unknown"}";
        var price = segment.Impact is { } impact ? $"Closing it alone is worth up to {Amount(impact)}." : "It has no price: nobody converted.";
        return $"{Compared(name, segment.Gap)} {price}";
    }

    public string Of(TargetStanding standing)
    {
        var details = standing.Target.Details;
        var name = Plain.Name(details.Pair) + (details.Segment is { } segment ? $" of {segment.Dimension} {segment.Value}" : "");
        var stands = standing switch
        {
            { Conversion: { } gap } => Compared(name, gap),
            { Velocity: { } velocity } => $"{name}: {Of(velocity)}",
            { Volume: { } volume } => Of(name, volume),
            _ => $"{name}: no period has ended.",
        };
        return standing.NotUsed is { } why ? $"{stands} No pair and no segment is measured by it: {why}." : stands;
    }

    static string Of(string name, VolumeGap volume)
    {
        var begin = Plain.Text($"{name}: {volume.Count:#,0} reached {volume.Target.Details.Pair.To.Name()} in {volume.Period.Name} against a target of {volume.Aim:#,0}");
        var interval = Plain.Text($"{volume.Interval.Low:#,0} to {volume.Interval.High:#,0} with 95%");
        return volume.Finding switch
        {
            Finding.AtOrAbove => $"{begin}.",
            Finding.Real => Plain.Text($"{begin}: {volume.Aim - volume.Count:#,0} short, more than chance explains ({interval})."),
            _ => Plain.Text($"{begin}: {volume.Aim - volume.Count:#,0} short, no more than chance explains ({interval})."),
        };
    }

    static string Compared(string name, Gap gap)
    {
        var within = gap.Target?.Details.Goal is Goal.Conversion goal ? $" within {Plain.Days(goal.Horizon)}" : "";
        var aim = gap.Aim is { } ratio
            ? (gap.Yardstick == Yardstick.PeerBenchmark ? "a peer benchmark of " : gap.Yardstick == Yardstick.SegmentTarget ? "its own target of " : "a target of ") + Plain.Percent(ratio)
            : "";
        var rate = gap.Actual.N > 0 ? Plain.Rate(gap.Actual) : "";
        return gap.Finding switch
        {
            Finding.NothingToCompare when gap.Actual.N == 0 => $"{name}: nobody came so far.",
            Finding.NothingToCompare => $"{name} converts {rate}; there is no target and no other segment to compare with.",
            Finding.NotEnoughData => Plain.Text($"{name}: not enough data to compare with {aim}; {gap.Actual.Converted:#,0} of {gap.Actual.N:#,0} converted{within}."),
            Finding.AtOrAbove => $"{name} converts {rate}{within}, at or above {aim}.",
            Finding.WithinChance => $"{name} converts {rate}{within} against {aim}: no more of a gap than chance explains.",
            _ => $"{name} converts {rate}{within} against {aim}: a gap that chance does not explain.",
        };
    }

    string Of(VelocityGap velocity)
    {
        if (velocity.Median is not { } median)
        {
            return Plain.Text($"Not enough data for its velocity target: {velocity.N:#,0} converted in time.");
        }
        var begin = $"Half take {Plain.Time(median)} or less against a target of {Plain.Time(velocity.Aim.Median)}";
        return velocity is { PulledForward: > 0 and var amount, ADay: { } day, Excess: { } excess }
            ? $"{begin}: each day gained pulls {Amount(day)} forward, once, and all {Plain.Time(excess)} {Amount(amount)}; no revenue more, only earlier."
            : $"{begin}.";
    }

    string Amount(decimal amount) => Plain.Amount(amount, query.Ways.Currency);

    static string Counted(long count, string what) => Plain.Text($"{count:#,0} {what}{(count == 1 ? "" : "s")}");
}
