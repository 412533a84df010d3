using L2R.Cli.Commands;
using L2R.Cli.Costs;
using L2R.Cli.Imports;
using L2R.Cli.Stack;
using L2R.Intake.V1;
using L2R.Ledger.V1;

namespace L2R.Cli.Simulation;

/// <summary>What became of the rows, touches and spends of a simulation.</summary>
/// <param name="IsInLedger">Whether the ledger has heard of all rows; null where it was stopped before everything was sent.</param>
sealed record HistoryReport(SentCounts Rows, SentCounts Touches, SentCounts Spends, double Seconds, bool? IsInLedger);

/// <summary>What services have answered for.</summary>
/// <param name="Sent">As they are told at first and told again.</param>
sealed record SentCounts(long Sent, long Stored, long Unchanged, long Corrected)
{
    public static SentCounts operator +(SentCounts left, SentCounts right) =>
        new(left.Sent + right.Sent, left.Stored + right.Stored, left.Unchanged + right.Unchanged, left.Corrected + right.Corrected);
}

/// <summary>Sends simulated history as an import does, a part at a time, so that memory does not grow with it.</summary>
/// <remarks>
/// Twice: first everything as it is told at first; then, once the ledger has that, the journeys with a late or a wrong row, whole and as
/// corrections. Then the touches, in the same two steps, and the spends. Sent again, what was corrected since is refused, which is as it should be.
/// </remarks>
sealed class HistorySender(Terminal terminal, bool isQuiet, TimeProvider clock)
{
    const int BatchSize = 500;
    const int JourneysAtATime = 10_000;

    readonly string _importId = Guid.CreateVersion7(clock.GetUtcNow()).ToString("D");
    SentCounts _rows = new(0, 0, 0, 0);
    SentCounts _touches = new(0, 0, 0, 0);
    SentCounts _spends = new(0, 0, 0, 0);
    ImportRun? _run;
    long _start;

    /// <param name="rowCount">How many rows are told at first.</param>
    /// <param name="touchCount">How many touches there are.</param>
    /// <param name="stop">Ends it after the batches that are on their way.</param>
    /// <exception cref="CommandFailedException">The stack does not answer, or refuses.</exception>
    public async Task<HistoryReport> SendAsync(SimulationOptions options, long rowCount, long touchCount, Gateway gateway, CancellationToken stop)
    {
        _start = clock.GetTimestamp();
        var rows = new SimulatedRows(options.Source);
        Say($"sends {Words.Counted(rowCount, "row")} to {gateway.Address}{(gateway.Tenant is { } tenant ? $", tenant {tenant}" : "")}");
        var journeys = new Generator(options).Journeys();
        var toldAgain = journeys.Where(journey => journey.Late is not null || journey.Wrong is not null);
        var isIn = await SendAsync(journeys, rows.FirstTold, correct: false);
        if (isIn == true)
        {
            Say("sends the journeys of late and corrected rows again");
            isIn = await SendAsync(toldAgain, rows.Whole, correct: true);
        }
        if (isIn == true)
        {
            var touches = new SimulatedTouches(options);
            Say($"sends {Words.Counted(touchCount, "touch", "touches")}");
            var start = clock.GetTimestamp();
            await FollowAsync(() => State("touches sent", _touches.Sent, touchCount, start), SendTouchesAsync(journeys, touches.FirstTold, correct: false));
            await SendTouchesAsync(toldAgain, touches.Whole, correct: true);
            await SendSpendsAsync(options, gateway, stop);
        }
        return new HistoryReport(_rows, _touches, _spends, Math.Round(clock.GetElapsedTime(_start).TotalSeconds, 3), stop.IsCancellationRequested ? null : isIn);

        async Task<bool?> SendAsync(IEnumerable<SimulatedJourney> journeys, Func<SimulatedJourney, IEnumerable<FileLine.Row>> tell, bool correct)
        {
            var session = new ImportSession(gateway, _importId, options.Source, Say, clock);
            await session.BeginAsync(stop);
            await FollowAsync(() => State("rows sent", _rows.Sent + (_run?.Acknowledged ?? 0), rowCount, _start), SendPartsAsync(session, journeys, tell, correct, stop));
            if (stop.IsCancellationRequested)
            {
                return null;
            }
            var waiting = session.WaitAsync(stop);
            await FollowAsync(() => session.Waiting, waiting);
            return await waiting;
        }

        async Task SendTouchesAsync(IEnumerable<SimulatedJourney> told, Func<SimulatedJourney, IEnumerable<ImportedTouchpoint>> tell, bool correct)
        {
            foreach (var part in told.TakeWhile(_ => !stop.IsCancellationRequested).Chunk(JourneysAtATime))
            {
                await SendPartAsync(part, [.. part.SelectMany(tell)], gateway, options.Source, correct, stop);
            }
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
            _rows += new SentCounts(_run.Acknowledged, _run.Stored, _run.Unchanged + CountSuperseded(part, _run.Rejects), _run.Corrected);
            _run = null;
        }
    }

