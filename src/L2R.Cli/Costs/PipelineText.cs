using System.Globalization;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Costs;

/// <summary>Handoff and pipeline as text: a table for each of its parts.</summary>
static class PipelineText
{
    const int LongestName = 24;

    public static IEnumerable<string> ToLines(Pipeline answer)
    {
        IEnumerable<string>[] tables =
        [
            answer.Rows.Count == 0 ? ["No MQL, and no opportunity opened or closed: the filters or the time leave none."] : Handoffs(answer),
            answer.ResponseSla is null ? [] : Slas(answer),
            answer.Rows.Count == 0 ? [] : Opened(answer),
            answer.Rows.Count == 0 ? [] : Closed(answer),
            answer.OpenPipelines.Count == 0 ? [] : Open(answer),
            answer.OpenPipelines.Count == 0 ? [] : Velocities(answer),
            Notes(answer),
        ];
        return
        [
            .. tables.Where(table => table.Any()).SelectMany(table => table.Append("")),
            .. AnswerFooter.Of(answer.AsOf, answer.KnownAt, answer.Quality),
            $"{Words.Counted(answer.JourneyCount, "journey")} in the ledger; periods of {answer.TimeZone}",
        ];
    }

    static IEnumerable<string> Handoffs(Pipeline answer)
    {
        var table = new TextTable("MQL to sales", "MQL", "undecided", "accepted", "95% interval", "of n", "response", "p90");
        foreach (var row in answer.Rows)
        {
            var handoff = row.Handoff;
            table.Add(
            [
                Name(row), Figure.Count(handoff.CohortCount), Figure.Count(handoff.UndecidedCount), .. Rate(handoff.AcceptRate), Figure.Time(handoff.ResponseTime.Median),
                Figure.Time(handoff.ResponseTime.P90),
            ]);
        }
        return table.ToLines();
    }

    static IEnumerable<string> Slas(Pipeline answer)
    {
        var table = new TextTable($"acted within {Figure.Horizon(answer.ResponseSla)}", "met", "95% interval", "of n", "not yet due", "ended before", "start unknown");
        foreach (var row in answer.Rows)
        {
            var sla = row.Handoff.SlaAttainment;
            table.Add([Name(row), .. Rate(sla.AttainmentRate), Figure.Count(sla.NotYetDueCount), Figure.Count(sla.EndedCount), Figure.Count(sla.InferredCount)]);
        }
        return table.ToLines();
    }

    static IEnumerable<string> Opened(Pipeline answer)
    {
        var table = new TextTable("opened then", "won", "95% interval", "of n", "by amount", "of amount", "still open");
        foreach (var row in answer.Rows)
        {
            var opened = row.Opened;
            table.Add([Name(row), .. Rate(opened.CohortWinRateByCount), .. Rate(opened.CohortWinRateByAmount), Figure.Percent(opened.HasOpenRatio ? opened.OpenRatio : null)]);
        }
        return table.ToLines();
    }

    static IEnumerable<string> Closed(Pipeline answer)
    {
        var table = new TextTable("closed then", "won", "95% interval", "of n", "by amount", "of amount");
        foreach (var row in answer.Rows)
        {
            table.Add([Name(row), .. Rate(row.Closed.ClosedWinRateByCount), .. Rate(row.Closed.ClosedWinRateByAmount)]);
        }
        return table.ToLines();
    }

    static IEnumerable<string> Open(Pipeline answer)
    {
        var table = new TextTable("open now", "open", $"in {answer.OpenPipelines[0].OpenAmount.CurrencyCode}", "p", "p is", "weighted");
        foreach (var open in answer.OpenPipelines)
        {
            var weighted = open.WeightedPipeline;
            table.Add(
                Name(open), Figure.Count(open.OpenCount), Figure.Whole(open.OpenAmount), Figure.Percent(weighted.HasWinProbability ? weighted.WinProbability : null),
                weighted.Source == WinProbabilitySource.Policy ? "set" : $"learnt from {Figure.Count(weighted.ClosedCount)}", Figure.Whole(weighted.WeightedAmount));
        }
        return table.ToLines();
    }

