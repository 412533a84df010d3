using Grpc.Core;
using L2R.Cli.Stack;
using L2R.Intake.V1;

namespace L2R.Cli.Imports;

/// <summary>Takes a file of past touches in: reads it, sends it to Intake, reports.</summary>
/// <param name="isQuiet">Prints the report as JSON and nothing else.</param>
sealed class TouchImport(Terminal terminal, bool isQuiet, TimeProvider clock)
{
    readonly string _importId = Guid.CreateVersion7(clock.GetUtcNow()).ToString("D");
    readonly List<ImportedTouchpoint> _touches = [];
    readonly List<Refusal> _refusals = [];
    long _acknowledged;
    long _stored;
    long _unchanged;
    long _corrected;

    public required string File { get; init; }

    public required ImportMap Map { get; init; }

    /// <summary>The system that the history comes from: that of the leads' moves.</summary>
    public required string Source { get; init; }

    public bool Correct { get; init; }

    /// <summary>1 to 500 rows in one transaction.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>Reads the file and says what would be rejected.</summary>
    /// <returns>The exit code.</returns>
    public int Check()
    {
        Read();
        return Report(TimeSpan.Zero).Print(terminal, isQuiet);
    }

    /// <param name="open">Opens the gateway; only called when the file can be read.</param>
    /// <param name="stop">Ends the import after the batches that are on their way.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">The stack does not answer, or refuses.</exception>
    public async Task<int> RunAsync(Func<Gateway> open, CancellationToken stop)
    {
        Read();
        if (_touches.Count == 0)
        {
            return Report(TimeSpan.Zero).Print(terminal, isQuiet);
        }
        using var gateway = open();
        Say($"sends {Words.Counted(_touches.Count, "row")} to {gateway.Address}");
        var start = clock.GetTimestamp();
        var sending = SendAsync(gateway, stop);
        await (isQuiet ? sending : terminal.FollowAsync(() => State(start), sending));
        return Report(clock.GetElapsedTime(start)).Print(terminal, isQuiet);
    }

    void Read()
    {
        Say($"reads {File}");
        var file = new FileReader(File, Map, clock.GetUtcNow());
        var rows = new TouchRowReader(Map, file.Header, clock.GetUtcNow());
        foreach (var (line, cells, problem) in file.Lines())
        {
            var (touch, refusal) = rows.Read(line, cells, problem);
            if (touch is null)
            {
                _refusals.Add(refusal!);
            }
            else
            {
                _touches.Add(touch);
            }
        }
    }

    async Task SendAsync(Gateway gateway, CancellationToken stop)
    {
        var stream = new OwnerStream<ImportTouchpointsRequest, ImportTouchpointsResponse>(
            "Intake",
            cancelled => new IntakeService.IntakeServiceClient(gateway.Channel).ImportTouchpoints(gateway.Options(cancellationToken: cancelled)),
            Count,
            Say,
            clock);
        try
        {
            await stream.RunAsync(
                [.. _touches.Chunk(BatchSize).Select(rows => new ImportTouchpointsRequest { ImportId = _importId, Source = Source, Correct = Correct, Touchpoints = { rows } })],
                stop);
        }
        catch (CommandFailedException failed)
        {
            throw new CommandFailedException($"{failed.Message} {State(start: null)}; what is in stays in.");
        }
        catch (RpcException exception) when (!stop.IsCancellationRequested)
        {
            throw gateway.Explain(exception);
        }
    }

    void Count(ImportTouchpointsRequest batch, ImportTouchpointsResponse answer)
    {
        _stored += answer.StoredCount;
        _unchanged += answer.UnchangedCount;
        _corrected += answer.CorrectedCount;
        _refusals.AddRange(answer.Rejects.Select(reject => new Refusal(reject.Line, reject.Reason, reject.Message)));
        Interlocked.Add(ref _acknowledged, batch.Touchpoints.Count);
    }

    WorkState State(long? start)
    {
        var done = Interlocked.Read(ref _acknowledged);
        return new("rows sent", done, _touches.Count, start is { } since ? done / Math.Max(0.001, clock.GetElapsedTime(since).TotalSeconds) : null);
    }

    ImportReport Report(TimeSpan took) => new(
        _importId,
        File,
        Rows: _touches.Count + _refusals.Count(refusal => refusal.Reason == "LINE_INVALID"),
        Journeys: 0,
        Sent: _acknowledged,
        Stored: _stored,
        Unchanged: _unchanged,
        Corrected: _corrected,
        Rejected: _refusals.Count,
        Seconds: Math.Round(took.TotalSeconds, 3),
        RowsPerSecond: took == TimeSpan.Zero ? 0 : Math.Round(_acknowledged / took.TotalSeconds, 1),
        InLedger: null,
        Interrupted: took > TimeSpan.Zero && _acknowledged < _touches.Count,
        Rejects: [.. _refusals.OrderBy(refusal => refusal.Line)])
    {
        Leads = _touches.Select(touch => touch.LeadKey).Distinct().Count(),
    };

    void Say(string text)
    {
        if (!isQuiet)
        {
            terminal.Step(text);
        }
    }
}
