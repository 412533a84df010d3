using L2R.Cli.Stack;
using L2R.Metrics.V1;

namespace L2R.Cli.Exports;

/// <summary>Writes the rows of a ledger into a file.</summary>
sealed class EventExport(Gateway gateway)
{
    long _rows;

    /// <summary>How far it is; may be asked while it runs.</summary>
    public WorkState State => new(Words.Counted(Interlocked.Read(ref _rows), "row"), Done: 0, Total: 0, PerSecond: null);

    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Those that rows were written of.</summary>
    public long Journeys { get; private set; }

    /// <param name="format">xes, ocel, csv or jsonl.</param>
    /// <param name="path">Nothing is there until all of it is.</param>
    /// <returns>The last response: it says what the rows are of.</returns>
    /// <exception cref="CommandFailedException">The file cannot be written.</exception>
    public async Task<ExportTransitionsResponse> RunAsync(ExportTransitionsRequest request, string format, string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = WholeFile.Create(path);
            await using var objects = format == "ocel" ? WholeFile.Create(path) : null; // never finished
            ExportTransitionsResponse last;
            using (var log = Create(format, file.Stream, objects?.Stream))
            {
                last = await Task.Run(() => WriteAsync(request, log, cancellationToken), cancellationToken);
            }
            await file.FinishAsync();
            return last;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path} cannot be written: {exception.Message}");
        }
    }

    static EventLog Create(string format, Stream stream, Stream? objects) => format switch
    {
        "xes" => new XesLog(stream),
        "ocel" => new OcelLog(stream, objects!),
        _ => new FlatLog(stream, isJson: format == "jsonl"),
    };

    async Task<ExportTransitionsResponse> WriteAsync(ExportTransitionsRequest request, EventLog log, CancellationToken cancellationToken)
    {
        using var call = new MetricsService.MetricsServiceClient(gateway.Channel).ExportTransitions(request, gateway.Options(cancellationToken: cancellationToken));
        ExportTransitionsResponse? last = null;
        var journey = "";
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            if (last is null)
            {
                log.Begin(call.ResponseStream.Current.AsOf, call.ResponseStream.Current.KnownAt);
            }
            last = call.ResponseStream.Current;
            foreach (var row in last.Rows)
            {
                log.Write(row);
                Journeys += row.Change.Journey == journey ? 0 : 1;
                journey = row.Change.Journey;
            }
            Interlocked.Add(ref _rows, last.Rows.Count);
        }
        log.End();
        return last ?? throw new CommandFailedException($"{gateway.Address} ended the export before it began.");
    }
}
