using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using Stage = L2R.Ledger.V1.Stage;

namespace L2R.Cli.Commands;

/// <summary><c>l2r cohorts</c>, <c>velocity</c>, <c>flow</c>, <c>compare</c> and <c>curve</c>.</summary>
static class AnswerCommands
{
    static readonly Dictionary<string, HorizonUnit> Units =
        new() { ["day"] = HorizonUnit.Day, ["week"] = HorizonUnit.Week, ["month"] = HorizonUnit.Month };

    public static Command Cohorts(Checkout checkout, Terminal terminal)
    {
        var (common, pair, by) = (new QuestionOptions(), QuestionOptions.Pair(), By("A cohort for each period"));
        var unit = QuestionOptions.Create(
            "--unit", "week", "What horizons are counted in: day (24 h), week (7 d), month (30 d). Week unless given",
            text => Units.TryGetValue(text, out var known) ? known : throw new FormatException($"day, week or month; not '{text}'"));
        var horizons = QuestionOptions.Create<int[]?>(
            "--horizons", "1..12", "The columns, as in 1,2,4 or 1..12. 1,2,4,8,12 unless given", StagePair.Horizons);
        var top = new Option<int>("--top") { HelpName = "20", Description = "How many values of a dimension have rows of their own; the rest is other" };
        var most = new Option<int>("--max-rows") { HelpName = "500", Description = "Refuse a wider table, with what to ask instead" };
        var command = new Command("cohorts", "Show cohorts: how many reached a stage within each horizon") { pair, by, unit, horizons, top, most };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (from, to) = parsed.GetValue(pair) ?? (Stage.Lead, Stage.ClosedWon);
            var groups = parsed.GetValue(by) ?? (PeriodKind.Month, []);
            var request = new GetCohortsRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                From = from,
                To = to,
                GroupByPeriod = groups.Period,
                GroupBy = { groups.Dimensions },
                TopValueCount = parsed.GetValue(top),
                HorizonUnit = parsed.GetValue(unit),
                Horizons = { parsed.GetValue(horizons) ?? [] },
                MaxRows = parsed.GetValue(most),
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetCohortsAsync(request, options), CohortText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Command Velocity(Checkout checkout, Terminal terminal)
    {
        var (common, pair) = (new QuestionOptions(), QuestionOptions.Pair());
        var horizon = QuestionOptions.Horizon("Only mature journeys that converted within it. All that converted unless given");
        var command = new Command("velocity", "Show how long journeys take, how long they stay in each stage, and what is open") { pair, horizon };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (from, to) = parsed.GetValue(pair) ?? (Stage.Lead, Stage.ClosedWon);
            var request = new GetVelocityRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                From = from,
                To = to,
                Horizon = parsed.GetValue(horizon),
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetVelocityAsync(request, options), VelocityText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Command Flow(Checkout checkout, Terminal terminal)
    {
        var (common, by) = (new QuestionOptions(), By("A table for each period", takesDimensions: false));
        var command = new Command("flow", "Show what came into every stage, what left it and where to") { by };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new GetFlowRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                GroupByPeriod = parsed.GetValue(by)?.Period ?? PeriodKind.Unspecified,
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetFlowAsync(request, options), FlowText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Command Compare(Checkout checkout, Terminal terminal)
    {
        var (common, by) = (new QuestionOptions(), By("Groups of both tables"));
        var reportedAt = QuestionOptions.Create<Timestamp?>(
            "--reported-at", "INSTANT", "When the table was reported: what the ledger knew then", text => WaterfallQuestion.Instant(text));
        reportedAt.Required = true;
        var reportedAsOf = QuestionOptions.Create<Timestamp?>(
            "--reported-as-of", "INSTANT", "The instant that the reported table was of. That of --as-of unless given", text => WaterfallQuestion.Instant(text));
        var horizons = QuestionOptions.Create<Duration[]?>(
            "--horizon", "7d,30d", "For cohort conversion, as in 1d,7d,30d", text => [.. WaterfallQuestion.Durations(text)]);
        var command = new Command("compare", "Show what moved since a table was reported, and why") { reportedAt, reportedAsOf, by, horizons };
        command.SetAction((parsed, cancellationToken) =>
        {
            var groups = parsed.GetValue(by) ?? (PeriodKind.Unspecified, []);
            var request = new CompareKnownRequest
            {
                BaselineKnownAt = parsed.GetValue(reportedAt),
                BaselineAsOf = parsed.GetValue(reportedAsOf),
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                GroupByPeriod = groups.Period,
                GroupBy = { groups.Dimensions },
                Horizons = { parsed.GetValue(horizons) ?? [] },
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.CompareKnownAsync(request, options), ComparisonText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Command Curve(Checkout checkout, Terminal terminal)
    {
        var (common, pair) = (new QuestionOptions(), QuestionOptions.Pair());
        var by = QuestionOptions.Create<string?>(
            "--by", "channel", $"A curve for each value of one dimension: {WaterfallQuestion.DimensionNames}",
            text => WaterfallQuestion.GroupBy(text) is (PeriodKind.Unspecified, [var dimension]) ? dimension : throw new FormatException($"one dimension, not '{text}'"));
        var command = new Command("curve", "Show how conversion grows with time, counting open journeys too, and whether two groups differ") { pair, by };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (from, to) = parsed.GetValue(pair) ?? (Stage.Lead, Stage.ClosedWon);
            var request = new GetConversionCurveRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                From = from,
                To = to,
            };
            request.GroupBy.AddRange(parsed.GetValue(by) is { } dimension ? [dimension] : []);
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetConversionCurveAsync(request, options), CurveText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Option<(PeriodKind Period, IReadOnlyList<string> Dimensions)?> By(string what, bool takesDimensions = true) =>
        QuestionOptions.Create<(PeriodKind, IReadOnlyList<string>)?>(
            "--by",
            takesDimensions ? "month,channel" : "month",
            $"{what} ({string.Join(", ", WaterfallQuestion.PeriodNames)})"
                + (takesDimensions ? $", up to two dimensions, or both. Dimensions: {WaterfallQuestion.DimensionNames}" : ""),
            text => WaterfallQuestion.GroupBy(text) is var groups && (takesDimensions || groups.Dimensions.Count == 0)
                ? groups
                : throw new FormatException($"a period ({string.Join(", ", WaterfallQuestion.PeriodNames)}), not '{text}'"));
}
