using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Imports;
using L2R.Cli.Stack;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r settings</c>: how the tenant reports, and which journeys are in no figure.</summary>
static class SettingsCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var (output, gateway) = (new OutputOptions(), new GatewayOptions());
        var command = new Command("settings", "Show how the tenant reports; leave journeys out of every figure. ./l2r call MetricsService/UpdateSettings changes the rest")
        {
            LeaveOut(checkout, terminal),
            CountAgain(checkout, terminal),
        };
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            output.Print(parsed, terminal, await FindAsync(opened, cancellationToken), ToLines);
            return ExitCodes.Done;
        });
        return command;
    }

    static Command LeaveOut(Checkout checkout, Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "Of the rule, in kebab case; one of the same name is replaced" };
        var filters = new Option<DimensionFilter[]?>("--filter")
        {
            HelpName = "segment=test,internal",
            Description = "Journeys with one of these values. Several must all hold",
            CustomParser = result => [.. result.Tokens.Select(token => WaterfallCommand.Read(result, token.Value, WaterfallQuestion.Filter)).OfType<DimensionFilter>()],
        };
        var reasons = new Option<string[]>("--reason") { HelpName = "spam", Description = "Journeys that were once left for an exit with this reason, or with one of several" };
        var gateway = new GatewayOptions();
        var command = new Command("leave-out", "Leave journeys out of every figure; each answer then says how many") { name, filters, reasons };
        gateway.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(filters) is null && result.GetResult(reasons) is null)
            {
                result.AddError("say which journeys: --filter segment=test, --reason spam, or both");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var rule = new OutOfScopeRule
            {
                Name = parsed.GetRequiredValue(name),
                Dimensions =
                {
                    (parsed.GetValue(filters) ?? []).Select(filter => new OutOfScopeDimension
                    {
                        Dimension = filter.Dimension,
                        Values = { filter.Values },
                        IncludeUnknown = filter.IncludeUnknown,
                    }),
                },
                ExitReasons = { parsed.GetValue(reasons) ?? [] },
            };
            using var opened = gateway.Open(parsed, checkout);
            var changed = await ChangeAsync(opened, rules => [.. rules.Where(other => other.Name != rule.Name), rule], cancellationToken);
            terminal.Line(ToLine(changed.OutOfScopeRules.Single(other => other.Name == rule.Name)));
            return ExitCodes.Done;
        });
        return command;
    }

    static Command CountAgain(Checkout checkout, Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "Of the rule" };
        var gateway = new GatewayOptions();
        var command = new Command("count-again", "Take a rule away: its journeys are in every figure again") { name };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var gone = parsed.GetRequiredValue(name);
            using var opened = gateway.Open(parsed, checkout);
            await ChangeAsync(
                opened,
                rules => rules.Any(rule => rule.Name == gone)
                    ? [.. rules.Where(rule => rule.Name != gone)]
                    : throw new CommandFailedException($"There is no rule '{gone}'{(rules.Count == 0 ? "" : $", but {string.Join(", ", rules.Select(rule => rule.Name))}")}."),
                cancellationToken);
            terminal.Line($"{gone}: counted again");
            return ExitCodes.Done;
        });
        return command;
    }

    static Task<Settings> FindAsync(Gateway opened, CancellationToken cancellationToken) =>
        opened.AskAsync((client, options) => client.GetSettingsAsync(new(), options), cancellationToken);

    static async Task<Settings> ChangeAsync(
        Gateway opened, Func<IReadOnlyCollection<OutOfScopeRule>, IReadOnlyList<OutOfScopeRule>> change, CancellationToken cancellationToken)
    {
        var before = await FindAsync(opened, cancellationToken);
        var request = new UpdateSettingsRequest
        {
            Settings = new() { OutOfScopeRules = { change(before.OutOfScopeRules) }, Etag = before.Etag },
            UpdateMask = new FieldMask { Paths = { "out_of_scope_rules" } },
            RequestId = Guid.NewGuid().ToString(),
        };
        return await opened.AskAsync((client, options) => client.UpdateSettingsAsync(request, options), cancellationToken);
    }

    static IEnumerable<string> ToLines(Settings settings) =>
    [
        $"Periods of {settings.TimeZone}, amounts in {settings.CurrencyCode}, the fiscal year begins in {CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(settings.FiscalStartMonth)}",
        .. settings.CustomDimensions.Select(dimension =>
            $"Dimension {ImportMap.CustomPrefix}{dimension.Name}: counts {dimension.Kind switch { CustomDimensionKind.Origin => "as the journey began", CustomDimensionKind.AtEntry => "as at each entry", _ => "as now known" }}"),
        .. settings.OutOfScopeRules.Select(ToLine),
    ];

    static string ToLine(OutOfScopeRule rule)
    {
        IEnumerable<string> conditions =
        [
            .. rule.Dimensions.Select(dimension => $"{dimension.Dimension} {string.Join(" or ", [.. dimension.Values, .. dimension.IncludeUnknown ? ["unknown"] : Array.Empty<string>()])}"),
            .. rule.ExitReasons.Count > 0 ? [$"left for {string.Join(" or ", rule.ExitReasons)}"] : Array.Empty<string>(),
        ];
        return $"Out of scope, {rule.Name}: {string.Join(", ", conditions)}";
    }
}
