using L2R.Cli.Imports;
using L2R.Cli.Stack;

namespace L2R.Cli.Simulation;

/// <summary>What became of the rows of a simulation.</summary>
/// <param name="Sent">Rows that an owner has answered for, as they are told at first and told again.</param>
/// <param name="IsInLedger">Whether the ledger has heard of all of them; null where it was stopped before.</param>
sealed record HistoryReport(long Sent, long Stored, long Unchanged, long Corrected, double Seconds, bool? IsInLedger);

/// <summary>Sends simulated history as an import does, a part at a time, so that memory does not grow with it.</summary>
/// <remarks>
/// Twice: first everything as it is told at first; then, once the ledger has that, the journeys with a late or a wrong row, whole and as
/// corrections. Sent again, rows that were corrected since are refused, which is as it should be.
/// </remarks>
sealed class HistorySender(Terminal terminal, bool isQuiet, TimeProvider clock)
{
    const int BatchSize = 500;
    const int JourneysAtATime = 10_000;

    readonly string _importId = Guid.CreateVersion7(clock.GetUtcNow()).ToString("D");
    (long Sent, long Stored, long Unchanged, long Corrected) _done;
    ImportRun? _run;
    long _start;

    /// <param name="rowCount">How many rows are told at first.</param>
    /// <param name="stop">Ends it after the batches that are on their way.</param>
    /// <exception cref="CommandFailedException">The stack does not answer, or refuses.</exception>
    public async Task<HistoryReport> SendAsync(SimulationOptions options, long rowCount, Gateway gateway, CancellationToken stop)
    {
        _start = clock.GetTimestamp();
        var rows = new SimulatedRows(options.Source);
        Say($"sends {Words.Counted(rowCount, "row")} to {gateway.Address}");
        var isIn = await SendAsync(new Generator(options).Journeys(), rows.FirstTold, correct: false);
        if (isIn == true)
        {
            var told = new Generator(options).Journeys().Where(journey => journey.Late is not null || journey.Wrong is not null);
            Say("sends the journeys of late and corrected rows again");
            isIn = await SendAsync(told, rows.Whole, correct: true);
        }
        return new HistoryReport(
            _done.Sent, _done.Stored, _done.Unchanged, _done.Corrected, Math.Round(clock.GetElapsedTime(_start).TotalSeconds, 3), stop.IsCancellationRequested ? null : isIn);

        async Task<bool?> SendAsync(IEnumerable<SimulatedJourney> journeys, Func<SimulatedJourney, IEnumerable<FileLine.Row>> tell, bool correct)
        {
            var session = new ImportSession(gateway, _importId, options.Source, Say, clock);
            await session.BeginAsync(stop);
            await FollowAsync(() => State(rowCount), SendPartsAsync(session, journeys, tell, correct, stop));
            if (stop.IsCancellationRequested)
            {
                return null;
            }
            var waiting = session.WaitAsync(stop);
            await FollowAsync(() => session.Waiting, waiting);
            return await waiting;
        }
    }

    async Task SendPartsAsync(
        ImportSession session,
        IEnumerable<SimulatedJourney> journeys,
        Func<SimulatedJourney, IEnumerable<FileLine.Row>> tell,
        bool correct,
        CancellationToken stop)
    {
        foreach (var part in journeys.Chunk(JourneysAtATime))
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }
            var plan = ImportPlan.Create(part.SelectMany(tell));
            if (plan.Refusals is [var refused, ..])
            {
                throw new InvalidOperationException($"The simulator made a row that no import takes: {refused.Message}");
            }
            _run = session.Start(plan);
            await session.SendAsync(_run, correct, BatchSize, stop);
            var superseded = CountSuperseded(part, _run.Rejects);
            _done = (_done.Sent + _run.Acknowledged, _done.Stored + _run.Stored, _done.Unchanged + _run.Unchanged + superseded, _done.Corrected + _run.Corrected);
            _run = null;
        }
    }

    /// <summary>Rows told wrong at first, which an earlier run has corrected: known, and refused with their first content.</summary>
    /// <exception cref="CommandFailedException">Another row was refused.</exception>
    static long CountSuperseded(SimulatedJourney[] journeys, IReadOnlyList<L2R.Ledger.V1.ImportReject> rejects)
    {
        var wrong = journeys.Count(journey => journey.Wrong is not null);
        return rejects.FirstOrDefault(reject => reject.Reason != "KEY_REUSED") is { } other
            ? throw new CommandFailedException($"A simulated row was refused: {other.Reason}: {other.Message}")
            : rejects.Count > wrong ? throw new CommandFailedException("Rows of this simulation are known with other content: another version of L2R drew them. --tenant names another place.")
            : rejects.Count;
    }

    WorkState State(long rowCount)
    {
        var sent = _done.Sent + (_run?.Acknowledged ?? 0);
        return new("rows sent", Math.Min(rowCount, sent), rowCount, sent / Math.Max(0.001, clock.GetElapsedTime(_start).TotalSeconds));
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
