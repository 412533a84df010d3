using System.CommandLine;
using System.Globalization;
using L2R.Cli.Costs;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r pipeline</c>.</summary>
static class PipelineCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var (common, by) = (new QuestionOptions(), AnswerCommands.By("Rows for each period"));
        var sla = QuestionOptions.OneDuration("--sla", "1d", "Within which sales has to act on an MQL. Without it no attainment is shown");
        var probability = QuestionOptions.Create<double?>(
            "--win-probability", "0.3", "How likely an open opportunity is won, 0 to 1. Learnt from what was closed unless given",
            text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given)
                ? given
                : throw new FormatException($"a number from 0 to 1, as in 0.3; not '{text}'"));
        var command = new Command("pipeline", "Show how sales takes what marketing hands over, which opportunities were won, and what is open") { by, sla, probability };
        command.SetAction((parsed, cancellationToken) =>
        {
            var groups = parsed.GetValue(by) ?? (PeriodKind.Unspecified, []);
            var request = new GetPipelineRequest
            {
                AsOf = parsed.GetValue(common.AsOf),
                KnownAt = parsed.GetValue(common.KnownAt),
                StartTime = parsed.GetValue(common.From),
                EndTime = parsed.GetValue(common.To),
                Filters = { parsed.GetValue(common.Filters) ?? [] },
                Journeys = parsed.GetValue(common.Journeys),
                GroupByPeriod = groups.Period,
                GroupBy = { groups.Dimensions },
                ResponseSla = parsed.GetValue(sla),
            };
            if (parsed.GetValue(probability) is { } given)
            {
                request.WinProbability = given;
            }
            return common.AskAsync(
                parsed, checkout, terminal, (client, options) => client.GetPipelineAsync(request, options), PipelineText.ToLines, cancellationToken);
        });
        return common.AddTo(command);
    }
}
