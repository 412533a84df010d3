using System.CommandLine;
using L2R.Cli.Practice;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using Duration = Google.Protobuf.WellKnownTypes.Duration;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace L2R.Cli.Commands;

/// <summary><c>l2r targets create</c>, <c>update</c> and <c>delete</c>.</summary>
sealed class TargetChanges
{
    const string Prefix = "targets/";

    readonly Option<long?> _volume = new("--volume") { HelpName = "400", Description = "So many journeys shall reach the second stage in each --period" };
    readonly Option<Cadence?> _period = PracticeOptions.Period("--period", "Of --volume");
    readonly Option<double?> _conversion = new("--conversion") { HelpName = "0.35", Description = "Such a share shall reach it within --horizon: over 0, at most 1" };
    readonly Option<Duration?> _velocity = QuestionOptions.OneDuration("--velocity", "2d", "Half of those who reach it within --horizon shall do so within this time");
    readonly Option<Duration?> _horizon = QuestionOptions.OneDuration("--horizon", "30d", "Of --conversion and --velocity");
    readonly Option<Timestamp?> _from;
    readonly Option<Timestamp?> _until;
    readonly Option<bool> _json = new("--json") { Description = "Print the target as JSON" };
    readonly GatewayOptions _gateway = new();
    readonly Checkout _checkout;
    readonly Terminal _terminal;

    TargetChanges(Checkout checkout, Terminal terminal, bool isNew)
    {
        (_checkout, _terminal) = (checkout, terminal);
        _from = QuestionOptions.Create<Timestamp?>("--from", "INSTANT", $"From when on it is in force: an instant with its offset, or a day{(isNew ? "" : ". As it is unless given")}", text => WaterfallQuestion.Instant(text));
        _from.Required = isNew;
        _until = QuestionOptions.Create<Timestamp?>("--until", "INSTANT", "The first instant at which it no longer is. Until the next one unless given", text => WaterfallQuestion.Instant(text));
    }

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var (changes, pair, segment) = (new TargetChanges(checkout, terminal, isNew: true), QuestionOptions.Pair(), PracticeOptions.Segment());
        pair.Required = true;
        return changes.Changing(new Command("create", "Add a target of a pair of stages") { pair, segment }, isNew: true, (parsed, target) =>
        {
            var (from, to) = parsed.GetValue(pair)!.Value;
            (target.From, target.To, target.Segment) = (from, to, parsed.GetValue(segment));
            return (client, options) => client.CreateTargetAsync(new() { Target = target, RequestId = Guid.NewGuid().ToString() }, options);
        });
    }

    public static Command Update(Checkout checkout, Terminal terminal)
    {
        var (changes, name) = (new TargetChanges(checkout, terminal, isNew: false), Named());
        return changes.Changing(new Command("update", "Change what a target aims at, or when; which kind of goal it has stays") { name }, isNew: false, (parsed, target) =>
        {
            target.Name = PracticeOptions.Name(Prefix, parsed.GetRequiredValue(name));
            return (client, options) => client.UpdateTargetAsync(new() { Target = target, RequestId = Guid.NewGuid().ToString() }, options);
        });
    }

    public static Command Delete(Checkout checkout, Terminal terminal)
    {
        var (name, gateway) = (Named(), new GatewayOptions());
        var command = new Command("delete", "Delete a target") { name };
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = gateway.Open(parsed, checkout);
            var request = new DeleteTargetRequest { Name = PracticeOptions.Name(Prefix, parsed.GetRequiredValue(name)), RequestId = Guid.NewGuid().ToString() };
            await opened.AskAsync((client, options) => client.DeleteTargetAsync(request, options), cancellationToken);
            terminal.Line($"{request.Name}: deleted");
            return ExitCodes.Done;
        });
        return command;
    }

    static Argument<string> Named() => new("target") { Description = "Its name, as targets --json has it" };

    Command Changing(
        Command command,
        bool isNew,
        Func<ParseResult, Target, Func<MetricsService.MetricsServiceClient, Grpc.Core.CallOptions, Grpc.Core.AsyncUnaryCall<Target>>> ask)
    {
        foreach (var option in new Option[] { _volume, _period, _conversion, _velocity, _horizon, _from, _until, _json })
        {
            command.Add(option);
        }
        _gateway.AddTo(command);
        command.Validators.Add(result =>
        {
            var goals = new Option[] { _volume, _conversion, _velocity }.Count(goal => result.GetResult(goal) is not null);
            if (goals > 1 || (isNew && goals == 0))
            {
                result.AddError("a target has one of --volume, --conversion and --velocity");
            }
            else if (result.GetResult(_volume) is not null != result.GetResult(_period) is not null)
            {
                result.AddError("--volume and --period go together");
            }
            else if ((result.GetResult(_conversion) ?? result.GetResult(_velocity)) is not null != result.GetResult(_horizon) is not null)
            {
                result.AddError("--conversion and --velocity each go with --horizon");
            }
            else if (!isNew && goals == 0 && result.GetResult(_from) is null && result.GetResult(_until) is null)
            {
                result.AddError("say what to change: a goal, --from or --until");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var opened = _gateway.Open(parsed, _checkout);
            var target = new Target { EffectiveStartTime = parsed.GetValue(_from), EffectiveEndTime = parsed.GetValue(_until) };
            SetGoal(parsed, target);
            var stored = await opened.AskAsync(ask(parsed, target), cancellationToken);
            foreach (var line in parsed.GetValue(_json) ? [stored.ToString()] : TargetTable.ToLines([stored], opened.Tenant).Append(stored.Name))
            {
                _terminal.Line(line);
            }
            return ExitCodes.Done;
        });
        return command;
    }

    void SetGoal(ParseResult parsed, Target target)
    {
        if (parsed.GetValue(_volume) is { } count)
        {
            target.Volume = new() { ReachCount = count, Period = parsed.GetValue(_period)!.Value };
        }
        else if (parsed.GetValue(_conversion) is { } ratio)
        {
            target.Conversion = new() { Ratio = ratio, Horizon = parsed.GetValue(_horizon) };
        }
        else if (parsed.GetValue(_velocity) is { } median)
        {
            target.Velocity = new() { Median = median, Horizon = parsed.GetValue(_horizon) };
        }
    }
}