    async Task SendPartAsync(SimulatedJourney[] part, List<ImportedTouchpoint> touches, Gateway gateway, string source, bool correct, CancellationToken stop)
    {
        var rejects = new List<ImportReject>();
        var stream = new OwnerStream<ImportTouchpointsRequest, ImportTouchpointsResponse>(
            "Intake",
            cancelled => new IntakeService.IntakeServiceClient(gateway.Channel).ImportTouchpoints(gateway.Options(cancellationToken: cancelled)),
            (batch, answer) =>
            {
                rejects.AddRange(answer.Rejects);
                _touches += new SentCounts(batch.Touchpoints.Count, answer.StoredCount, answer.UnchangedCount, answer.CorrectedCount);
            },
            Say,
            clock);
        await stream.RunAsync(
            [.. touches.Chunk(BatchSize).Select(rows => new ImportTouchpointsRequest { ImportId = _importId, Source = source, Correct = correct, Touchpoints = { rows } })],
            stop);
        _touches += new SentCounts(0, 0, CountSuperseded(part, rejects), 0);
    }

    async Task SendSpendsAsync(SimulationOptions options, Gateway gateway, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }
        var drawn = SimulatedSpend.Of(options).ToList();
        var missing = SpendFile.Missing([.. drawn.Select(spend => spend.ToProto())], await gateway.ListSpendsAsync(stop)).ToHashSet();
        Say($"sends {Words.Counted(missing.Count, "spend")}");
        foreach (var (spend, isMissing) in drawn.Select(spend => (spend, missing.Contains(spend.ToProto()))).TakeWhile(_ => !stop.IsCancellationRequested))
        {
            if (isMissing)
            {
                await gateway.AskAsync((client, call) => client.CreateSpendAsync(new() { Spend = spend.ToProto(), RequestId = spend.RequestId(options.Source) }, call), stop);
            }
            _spends += new SentCounts(1, isMissing ? 1 : 0, isMissing ? 0 : 1, 0);
        }
    }

    /// <summary>What was told wrong at first and an earlier run has corrected: known, and refused with its first content. One of a journey.</summary>
    /// <exception cref="CommandFailedException">Something else was refused.</exception>
    static long CountSuperseded(SimulatedJourney[] journeys, IReadOnlyList<ImportReject> rejects)
    {
        var wrong = journeys.Count(journey => journey.Wrong is not null);
        return rejects.FirstOrDefault(reject => reject.Reason != "KEY_REUSED") is { } other
            ? throw new CommandFailedException($"What was simulated was refused: {other.Reason}: {other.Message}")
            : rejects.Count > wrong ? throw new CommandFailedException("Rows of this simulation are known with other content: another version of L2R drew them. --tenant names another place.")
            : rejects.Count;
    }

    WorkState State(string what, long sent, long total, long start) =>
        new(what, Math.Min(total, sent), total, sent / Math.Max(0.001, clock.GetElapsedTime(start).TotalSeconds));

    void Say(string text)
    {
        if (!isQuiet)
        {
            terminal.Step(text);
        }
    }

    Task FollowAsync(Func<WorkState> read, Task work) => isQuiet ? work : terminal.FollowAsync(read, work);
}
