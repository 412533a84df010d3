using System.CommandLine;
using L2R.Cli.Costs;
using L2R.Cli.Practice;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r spend</c>: cost that no single touch carries.</summary>
static class SpendCommand
{
    public static Command Create(Checkout checkout, Terminal terminal) =>
        new("spend", "Keep what campaigns and channels cost, beyond the cost of single touches; ./l2r call MetricsService/UpdateSpend and DeleteSpend change it")
        {
            Add(checkout, terminal),
            List(checkout, terminal),
            Import(checkout, terminal),
        };

    static Command Add(Checkout checkout, Terminal terminal)
    {
        var channel = new Option<string?>("--channel") { HelpName = "NAME", Description = "What it paid for, as touches and journeys have it; or --campaign, or both" };
        var campaign = new Option<string?>("--campaign") { HelpName = "NAME", Description = "As --channel" };
        var (first, last) = (Day("--first", "Its first day, in the tenant's reporting zone"), Day("--last", "Its last day, included"));
        var cost = new Option<Money>("--cost")
        {
            HelpName = "\"310.50 EUR\"",
            Description = "For all these days together",
            Required = true,
            CustomParser = result => WaterfallCommand.Read(result, string.Join(' ', result.Tokens.Select(token => token.Value)), SpendFile.ReadCost),
        };
        var gateway = new GatewayOptions();
        var command = new Command("add", "Add a spend") { channel, campaign, first, last, cost };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var request = new CreateSpendRequest
            {
                RequestId = Guid.NewGuid().ToString(),
                Spend = new()
                {
                    Channel = parsed.GetValue(channel) ?? "",
                    Campaign = parsed.GetValue(campaign) ?? "",
                    FirstDate = parsed.GetRequiredValue(first),
                    LastDate = parsed.GetRequiredValue(last),
                    Cost = parsed.GetRequiredValue(cost),
                },
            };
            var added = await opened.AskAsync((client, options) => client.CreateSpendAsync(request, options), cancellationToken);
            terminal.Line(added.Name);
            return ExitCodes.Done;
        });
        return command;
    }

    static Command List(Checkout checkout, Terminal terminal)
    {
        var (json, gateway) = (new Option<bool>("--json") { Description = "Print each spend as JSON, one a line, with its name" }, new GatewayOptions());
        var command = new Command("list", "List the spends, in the order in which they were added") { json };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var spends = await opened.ListSpendsAsync(cancellationToken);
            foreach (var line in parsed.GetValue(json) ? spends.Select(spend => spend.ToString()) : SpendFile.ToLines(spends, opened.Tenant))
            {
                terminal.Line(line);
            }
            return ExitCodes.Done;
        });
        return command;
    }

    static Command Import(Checkout checkout, Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = $"A CSV file, UTF-8, with the header {string.Join(',', SpendFile.Header)}" };
        var gateway = new GatewayOptions();
        var command = new Command("import", "Add the spends of a file that are not there yet; safe to run again. Adds none where a line is broken") { file };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = SpendFile.Read(parsed.GetRequiredValue(file));
            using var opened = gateway.Open(parsed, checkout);
            var missing = SpendFile.Missing(wanted, await opened.ListSpendsAsync(cancellationToken));
            foreach (var spend in missing)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await opened.AskAsync(
                    (client, options) => client.CreateSpendAsync(new() { Spend = spend, RequestId = Guid.NewGuid().ToString() }, options), cancellationToken);
            }
            terminal.Line($"{Words.Counted(missing.Count, "spend")} added, {wanted.Count - missing.Count} there already");
            return ExitCodes.Done;
        });
        return command;
    }

    static Option<Date> Day(string name, string description) => new(name)
    {
        HelpName = "2026-01-31",
        Description = description,
        Required = true,
        CustomParser = result => WaterfallCommand.Read(result, result.Tokens[0].Value, ReviewTable.ReadDay),
    };
}
