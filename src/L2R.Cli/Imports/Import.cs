using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Ledger.V1;

namespace L2R.Cli.Imports;

/// <summary>Takes a file in: reads it, sends it, waits until the ledger has it, reports.</summary>
/// <param name="isQuiet">Prints the report as JSON and nothing else.</param>
sealed class Import(Terminal terminal, bool isQuiet, TimeProvider clock)
{
    readonly string _importId = Guid.CreateVersion7(clock.GetUtcNow()).ToString("D");

    public required string File { get; init; }

    public required ImportMap Map { get; init; }

    /// <summary>The system that the history comes from.</summary>
    public required string Source { get; init; }

    public bool Correct { get; init; }

    /// <summary>1 to 500 rows in one transaction.</summary>
    public int BatchSize { get; init; } = 500;

    public bool WaitsForLedger { get; init; } = true;

    /// <summary>Reads the file and says what would be rejected.</summary>
    /// <returns>The exit code.</returns>
    public int Check()
    {
        var plan = Read();
        return Report(plan, run: null, TimeSpan.Zero, inLedger: null, interrupted: false).Print(terminal, isQuiet);
    }

    /// <param name="open">Opens the gateway; only called when the file can be read.</param>
    /// <param name="stop">Ends the import after the batches that are on their way.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">The stack does not answer, or refuses.</exception>
    public async Task<int> RunAsync(Func<Gateway> open, CancellationToken stop)
    {
        var plan = Read();
        if (plan.RowCount == 0)
        {
            return Report(plan, run: null, TimeSpan.Zero, inLedger: null, interrupted: false).Print(terminal, isQuiet);
        }
        using var gateway = open();
        try
        {
            return (await SendAsync(plan, gateway, stop)).Print(terminal, isQuiet);
        }
        catch (RpcException exception) when (!stop.IsCancellationRequested)
        {
            throw gateway.Explain(exception);
        }
    }

    ImportPlan Read()
    {
        Say($"reads {File}");
        return ImportPlan.Create(new FileReader(File, Map, clock.GetUtcNow()).Read());
    }

    async Task<ImportReport> SendAsync(ImportPlan plan, Gateway gateway, CancellationToken stop)
    {
        var session = new ImportSession(gateway, _importId, Source, Say, clock);
        await session.BeginAsync(stop);
        Say($"sends {Words.Counted(plan.RowCount, "row")} of {Words.Counted(plan.JourneyCount, "journey")} to {gateway.Address}");
        var start = clock.GetTimestamp();
        var run = session.Start(plan);
        await FollowAsync(() => run.State, session.SendAsync(run, Correct, BatchSize, stop));

        var interrupted = run.Acknowledged < plan.RowCount;
        var inLedger = interrupted || !WaitsForLedger ? (bool?)null : await WaitAsync(session, stop);
        return Report(plan, run, clock.GetElapsedTime(start), inLedger, interrupted);
    }

    async Task<bool> WaitAsync(ImportSession session, CancellationToken stop)
    {
        var waiting = session.WaitAsync(stop);
        await FollowAsync(() => session.Waiting, waiting);
        return await waiting;
    }

    ImportReport Report(ImportPlan plan, ImportRun? run, TimeSpan took, bool? inLedger, bool interrupted)
    {
        IReadOnlyList<ImportReject> rejects = run?.Rejects ?? [];
        return new ImportReport(
            _importId,
            File,
            Rows: plan.LineCount,
            Journeys: plan.JourneyCount,
            Sent: run?.Acknowledged ?? 0,
            Stored: run?.Stored ?? 0,
            Unchanged: (run?.Unchanged ?? 0) + (run is null ? 0 : plan.RepeatCount),
            Corrected: run?.Corrected ?? 0,
            Rejected: plan.Refusals.Sum(refusal => 1 + refusal.LaterLines.Count) + rejects.Count,
            Seconds: Math.Round(took.TotalSeconds, 3),
            RowsPerSecond: took == TimeSpan.Zero ? 0 : Math.Round((run?.Acknowledged ?? 0) / took.TotalSeconds, 1),
            InLedger: inLedger,
            Interrupted: interrupted,
            Rejects: [.. plan.Refusals.Concat(plan.Explain(rejects)).OrderBy(refusal => refusal.Line)]);
    }

    void Say(string text)
    {
        if (!isQuiet)
        {
            terminal.Step(text);
        }
    }

    Task FollowAsync(Func<WorkState> read, Task work) => isQuiet ? work : terminal.FollowAsync(read, work);
}
