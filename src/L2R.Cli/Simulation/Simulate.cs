using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Metrics.V1;

namespace L2R.Cli.Simulation;

/// <summary>Makes history up, sends it or writes it to a file, and compares what Metrics says of it with the truth.</summary>
/// <param name="isQuiet">Prints the report as JSON and nothing else.</param>
sealed class Simulate(Terminal terminal, bool isQuiet, SimulationOptions options, TimeProvider clock)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>Writes the rows and the touches, as they were, as CSV with the columns of the maps <c>plain</c>.</summary>
    public static (long Journeys, long Rows, long Touches) Write(SimulationOptions options, TextWriter rowFile, TextWriter touchFile)
    {
        rowFile.Write(SimulatedRows.Header + '\n');
        touchFile.Write(SimulatedTouches.Header + '\n');
        var (journeys, rows, touches, drawn) = (0L, 0L, 0L, new SimulatedTouches(options));
        foreach (var journey in new Generator(options).Journeys())
        {
            journeys++;
            foreach (var line in SimulatedRows.ToCsv(journey))
            {
                rows++;
                rowFile.Write(line + '\n');
            }
            foreach (var line in drawn.ToCsv(journey))
            {
                touches++;
                touchFile.Write(line + '\n');
            }
        }
        return (journeys, rows, touches);
    }

    /// <param name="stop">Ends the sending after the batches that are on their way.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">The stack does not answer, or refuses.</exception>
    public async Task<int> RunAsync(Gateway gateway, CancellationToken stop)
    {
        try
        {
            Say(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"draws {Words.Counted(options.Journeys, "lead")} from {options.From:yyyy-MM-dd} to {options.Until:yyyy-MM-dd}, seed {options.Seed} (the same again: --until {options.Until:yyyy-MM-dd})"));
            var drawn = Count();
            var history = await new HistorySender(terminal, isQuiet, clock).SendAsync(options, drawn.RowsAtFirst, drawn.Credits.Touches, gateway, stop);
            var comparison = history.IsInLedger == true ? await CompareAsync(gateway, drawn, stop) : null;
            return Finish(new SimulationReport(options, options.Source, drawn.Counts[""].Journeys, drawn.Rows, drawn.Credits.Touches, history, comparison));
        }
        catch (RpcException exception) when (!stop.IsCancellationRequested)
        {
            throw gateway.Explain(exception);
        }
        catch (Exception exception) when (stop.IsCancellationRequested && exception is RpcException or OperationCanceledException)
        {
            Say(SimulationReport.Stopped); // while it waited or asked: everything sent is in
            return ExitCodes.Interrupted;
        }
    }

    Drawn Count()
    {
        var (counts, months) = (new Dictionary<string, SimulatedCounts>(), new Dictionary<string, SimulatedCounts>());
        var (touches, credits, campaignCredits) = (new SimulatedTouches(options), new SimulatedCredits(options.Until), new SimulatedCredits(options.Until, byCampaign: true));
        foreach (var spend in SimulatedSpend.Of(options))
        {
            credits.Add(spend);
            campaignCredits.Add(spend);
        }
        var (rows, late) = (0L, 0L);
        foreach (var lead in new Generator(options).Leads())
        {
            credits.Add(lead, touches.Of);
            campaignCredits.Add(lead, touches.Of);
            foreach (var journey in lead)
            {
                SimulatedCounts.Add(journey, counts, months);
                rows += journey.Rows.Count;
                late += journey.Late is null ? 0 : 1;
            }
        }
        return new Drawn(counts, months, credits, campaignCredits, rows, rows - late);
    }

    async Task<Comparison> CompareAsync(Gateway gateway, Drawn drawn, CancellationToken stop)
    {
        Say("asks Metrics, and computes the truth");
        var truth = Task.Run(() => SimulatedTruth.Of(options), stop);
        var metrics = new MetricsService.MetricsServiceClient(gateway.Channel);
        var whole = await AskAsync(Comparison.Question(options));
        var groups = new Dictionary<string, WaterfallGroup> { [""] = whole.Groups[0] };
        foreach (var by in new[] { "channel", "segment" })
        {
            foreach (var group in (await AskAsync(Comparison.Question(options, by))).Groups)
            {
                groups.Add(group.Dimensions[0].Unknown ? $"({by} unknown)" : group.Dimensions[0].Value, group);
            }
        }
        foreach (var reps in SimulatedWorld.Reps)
        {
            groups.Add(reps.Kind, (await AskAsync(Comparison.Question(options, owners: reps.Names))).Groups[0]);
        }
        var byMonth = await AskAsync(Comparison.Question(options, byMonth: true));
        var compared = Comparison.Of(groups, drawn.Counts, await truth);
        compared = byMonth.TimeZone == "UTC"
            ? compared.WithMonths(drawn.Months, byMonth.Groups, await truth)
            : compared with { MonthsNotComparedReason = $"the tenant's begin in {byMonth.TimeZone}, the simulator's in UTC" };

        var others = whole.JourneyCount - whole.Groups[0].Volumes.Sum(volume => volume.StockEndCount);
        if (others != 0)
        {
            return compared with { TouchesNotComparedReason = $"the tenant has {Words.Counted(others, "other journey")}; without --tenant a simulation is alone in one" };
        }
        try
        {
            return compared with { Touches = await CompareTouchesAsync(gateway, metrics, drawn, stop) };
        }
        catch (RpcException tooMany) when (tooMany.StatusCode == StatusCode.ResourceExhausted)
        {
            return compared with { TouchesNotComparedReason = tooMany.Status.Detail };
        }

        async Task<Waterfall> AskAsync(GetWaterfallRequest question) => await metrics.GetWaterfallAsync(question, gateway.Options(Patience, stop));
    }

    /// <summary>Asks again while the answer still changes: no answer says whether all touches have arrived.</summary>
    async Task<TouchComparison> CompareTouchesAsync(Gateway gateway, MetricsService.MetricsServiceClient metrics, Drawn drawn, CancellationToken stop)
    {
        var (channels, campaigns) = (drawn.Credits.ToFigures(), drawn.CampaignCredits.ToFigures());
        var (last, lastChange) = (await AskAsync(), clock.GetTimestamp());
        while (last.Differences.Count > 0 && clock.GetElapsedTime(lastChange) < Silence)
        {
            await Task.Delay(Pause, clock, stop);
            var next = await AskAsync();
            lastChange = next.Differences.SequenceEqual(last.Differences) ? lastChange : clock.GetTimestamp();
            last = next;
        }
        return last;

        async Task<TouchComparison> AskAsync()
        {
            var whole = await CostsAsync(EconomicsKey.Unspecified);
            return new(
                TouchComparison.Compare(channels, await CreditsAsync(AttributionKey.Channel), await CostsAsync(EconomicsKey.Channel), whole),
                TouchComparison.Compare(campaigns, await CreditsAsync(AttributionKey.Campaign), await CostsAsync(EconomicsKey.Campaign), whole));
        }

        async Task<Attribution> CreditsAsync(AttributionKey by) =>
            await metrics.GetAttributionAsync(TouchComparison.Credits(options, by), gateway.Options(Patience, stop));

        async Task<Economics> CostsAsync(EconomicsKey by) => await metrics.GetEconomicsAsync(TouchComparison.Costs(options, by), gateway.Options(Patience, stop));
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

    /// <param name="Counts">What the waterfall must show, by channel and segment, and under the empty name for all.</param>
    /// <param name="Months">The same by month, of all.</param>
    /// <param name="Credits">What attribution and economics must show by channel.</param>
    /// <param name="CampaignCredits">The same by campaign.</param>
    /// <param name="RowsAtFirst">Rows that are told at first.</param>
    sealed record Drawn(
        Dictionary<string, SimulatedCounts> Counts, Dictionary<string, SimulatedCounts> Months, SimulatedCredits Credits, SimulatedCredits CampaignCredits, long Rows, long RowsAtFirst);
}
