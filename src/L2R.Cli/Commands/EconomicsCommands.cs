using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Costs;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r economics</c>, <c>nurture</c> and <c>attribution</c>.</summary>
static class EconomicsCommands
{
    static readonly OrderedDictionary<string, AttributionModel> Models = new()
    {
        ["first"] = AttributionModel.FirstTouch,
        ["last"] = AttributionModel.LastTouch,
        ["linear"] = AttributionModel.Linear,
        ["u"] = AttributionModel.UShaped,
        ["w"] = AttributionModel.WShaped,
        ["decay"] = AttributionModel.TimeDecay,
        ["markov"] = AttributionModel.Markov,
    };

    public static Command Economics(Checkout checkout, Terminal terminal)
    {
        var common = new QuestionOptions();
        var by = QuestionOptions.Create(
            "--by", "month,channel", $"Rows for each period ({string.Join(", ", WaterfallQuestion.PeriodNames)}), for each channel or campaign, or both", ReadGroups);
        var command = new Command("economics", "Show what reach and new customers cost, and what was won beside it") { by };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (period, key) = parsed.GetValue(by);
            var request = new GetEconomicsRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                GroupBy = key,
                GroupByPeriod = period,
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetEconomicsAsync(request, options), EconomicsText.ToLines, cancellationToken);
        });
        return common.AddTo(command, hasFilters: false, hasJourneys: false);
    }

    public static Command Nurture(Checkout checkout, Terminal terminal)
    {
        var common = new QuestionOptions();
        var by = QuestionOptions.Create(
            "--by", "month", $"The pool at the end of each period ({string.Join(", ", WaterfallQuestion.PeriodNames)})",
            text => WaterfallQuestion.GroupBy(text) is (var period and not PeriodKind.Unspecified, { Count: 0 })
                ? period
                : throw new FormatException($"a period ({string.Join(", ", WaterfallQuestion.PeriodNames)}), not '{text}'"));
        var horizon = Span("--horizon", "90d", "How long a lead is followed from when it was recycled. 90d unless given");
        var command = new Command("nurture", "Show the leads that wait after RECYCLED, how many come again, and what later journeys bring") { by, horizon };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new GetNurtureRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Horizon = parsed.GetValue(horizon),
                GroupByPeriod = parsed.GetValue(by),
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetNurtureAsync(request, options), NurtureText.ToLines, cancellationToken);
        });
        return common.AddTo(command, hasJourneys: false);
    }

    public static Command Attribution(Checkout checkout, Terminal terminal)
    {
        var common = new QuestionOptions();
        var by = QuestionOptions.Create("--by", "campaign", "What is credited: channel or campaign. Channel unless given", text => text switch
        {
            "channel" => AttributionKey.Channel,
            "campaign" => AttributionKey.Campaign,
            _ => throw new FormatException($"channel or campaign, not '{text}'"),
        });
        var model = QuestionOptions.Create<AttributionModel[]?>(
            "--model", "linear,markov", $"How a win is shared among its touches: {string.Join(", ", Models.Keys)}. All of them unless given",
            text => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(word => Models.TryGetValue(word, out var known)
                ? known
                : throw new FormatException($"models ({string.Join(", ", Models.Keys)}), not '{word}'"))]);
        var lookback = Span("--lookback", "90d", "How long before the close a touch still counts. 90d unless given");
        var halfLife = Span("--half-life", "7d", "Of decay: after how long a touch weighs half. 7d unless given");
        var command = new Command("attribution", "Show which channels or campaigns brought the wins") { by, model, lookback, halfLife };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new GetAttributionRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                CreditTo = parsed.GetValue(by),
                Models = { parsed.GetValue(model) ?? [] },
                Lookback = parsed.GetValue(lookback),
                HalfLife = parsed.GetValue(halfLife),
            };
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetAttributionAsync(request, options),
                answer => AttributionText.ToLines(answer, request.CreditTo == AttributionKey.Campaign ? "campaign" : "channel", Models), cancellationToken);
        });
        return common.AddTo(command, hasFilters: false, hasJourneys: false);
    }

    static Option<Duration?> Span(string name, string example, string description) => QuestionOptions.Create<Duration?>(
        name, example, description,
        text => WaterfallQuestion.Durations(text).ToList() is [var one] ? one : throw new FormatException($"one duration, as in {example}; not '{text}'"));

    static (PeriodKind Period, EconomicsKey Key) ReadGroups(string text)
    {
        var (period, dimensions) = WaterfallQuestion.GroupBy(text);
        return dimensions switch
        {
            [] => (period, EconomicsKey.Unspecified),
            ["channel"] => (period, EconomicsKey.Channel),
            ["campaign"] => (period, EconomicsKey.Campaign),
            _ => throw new FormatException($"a period, channel or campaign, or a period and one of them; not '{text}'"),
        };
    }
}
