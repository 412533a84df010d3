using System.CommandLine;
using System.Globalization;
using L2R.Cli.Simulation;

namespace L2R.Cli.Commands;

/// <summary><c>l2r simulate</c>: made-up history whose truth is known.</summary>
static class SimulateCommand
{
    static readonly TimeProvider Clock = TimeProvider.System;

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var journeys = Whole("--journeys", "N", "How many leads start a journey; those that come back start further ones", 1, 10_000_000, 10_000);
        var months = Whole("--months", "N", "In how many calendar months they start, 1 to 60", 1, 60, 24);
        var seed = Whole("--seed", "N", "The same options draw the same rows", 0, int.MaxValue, 7);
        var until = new Option<DateTimeOffset?>("--until")
        {
            HelpName = "DAY",
            Description = "History ends at this day's midnight, UTC. Today's unless given",
            CustomParser = result =>
            {
                if (DateTimeOffset.TryParseExact(
                    result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) && day <= Clock.GetUtcNow())
                {
                    return day;
                }
                result.AddError($"--until is a day that has begun, such as 2026-03-31; not '{result.Tokens[0].Value}'");
                return null;
            },
        };
        var file = new Option<string?>("--out") { HelpName = "FILE", Description = "Write the rows as CSV that import --map plain takes, the touches beside it (out.csv, out.touches.csv), and send nothing" };
        var live = Number("--live", "RATE", "Play new leads live instead: so many a second, until Ctrl-C or as many as --journeys says", 0.001, 1_000);
        var speedUp = Number("--speed-up", "N", "With --live: seconds of the simulation that pass in one. 86400 unless given, a day", 1, 1e9);
        var json = new Option<bool>("--json") { Description = "Print the report as JSON" };
        var gateway = new GatewayOptions(tenant: null, "Whose data. Unless given, the tenant bears the simulation's name; with --live it is simulation");
        var command = new Command("simulate", $"Send made-up history, and compare what Metrics measures with what is true. Exit code {ExitCodes.Failed} where they differ")
        {
            journeys,
            months,
            seed,
            until,
            file,
            live,
            speedUp,
            json,
        };
        command.Validators.Add(result =>
        {
            var isLive = result.GetResult(live) is not null;
            if (isLive && new Option[] { months, until, file, json }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } other)
            {
                result.AddError($"--live takes no {other.Name}");
            }
            if (!isLive && result.GetResult(speedUp) is not null)
            {
                result.AddError("--speed-up goes with --live");
            }
        });
        gateway.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var today = new DateTimeOffset(Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
            var options = new SimulationOptions(parsed.GetValue(journeys), parsed.GetValue(months), parsed.GetValue(seed), parsed.GetValue(until) ?? today);
            if (parsed.GetValue(file) is { } path)
            {
                Write(terminal, options, path);
                return ExitCodes.Done;
            }
            using var opened = gateway.Open(parsed, checkout, parsed.GetValue(live) is null ? options.Source : "simulation");
            if (parsed.GetValue(live) is { } rate)
            {
                var count = parsed.GetResult(journeys) is { Implicit: false } ? options.Journeys : (long?)null;
                return await new LiveRun(terminal, options, rate, parsed.GetValue(speedUp) ?? 86_400, Clock).RunAsync(opened, count, cancellationToken);
            }
            return await new Simulate(terminal, isQuiet: parsed.GetValue(json), options, Clock).RunAsync(opened, cancellationToken);
        });
        return command;
    }

    static void Write(Terminal terminal, SimulationOptions options, string path)
    {
        try
        {
            var touchPath = Path.ChangeExtension(path, ".touches.csv");
            using var rowFile = new StreamWriter(path);
            using var touchFile = new StreamWriter(touchPath);
            var (journeys, rows, touches) = Simulate.Write(options, rowFile, touchFile);
            terminal.Line($"{Words.Counted(rows, "row")} of {Words.Counted(journeys, "journey")} in {path}");
            terminal.Line($"{Words.Counted(touches, "touch", "touches")} in {touchPath}");
            terminal.Line($"./l2r import {path} --map plain --tenant simulation-file takes them in,");
            terminal.Line($"./l2r import {touchPath} --touchpoints --tenant simulation-file the touches");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path} cannot be written: {exception.Message}");
        }
    }

    static Option<double?> Number(string name, string helpName, string description, double least, double most) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) && given >= least && given <= most)
            {
                return given;
            }
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is a number from {least:0.###} to {most:0}, not '{result.Tokens[0].Value}'"));
            return null;
        },
    };

    static Option<int> Whole(string name, string helpName, string description, int least, int most, int usual)
    {
        var option = new Option<int>(name) { HelpName = helpName, Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given >= least && given <= most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is a whole number from {least} to {most}, not '{token.Value}'"));
            }
        });
        return option;
    }
}
