using L2R.Cli.Imports;
using L2R.Cli.Stack;

namespace L2R.Cli.Bench;

/// <summary>Measures a running stack in rounds. Each load has tenants of its own, and begins when the one before has come to rest.</summary>
/// <param name="door">Opens the grpc endpoint of a resource for a tenant.</param>
/// <param name="cpu">What each process took of the processors so far, by its name.</param>
sealed class BenchRun(
    Func<string, string, Gateway> door,
    Func<IReadOnlyList<(string Process, TimeSpan Taken)>> cpu,
    Databases databases,
    RawPostgres raw,
    ImportPlan history,
    TimeProvider clock,
    CancellationToken cancellationToken)
{
    const int LiveLeads = 200;
    const int BatchSize = 500; // rows; what ./l2r import sends

    // Import sends to four owners at once.
    const int ImportConnections = 4;
    const int HistoryCopies = 4; // enough that the relays' first look at their outbox, within half a second, hardly counts
    const string AppendAt4 = "500 rows of a ledger in one statement, 4 connections";
    const string InsertAt1 = "lead + event in one statement, 1 connection";
    const string InsertAt8 = "lead + event in one statement, 8 connections";

    public Measurements Measured { get; } = new();

    /// <summary>CreateLead one at a time and 64 at once at the service, and 64 at once through the gateway.</summary>
    public async Task CreateLeadsAsync(int round, TimeSpan duration)
    {
        await LoadAsync("intake", 1, aim: null);
        await LoadAsync("intake", 64, aim: 3000);
        await LoadAsync("gateway", 64, aim: null);

        async Task LoadAsync(string resource, int inFlight, double? aim)
        {
            var limit = await raw.InsertAsync(inFlight == 1 ? 1 : 8, duration / 2, cancellationToken);
            var tenant = $"bench-{resource}-{inFlight}-{round}";
            using var opened = door(resource, tenant);
            var leads = new LeadClient(opened, cancellationToken);
            var (start, before) = (clock.GetTimestamp(), cpu());
            var result = await Load.RunAsync(inFlight, duration, _ => leads.CreateAsync(), clock);
            await databases.WaitForLedgerAsync(tenant, result.Count, cancellationToken);
            var took = clock.GetElapsedTime(start);
            await databases.WaitUntilQuietAsync(cancellationToken);

            var name = $"CreateLead, {inFlight} in flight{(resource == "gateway" ? ", gateway" : "")}";
            var limitName = inFlight == 1 ? InsertAt1 : InsertAt8;
            Measured.Add(name, "calls/s", result.PerSecond, (limitName, limit.PerSecond), aim);
            Measured.Add($"{name}, p50", "ms", result.P50, (limitName, limit.P50));
            Measured.Add($"{name}, p99", "ms", result.P99, (limitName, limit.P99));
            if (inFlight > 1)
            {
                Measured.Add($"{name}, until all are in the ledger", "leads/s", result.Count / took.TotalSeconds);
                AddCpu(name, "µs/lead", before, result.Count);
            }
        }
    }

    /// <summary>History through the gateway, until the ledger has its last row.</summary>
    public async Task ImportAsync(int round, TimeSpan duration)
    {
        var limit = await raw.AppendAsync(ImportConnections, duration / 2, cancellationToken);
        var tenant = $"bench-import-{round}";
        using var gateway = door("gateway", tenant);
        var (start, before) = (clock.GetTimestamp(), cpu());
        for (var copy = 0; copy < HistoryCopies; copy++)
        {
            var run = new ImportRun(gateway, history, say: _ => { }, clock);
            await run.RunAsync($"bench-{round}-{copy}", $"bench-{copy}", correct: false, BatchSize, cancellationToken); // of a source of its own: other ids
            if (run.Stored != history.RowCount)
            {
                throw new CommandFailedException($"The import stored {run.Stored} of {history.RowCount} rows.");
            }
        }
        var sent = clock.GetElapsedTime(start);
        var rows = history.RowCount * HistoryCopies;
        await databases.WaitForLedgerAsync(tenant, rows, cancellationToken);
        var took = clock.GetElapsedTime(start);
        await databases.WaitUntilQuietAsync(cancellationToken);

        Measured.Add("Import, until the last row is in the ledger", "rows/s", rows / took.TotalSeconds, (AppendAt4, limit), aim: 30_000);
        Measured.Add("Import, until the last acknowledgement", "rows/s", rows / sent.TotalSeconds, (AppendAt4, limit));
        AddCpu("Import", "µs/row", before, rows);
    }

    /// <summary>The same history as events in the owners' outboxes, through relays and broker, until the ledger has its last row.</summary>
    public async Task TransitionsAsync(int round, TimeSpan duration)
    {
        var limit = await raw.AppendAsync(ImportConnections, duration / 2, cancellationToken);
        var tenant = $"bench-transitions-{round}";
        var events = StageEvents.Create(history, tenant, HistoryCopies, clock.GetUtcNow());
        var start = clock.GetTimestamp();
        await databases.PublishAsync(tenant, events, cancellationToken);
        await databases.WaitForLedgerAsync(tenant, history.RowCount * HistoryCopies, cancellationToken);
        var took = clock.GetElapsedTime(start);
        await databases.WaitUntilQuietAsync(cancellationToken);

        Measured.Add("Transitions, from the outbox until the last one is in the ledger", "rows/s",
            history.RowCount * HistoryCopies / took.TotalSeconds, (AppendAt4, limit), aim: 40_000);
    }

    /// <summary>From the call that creates a lead until its journey can be read, through the gateway, one lead at a time.</summary>
    public async Task LiveAsync(int round, TimeSpan duration)
    {
        var limit = await raw.InsertAsync(1, duration / 2, cancellationToken);
        using var gateway = door("gateway", $"bench-live-{round}");
        var leads = new LeadClient(gateway, cancellationToken);
        var latencies = new List<double>();
        var start = clock.GetTimestamp();
        for (var lead = 0; lead < LiveLeads; lead++)
        {
            var before = clock.GetTimestamp();
            await leads.WaitUntilVisibleAsync(await leads.CreateAsync(), clock);
            latencies.Add(clock.GetElapsedTime(before).TotalMilliseconds);
        }
        var result = LoadResult.Create(latencies, clock.GetElapsedTime(start));
        await databases.WaitUntilQuietAsync(cancellationToken);

        Measured.Add("Live lead, from CreateLead to GetJourney, p50", "ms", result.P50, (InsertAt1, limit.P50));
        Measured.Add("Live lead, from CreateLead to GetJourney, p99", "ms", result.P99, (InsertAt1, limit.P99));
    }

    /// <summary>What one of many cost each process: it hardly depends on what else the machine does.</summary>
    void AddCpu(string name, string unit, IReadOnlyList<(string Process, TimeSpan Taken)> before, long count)
    {
        var taken = cpu().Join(before, now => now.Process, then => then.Process, (now, then) => (now.Process, Each: (now.Taken - then.Taken).TotalMicroseconds / count)).ToList();
        Measured.Add($"{name}, CPU of all", unit, taken.Sum(process => process.Each));
        foreach (var (process, each) in taken.Where(process => process.Each >= 1))
        {
            Measured.Add($"{name}, CPU of {process}", unit, each);
        }
    }
}