    static IEnumerable<string> Velocities(Pipeline answer)
    {
        var table = new TextTable("sales velocity", "open", "won of closed", "average won", "mean cycle", $"{answer.OpenPipelines[0].OpenAmount.CurrencyCode} a day");
        foreach (var open in answer.OpenPipelines)
        {
            var velocity = open.SalesVelocity;
            table.Add(
                Name(open), Figure.Count(velocity.OpenCount), Figure.Ratio(velocity.ClosedWinRateByCount), Figure.Whole(velocity.AverageWonAmount),
                Figure.Time(velocity.MeanCycle), velocity.AmountPerDay is { } perDay ? perDay.ToDecimal().ToString("#,0.00", CultureInfo.InvariantCulture) : "–");
        }
        return table.ToLines();
    }

    /// <summary>The share, its interval and what it is of.</summary>
    static string[] Rate(Rate rate) => [Figure.Ratio(rate), Figure.Interval(rate), Figure.Count(rate.CohortCount)];

    static string[] Rate(AmountRate rate) => [Figure.Percent(rate.HasRatio ? rate.Ratio : null), Figure.Whole(rate.TotalAmount)];

    static IEnumerable<string> Notes(Pipeline answer)
    {
        if (answer.Rows.Sum(row => row.Handoff.StartedAboveCount) is var above and > 0)
        {
            yield return $"{Words.Counted(above, "journey")} started above MQL: handed over by nobody, in no rate.";
        }
        if (answer.Rows.Sum(row => row.Handoff.ResponseInferredCount) is var inferred and > 0)
        {
            yield return $"{Words.Counted(inferred, "journey")} skipped MQL or SAL: how long sales took is unknown.";
        }
        if (answer.Rows.Sum(row => row.Opened.ReplacedCount) is var replaced and > 0)
        {
            yield return $"{Words.Counted(replaced, "replaced opportunity", "replaced opportunities")}, neither won nor lost.";
        }
        foreach (var reason in answer.OpenPipelines.SelectMany(open => new[] { open.WeightedPipeline.NoValueReason, open.SalesVelocity.NoValueReason })
            .Where(reason => reason.Length > 0).Distinct())
        {
            yield return $"– where {reason}";
        }
        if (answer.OpenPipelines.Sum(open => open.WithoutAmountCount) is var without and > 0)
        {
            yield return $"{Words.Counted(without, "open opportunity", "open opportunities")} without an amount";
        }
        foreach (var (what, amounts) in new[]
        {
            ("Opened", answer.Rows.SelectMany(row => row.Opened.CohortWinRateByAmount.LeftOutAmounts)),
            ("Closed", answer.Rows.SelectMany(row => row.Closed.ClosedWinRateByAmount.LeftOutAmounts)),
            ("Open", answer.OpenPipelines.SelectMany(open => open.LeftOutAmounts)),
        })
        {
            if (EconomicsText.Sums(amounts) is { Length: > 0 } sums)
            {
                yield return $"{what} in other currencies, in no figure: {sums}";
            }
        }
        if (answer.Rows.Any(row => row.Period is not null))
        {
            yield return "What is open, p and sales velocity are of the whole time.";
        }
    }

    static string Name(PipelineRow row) => Name(row.Period?.Name, row.Dimensions);

    static string Name(OpenPipeline open) => Name(period: null, open.Dimensions);

    static string Name(string? period, IEnumerable<DimensionValue> dimensions)
    {
        var name = string.Join(" · ", new[] { period }.OfType<string>().Concat(dimensions.Select(value => value.Unknown ? "unknown" : value.Value)));
        return name.Length == 0 ? "all" : TargetTable.Cut(name, LongestName);
    }
}
