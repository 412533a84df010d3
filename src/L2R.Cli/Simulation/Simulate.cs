using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Metrics.V1;

namespace L2R.Cli.Simulation;

/// <summary>Makes history up, sends it or writes it to a file, and compares what Metrics says of it with the truth.</summary>
/// <param name="isQuiet">Prints the report as JSON and nothing else.</param>
sealed class Simulate(Terminal terminal, bool isQuiet, SimulationOptions options, TimeProvider clock)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    /// <summary>Writes the rows, as they were, as CSV with the columns of the map <c>plain</c>.</summary>
    public static (long Journeys, long Rows) Write(SimulationOptions options, TextWriter file)
    {
        file.Write(SimulatedRows.Header + '\n');
        var (journeys, rows) = (0L, 0L);
        foreach (var journey in new Generator(options).Journeys())
        {
            journeys++;
            foreach (var line in SimulatedRows.ToCsv(journey))
            {
                rows++;
                file.Write(line + '\n');
            }
        }
        return (journeys, rows);
    }

    /// <param name="stop">Ends the sending after the batches that are on their way.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">The stack does not answer, or refuses.</exception>
    public async Task<int> RunAsync(Gateway gateway, CancellationToken stop)
    {
        try
        {
            Say(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"draws {Words.Counted(options.Journeys, "lead")} from {options.From:yyyy-MM-dd} until {options.Until:yyyy-MM-dd}, seed {options.Seed} (the same again: --until {options.Until:yyyy-MM-dd})"));
            var (counts, rows, told) = Count();
            var history = await new HistorySender(terminal, isQuiet, clock).SendAsync(options, told, gateway, stop);
            var comparison = history.IsInLedger == true ? await CompareAsync(gateway, counts, stop) : null;
            return Finish(new SimulationReport(options, options.Source, counts[""].Journeys, rows, history, comparison));
        }
        catch (RpcException exception) when (!stop.IsCancellationRequested)
        {
            throw gateway.Explain(exception);
        }
    }

    /// <returns>What the waterfall must show, by channel and under the empty name for all; all rows, and those that are told at first.</returns>
    (Dictionary<string, SimulatedCounts> Counts, long Rows, long Told) Count()
    {
        var counts = new Dictionary<string, SimulatedCounts> { [""] = new() };
        var (rows, late) = (0L, 0L);
        foreach (var journey in new Generator(options).Journeys())
        {
            counts[""].Add(journey);
            if (!counts.TryGetValue(journey.Channel.Name, out var channel))
            {
                counts.Add(journey.Channel.Name, channel = new SimulatedCounts());
            }
            channel.Add(journey);
            rows += journey.Rows.Count;
            late += journey.Late is null ? 0 : 1;
        }
        return (counts, rows, rows - late);
    }

    async Task<Comparison> CompareAsync(Gateway gateway, Dictionary<string, SimulatedCounts> counts, CancellationToken stop)
    {
        Say("asks Metrics, and computes the truth");
        var truth = Task.Run(() => SimulatedTruth.Of(options), stop);
        var metrics = new MetricsService.MetricsServiceClient(gateway.Channel);
        var whole = await metrics.GetWaterfallAsync(Comparison.Question(options, byChannel: false), gateway.Options(Patience, stop));
        var byChannel = await metrics.GetWaterfallAsync(Comparison.Question(options, byChannel: true), gateway.Options(Patience, stop));
        var groups = byChannel.Groups.ToDictionary(group => group.Dimensions[0].Value);
        groups.Add("", whole.Groups[0]);
        return Comparison.Of(groups, counts, await truth);
    }

    int Finish(SimulationReport report)
    {
        if (isQuiet)
        {
            terminal.Line(report.ToJson());
        }
        else
        {
            foreach (var line in report.ToLines())
            {
                terminal.Line(line);
            }
        }
        return report.History.IsInLedger is null ? ExitCodes.Interrupted
            : report.Comparison is { IsGood: true } ? ExitCodes.Done
            : ExitCodes.Failed;
    }

    void Say(string text)
    {
        if (!isQuiet)
        {
            terminal.Step(text);
        }
    }
}
