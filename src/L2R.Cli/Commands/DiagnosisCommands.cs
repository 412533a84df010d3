using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r diagnose</c>, <c>plan</c>, <c>outlook</c>, <c>explain</c> and <c>targets suggest</c>.</summary>
static class DiagnosisCommands
{
    public static Command Diagnose(Checkout checkout, Terminal terminal)
    {
        var (common, horizon) = (new QuestionOptions(), QuestionOptions.Horizon("How long each journey is followed from its start. 90d unless given"));
        var dimension = ByDimension("Whose values are the segments. segment unless given");
        var top = new Option<int>("--top") { HelpName = "10", Description = "How many of the worst segments to show" };
        var command = new Command("diagnose", "Show where the waterfall falls short, whether that is more than chance, and what to fix first") { horizon, dimension, top };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new DiagnoseRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                Horizon = parsed.GetValue(horizon),
                Dimension = parsed.GetValue(dimension) ?? "",
                MaxSegments = parsed.GetValue(top),
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.DiagnoseAsync(request, options), DiagnosisText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Command Plan(Checkout checkout, Terminal terminal)
    {
        var (common, horizon) = (new QuestionOptions(), QuestionOptions.Horizon("How long each journey of the history is followed from its start. 90d unless given"));
        var won = QuestionOptions.Create<Money?>("--won", "EUR250000", "The goal: revenue to be won, in the reporting currency", Amount);
        var wins = new Option<long?>("--wins") { HelpName = "40", Description = "The goal instead: journeys to be won" };
        var from = QuestionOptions.Create<Timestamp?>("--goal-from", "INSTANT", "The first instant of the time in which it shall be won", text => WaterfallQuestion.Instant(text));
        var to = QuestionOptions.Create<Timestamp?>("--goal-to", "INSTANT", "The first instant after it", text => WaterfallQuestion.Instant(text));
        (from.Required, to.Required) = (true, true);
        var command = new Command("plan", "Plan a goal back: what every stage must reach, and when. --from and --to are of the history") { won, wins, from, to, horizon };
        command.Validators.Add(result =>
        {
            if (result.GetResult(won) is null == result.GetResult(wins) is null)
            {
                result.AddError("the goal is either --won or --wins");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new PlanGoalRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                Horizon = parsed.GetValue(horizon),
                GoalStartTime = parsed.GetValue(from),
                GoalEndTime = parsed.GetValue(to),
            };
            if (parsed.GetValue(won) is { } amount)
            {
                request.WonAmount = amount;
            }
            if (parsed.GetValue(wins) is { } count)
            {
                request.WonCount = count;
            }
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.PlanGoalAsync(request, options), PlanningText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Command Outlook(Checkout checkout, Terminal terminal)
    {
        var (common, ahead) = (new QuestionOptions(), QuestionOptions.OneDuration("--ahead", "90d", "How long the time ahead is. 90d unless given"));
        var command = new Command("outlook", "Show the revenue to come from what is open at every stage. --from and --to are of the history") { ahead };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new GetOutlookRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                Ahead = parsed.GetValue(ahead),
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetOutlookAsync(request, options), PlanningText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }

    public static Command Explain(Checkout checkout, Terminal terminal)
    {
        var (common, horizon) = (new QuestionOptions(), QuestionOptions.Horizon("How long each journey is followed from its start; not with --booked. 90d unless given"));
        var (before, after) = (Time("--before", "The earlier period"), Time("--after", "The later period"));
        var booked = new Option<bool>("--booked") { Description = "By what happened in each period, not by the journeys that started in it" };
        var dimension = ByDimension("By whose values the mix is taken. segment unless given");
        var command = new Command("explain", "Show why won revenue differs between two periods") { before, after, booked, horizon, dimension };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (earlier, later) = (parsed.GetValue(before)!.Value, parsed.GetValue(after)!.Value);
            var request = new ExplainChangeRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                BeforeStartTime = earlier.From,
                BeforeEndTime = earlier.To,
                AfterStartTime = later.From,
                AfterEndTime = later.To,
                Basis = parsed.GetValue(booked) ? ChangeBasis.Booked : ChangeBasis.Cohort,
                Horizon = parsed.GetValue(horizon),
                Dimension = parsed.GetValue(dimension) ?? "",
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.ExplainChangeAsync(request, options), PlanningText.ToLines, cancellationToken);
        });
        return common.AddTo(command, takesTime: false);
    }

    /// <summary>Below <c>l2r targets</c>.</summary>
    public static Command SuggestTargets(Checkout checkout, Terminal terminal)
    {
        var (common, horizon) = (new QuestionOptions(), QuestionOptions.Horizon("Of conversions and medians. 30d unless given"));
        var period = QuestionOptions.Create(
            "--by", "month", $"What the history is cut into ({string.Join(", ", WaterfallQuestion.PeriodNames)}). month unless given",
            text => WaterfallQuestion.GroupBy(text) is { Period: var kind, Dimensions.Count: 0 } ? kind : throw new FormatException($"a period ({string.Join(", ", WaterfallQuestion.PeriodNames)}), not '{text}'"));
        var dimension = ByDimension("For each value of this dimension too");
        var command = new Command("suggest", "Suggest targets: from the median of the last eight mature periods to their better quarter") { period, horizon, dimension };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new SuggestTargetsRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                Period = parsed.GetValue(period),
                Horizon = parsed.GetValue(horizon),
                Dimension = parsed.GetValue(dimension) ?? "",
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.SuggestTargetsAsync(request, options), PlanningText.ToLines, cancellationToken);
        });
        return common.AddTo(command, takesTime: false);
    }

    static Option<string?> ByDimension(string what) => QuestionOptions.Create<string?>(
        "--dimension", "segment", $"{what}. One of {WaterfallQuestion.DimensionNames}",
        text => WaterfallQuestion.Dimension(text) ?? throw new FormatException($"one of {WaterfallQuestion.DimensionNames}; not '{text}'"));

    static Option<(Timestamp From, Timestamp To)?> Time(string name, string what)
    {
        var option = QuestionOptions.Create<(Timestamp, Timestamp)?>(
            name, "FROM,TO", $"{what}: its first instant and the first after it, as in 2026-01-01,2026-02-01",
            text => text.Split(',') is [var from, var to] ? (WaterfallQuestion.Instant(from), WaterfallQuestion.Instant(to))
                : throw new FormatException($"two instants, as in 2026-01-01,2026-02-01; not '{text}'"));
        option.Required = true;
        return option;
    }

    static Money? Amount(string text) =>
        text.Length > 3 && text[..3].All(char.IsAsciiLetterUpper)
        && decimal.TryParse(text[3..], NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var amount)
        && amount <= long.MaxValue
            ? amount.ToMoney(text[..3])
            : throw new FormatException($"a currency and an amount, as in EUR250000; not '{text}'");
}
