using System.CommandLine;
using L2R.Cli.Practice;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Commands;

/// <summary><c>l2r triggers</c>: what makes people talk.</summary>
static class TriggersCommand
{
    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var (output, gateway) = (new OutputOptions("Print each trigger as JSON, one a line"), new GatewayOptions());
        var command = new Command("triggers", "List what opens reviews: figures, dates and activated policies; create one, delete one") { Add(checkout, terminal), Delete(checkout, terminal) };
        output.AddTo(command);
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var triggers = await opened.ListAsync(
                (client, token, options) => client.ListTriggersAsync(new() { PageSize = MetricsCalls.PageSize, PageToken = token }, options),
                page => (page.Triggers, page.NextPageToken),
                cancellationToken);
            output.PrintAll(parsed, terminal, triggers, Trigger.Descriptor, all => TriggerTable.ToLines(all, opened.Tenant));
            return ExitCodes.Done;
        });
        return command;
    }

    static Command Add(Checkout checkout, Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "What people call it; its reviews bear it" };
        var owner = new Option<string>("--owner") { HelpName = "marketing", Description = "The role or team that answers for its reviews", Required = true };
        var measure = QuestionOptions.Create<TriggerMeasure?>("--measure", "conversion", "Fires on a figure of --pair: volume, conversion or velocity", ReadMeasure);
        var (pair, segment) = (QuestionOptions.Pair(), PracticeOptions.Segment());
        var below = new Option<double?>("--below") { HelpName = "0.3", Description = "Where the whole 95% interval is under this: journeys, a share, or days, by the measure" };
        var above = new Option<double?>("--above") { HelpName = "0.6", Description = "Where it is over this" };
        var rearm = new Option<double?>("--rearm") { HelpName = "0.33", Description = "Once fired it fires again only after a period whose figure is back here. The threshold unless given" };
        var horizon = QuestionOptions.OneDuration("--horizon", "30d", "Of conversion and velocity");
        var period = PracticeOptions.Period("--period", "How the figure is cut");
        var on = new Option<Date?>("--on")
        {
            HelpName = "2026-03-31",
            Description = "Fires on this day",
            CustomParser = result => WaterfallCommand.Read(result, result.Tokens[0].Value, ReviewTable.ReadDay),
        };
        var every = PracticeOptions.Period("--every", "With --on: and again from then on. Once unless given");
        var policy = new Option<bool>("--policy-activated") { Description = "Fires when a scoring policy is activated" };
        var days = new Option<int>("--review-days") { HelpName = "14", Description = "Until its review is overdue, 1 to 365. 14 unless given" };
        var json = new Option<bool>("--json") { Description = "Print the trigger as JSON" };
        var gateway = new GatewayOptions();
        var command = new Command("create", "Add a trigger: of a figure (--measure), a day (--on) or a policy")
        {
            name, owner, measure, pair, segment, below, above, rearm, horizon, period, on, every, policy, days, json,
        };
        gateway.AddTo(command);
        command.Validators.Add(result =>
        {
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            if (new Option[] { measure, on, policy }.Count(Has) != 1)
            {
                result.AddError("a trigger has one of --measure, --on and --policy-activated");
            }
            else if (Has(measure) && (Has(below) == Has(above) || !Has(period) || !Has(pair)))
            {
                result.AddError("--measure goes with --pair, --period and one of --below and --above");
            }
            else if (!Has(measure) && new Option[] { pair, segment, below, above, rearm, horizon, period }.FirstOrDefault(Has) is { } other)
            {
                result.AddError($"{other.Name} goes with --measure");
            }
            else if (Has(every) && !Has(on))
            {
                result.AddError("--every goes with --on");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var trigger = new Trigger { DisplayName = parsed.GetRequiredValue(name), Owner = parsed.GetRequiredValue(owner), ReviewDays = parsed.GetValue(days) };
            if (parsed.GetValue(measure) is { } measured)
            {
                var (from, to) = parsed.GetValue(pair)!.Value;
                trigger.Metric = new()
                {
                    From = from,
                    To = to,
                    Segment = parsed.GetValue(segment),
                    Measure = measured,
                    Horizon = parsed.GetValue(horizon),
                    Period = parsed.GetValue(period)!.Value,
                    Comparison = parsed.GetValue(below) is null ? TriggerComparison.Above : TriggerComparison.Below,
                    Threshold = (parsed.GetValue(below) ?? parsed.GetValue(above))!.Value,
                };
                if (parsed.GetValue(rearm) is { } back)
                {
                    trigger.Metric.RearmThreshold = back;
                }
            }
            else if (parsed.GetValue(on) is { } day)
            {
                trigger.Calendar = new() { FirstDate = day, Every = parsed.GetValue(every) ?? Cadence.Unspecified };
            }
            else
            {
                trigger.PolicyActivated = new();
            }
            var stored = await opened.AskAsync(
                (client, options) => client.CreateTriggerAsync(new() { Trigger = trigger, RequestId = Guid.NewGuid().ToString() }, options), cancellationToken);
            foreach (var line in parsed.GetValue(json) ? [stored.ToString()] : TriggerTable.ToLines([stored], opened.Tenant))
            {
                terminal.Line(line);
            }
            return ExitCodes.Done;
        });
        return command;
    }

    static Command Delete(Checkout checkout, Terminal terminal)
    {
        var (name, gateway) = (new Argument<string>("trigger") { Description = "As the list has it" }, new GatewayOptions());
        var command = new Command("delete", "Delete a trigger; its reviews stay") { name };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var request = new DeleteTriggerRequest { Name = PracticeOptions.Name(TriggerTable.Prefix, parsed.GetRequiredValue(name)), RequestId = Guid.NewGuid().ToString() };
            await opened.AskAsync((client, options) => client.DeleteTriggerAsync(request, options), cancellationToken);
            terminal.Line($"{request.Name}: deleted");
            return ExitCodes.Done;
        });
        return command;
    }

    static TriggerMeasure? ReadMeasure(string text) => text switch
    {
        "volume" => TriggerMeasure.Volume,
        "conversion" => TriggerMeasure.Conversion,
        "velocity" => TriggerMeasure.Velocity,
        _ => throw new FormatException($"volume, conversion or velocity; not '{text}'"),
    };
}
