using System.CommandLine;
using Grpc.Core;
using L2R.Cli.Costs;
using L2R.Cli.Practice;
using L2R.Cli.Stack;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r spend</c>: cost that no single touch carries.</summary>
static class SpendCommand
{
    const int PageSize = 1000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
            var added = await AskAsync(opened, client => client.CreateSpendAsync(request, opened.Options(Patience, cancellationToken)).ResponseAsync, cancellationToken);
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
            var spends = await AskAsync(opened, client => ListAsync(client, opened, cancellationToken), cancellationToken);
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
            var added = 0;
            await AskAsync(opened, async client =>
            {
                var missing = SpendFile.Missing(wanted, await ListAsync(client, opened, cancellationToken));
                foreach (var spend in missing)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await client.CreateSpendAsync(new() { Spend = spend, RequestId = Guid.NewGuid().ToString() }, opened.Options(Patience, cancellationToken));
                    added++;
                }
                return added;
            }, cancellationToken);
            terminal.Line($"{Words.Counted(added, "spend")} added, {wanted.Count - added} there already");
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

    static async Task<IReadOnlyList<Spend>> ListAsync(MetricsService.MetricsServiceClient client, Gateway opened, CancellationToken cancellationToken)
    {
        var spends = new List<Spend>();
        var request = new ListSpendsRequest { PageSize = PageSize };
        do
        {
            var page = await client.ListSpendsAsync(request, opened.Options(Patience, cancellationToken));
            spends.AddRange(page.Spends);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return spends;
    }

    static async Task<T> AskAsync<T>(Gateway opened, Func<MetricsService.MetricsServiceClient, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(new MetricsService.MetricsServiceClient(opened.Channel));
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw opened.Explain(exception);
        }
    }
}
