using System.CommandLine;
using System.Globalization;
using L2R.Cli.Imports;
using L2R.Cli.Stack;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using FieldMask = Google.Protobuf.WellKnownTypes.FieldMask;

namespace L2R.Cli.Commands;

/// <summary><c>l2r settings</c>: how the tenant reports, and which journeys are in no figure.</summary>
static class SettingsCommand
{
    const string OutOfScopeRules = "out_of_scope_rules";

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var (output, gateway) = (new OutputOptions(), new GatewayOptions());
        var command = new Command("settings", "Show how the tenant reports and which journeys it counts; change it")
        {
            Set(checkout, terminal),
            Dimension(checkout, terminal),
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

    static Command Set(Checkout checkout, Terminal terminal)
    {
        var zone = new Option<string?>("--time-zone") { HelpName = "Europe/Amsterdam", Description = "Whose days, weeks and months the periods are" };
        var currency = new Option<string?>("--currency") { HelpName = "EUR", Description = "Of reports, ISO 4217" };
        var fiscal = new Option<int?>("--fiscal-start") { HelpName = "4", Description = "Month in which the fiscal year begins, 1 to 12" };
        var command = new Command("set", "Say whose periods and which currency the answers have") { zone, currency, fiscal };
        var fields = new (Option Option, string Path)[] { (zone, "time_zone"), (currency, "currency_code"), (fiscal, "fiscal_start_month") };
        command.Validators.Add(result =>
        {
            if (fields.All(field => result.GetResult(field.Option) is null))
            {
                result.AddError($"say what to set: {string.Join(", ", fields.Select(field => $"{field.Option.Name} {field.Option.HelpName}"))}");
            }
        });
        return Changing(checkout, terminal, command, (parsed, _) => (
            new() { TimeZone = parsed.GetValue(zone) ?? "", CurrencyCode = parsed.GetValue(currency) ?? "", FiscalStartMonth = parsed.GetValue(fiscal) ?? 0 },
            [.. fields.Where(field => parsed.GetResult(field.Option) is not null).Select(field => field.Path)]),
            (_, settings) => ToLines(settings).First());
    }

    static Command Dimension(Checkout checkout, Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "custom.NAME, as in questions and import maps" };
        var counts = new Option<string>("--counts")
        {
            HelpName = "current",
            Description = "Which of its values: origin (as the journey began), at-entry (as at each entry of a stage), current (as now known)",
            Required = true,
        };
        counts.AcceptOnlyFromAmong("origin", "at-entry", "current");
        var command = new Command("dimension", "Say which value of a dimension of your own counts; unless said, the current one") { name, counts };
        return Changing(checkout, terminal, command, (parsed, before) =>
        {
            var declared = new CustomDimension
            {
                Name = NameOf(parsed),
                Kind = parsed.GetValue(counts) switch
                {
                    "origin" => CustomDimensionKind.Origin,
                    "at-entry" => CustomDimensionKind.AtEntry,
                    _ => CustomDimensionKind.Current,
                },
            };
            return (new() { CustomDimensions = { before.CustomDimensions.Where(other => other.Name != declared.Name), declared } }, ["custom_dimensions"]);
        },
            (parsed, settings) => ToLine(settings.CustomDimensions.Single(dimension => dimension.Name == NameOf(parsed))));

        string NameOf(ParseResult parsed) =>
            parsed.GetRequiredValue(name) is var given && given.StartsWith(ImportMap.CustomPrefix, StringComparison.Ordinal) ? given[ImportMap.CustomPrefix.Length..] : given;
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
        var command = new Command("leave-out", "Leave journeys out of every figure; each answer then says how many") { name, filters, reasons };
        command.Validators.Add(result =>
        {
            if (result.GetResult(filters) is null && result.GetResult(reasons) is null)
            {
                result.AddError("say which journeys: --filter segment=test, --reason spam, or both");
            }
        });
        return Changing(checkout, terminal, command, (parsed, before) =>
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
            return (new() { OutOfScopeRules = { before.OutOfScopeRules.Where(other => other.Name != rule.Name), rule } }, [OutOfScopeRules]);
        },
            (parsed, settings) => ToLine(settings.OutOfScopeRules.Single(rule => rule.Name == parsed.GetRequiredValue(name))));
    }

    static Command CountAgain(Checkout checkout, Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "Of the rule" };
        var command = new Command("count-again", "Take a rule away: its journeys are in every figure again") { name };
        return Changing(checkout, terminal, command, (parsed, before) =>
        {
            var (gone, rules) = (parsed.GetRequiredValue(name), before.OutOfScopeRules);
            return rules.Any(rule => rule.Name == gone)
                ? (new() { OutOfScopeRules = { rules.Where(rule => rule.Name != gone) } }, [OutOfScopeRules])
                : throw new CommandFailedException($"There is no rule '{gone}'{(rules.Count == 0 ? "" : $", but {string.Join(", ", rules.Select(rule => rule.Name))}")}.");
        },
            (parsed, _) => $"{parsed.GetRequiredValue(name)}: counted again");
    }

    /// <summary>Has a command change settings as they are, unless somebody else did meanwhile.</summary>
    /// <param name="change">From the settings before to those wanted, and the fields of them that are meant.</param>
    /// <param name="toLine">What a person is told of the settings after.</param>
    static Command Changing(
        Checkout checkout, Terminal terminal, Command command, Func<ParseResult, Settings, (Settings Wanted, string[] Paths)> change, Func<ParseResult, Settings, string> toLine)
    {
        var (output, gateway) = (new OutputOptions("Print the settings after the change as JSON"), new GatewayOptions());
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var before = await FindAsync(opened, cancellationToken);
            var (wanted, paths) = change(parsed, before);
            wanted.Etag = before.Etag;
            var request = new UpdateSettingsRequest { Settings = wanted, UpdateMask = new FieldMask { Paths = { paths } }, RequestId = Guid.NewGuid().ToString() };
            var after = await opened.AskAsync((client, options) => client.UpdateSettingsAsync(request, options), cancellationToken);
            output.Print(parsed, terminal, after, settings => [toLine(parsed, settings)]);
            return ExitCodes.Done;
        });
        return command;
    }

    static Task<Settings> FindAsync(Gateway opened, CancellationToken cancellationToken) =>
        opened.AskAsync((client, options) => client.GetSettingsAsync(new(), options), cancellationToken);

    static IEnumerable<string> ToLines(Settings settings) =>
    [
        $"Periods of {settings.TimeZone}, amounts in {settings.CurrencyCode}, the fiscal year begins in {CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(settings.FiscalStartMonth)}",
        .. settings.CustomDimensions.Select(ToLine),
        .. settings.OutOfScopeRules.Select(ToLine),
    ];

    static string ToLine(CustomDimension dimension)
    {
        var counts = dimension.Kind switch
        {
            CustomDimensionKind.Origin => "as the journey began",
            CustomDimensionKind.AtEntry => "as at each entry",
            _ => "as now known",
        };
        return $"Dimension {ImportMap.CustomPrefix}{dimension.Name}: counts {counts}";
    }

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
