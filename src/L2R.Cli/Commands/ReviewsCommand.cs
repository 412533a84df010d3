using System.CommandLine;
using L2R.Cli.Practice;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r reviews</c>: what is to be talked about, and what was decided.</summary>
static class ReviewsCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Those that are closed too" };
        var (output, gateway) = (new OutputOptions("Print the answer as JSON, each review on a line"), new GatewayOptions());
        var command = new Command("reviews", "List the reviews that wait for a decision, the most overdue first; show one, close one")
        {
            Show(checkout, terminal),
            Close(checkout, terminal),
            all,
        };
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var listed = await opened.ListAsync(
                (client, token, options) => client.ListReviewsAsync(new() { PageSize = MetricsCalls.PageSize, PageToken = token }, options),
                page => (page.Reviews, page.NextPageToken),
                cancellationToken);
            var reviews = listed.Where(review => parsed.GetValue(all) || review.State != ReviewState.Closed).ToList();
            output.PrintAll(parsed, terminal, reviews, Review.Descriptor, shown => ReviewTable.ToLines(shown, opened.Tenant, parsed.GetValue(all)));
            return ExitCodes.Done;
        });
        return command;
    }

    static Command Show(Checkout checkout, Terminal terminal)
    {
        var (name, json, gateway) = (Named(), Json(), new GatewayOptions());
        var command = new Command("show", "Show the agenda of a review, and its decision") { name, json };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var request = new GetReviewRequest { Name = ReviewTable.Name(parsed.GetRequiredValue(name)) };
            var review = await opened.AskAsync((client, options) => client.GetReviewAsync(request, options), cancellationToken);
            Print(terminal, parsed.GetValue(json) ? [review.ToString()] : ReviewTable.ToLines(review));
            return ExitCodes.Done;
        });
        return command;
    }

    static Command Close(Checkout checkout, Terminal terminal)
    {
        var decision = new Option<string>("--decision") { HelpName = "TEXT", Description = "What was decided", Required = true };
        var tradeOff = new Option<string>("--trade-off") { HelpName = "TEXT", Description = "What is given up for what", Required = true };
        var next = new Option<Date>("--next")
        {
            HelpName = "2026-03-31",
            Description = "The day on which the decision is looked at again",
            Required = true,
            CustomParser = result => WaterfallCommand.Read(result, result.Tokens[0].Value, ReviewTable.ReadDay),
        };
        var (name, json, gateway) = (Named(), Json(), new GatewayOptions());
        var command = new Command("close", "Close a review with its decision; the review of that decision is open from then on") { name, decision, tradeOff, next, json };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var request = new CloseReviewRequest
            {
                Name = ReviewTable.Name(parsed.GetRequiredValue(name)),
                RequestId = Guid.NewGuid().ToString(),
                Decision = parsed.GetRequiredValue(decision),
                TradeOff = parsed.GetRequiredValue(tradeOff),
                NextReviewDate = parsed.GetRequiredValue(next),
            };
            var review = await opened.AskAsync((client, options) => client.CloseReviewAsync(request, options), cancellationToken);
            Print(terminal, parsed.GetValue(json) ? [review.ToString()] : ReviewTable.ToLines(review));
            return ExitCodes.Done;
        });
        return command;
    }

    static Argument<string> Named() => new("review") { Description = "As the list has it" };

    static Option<bool> Json() => new("--json") { Description = "Print the answer as JSON, each review on a line" };

    static void Print(Terminal terminal, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            terminal.Line(line);
        }
    }
}
