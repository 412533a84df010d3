using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Checks;
using L2R.Cli.Imports;
using L2R.Cli.Processes;
using L2R.Cli.Stack;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using Npgsql;

namespace L2R.Cli.Bench;

/// <summary>How fast the waterfall, and what else is asked of the same journeys, is answered over many journeys, beside DuckDB and SQL over the same ones.</summary>
/// <param name="metrics">The grpc endpoint of the service.</param>
sealed class WaterfallBench(
    Gateway metrics, Databases databases, string postgres, Func<int> pidOfMetrics, Checkout checkout, Terminal terminal, TimeProvider clock, CancellationToken cancellationToken)
{
    public const string Tenant = "bench-waterfall";
    const int WarmUps = 30;
    const int Rounds = 7;
    const int OtherRounds = 3;
    const int AppendCopies = 8;
    const double AimAll = 300; // milliseconds at 10 million journeys
    const double AimSegment = 80;
    const double AimSmall = 20; // at 1 million
    const int Small = 1_000_000;
    const string DuckDb = "DuckDB, one row a journey, in memory: the same figures";
    const string DuckDbLess = "the same, by lead month alone: one pass, half of the figures";
    const string Sql = "SQL over the ledger's table";

    // What DuckDB is asked by lead month, from the rows of the ledger.
    const string WaterfallSql = """
        WITH journeys AS (
            SELECT journey_id, max(channel) AS channel,
                min(occurred_at) FILTER (WHERE to_stage >= 0) AS r0, min(occurred_at) FILTER (WHERE to_stage >= 1) AS r1,
                min(occurred_at) FILTER (WHERE to_stage >= 2) AS r2, min(occurred_at) FILTER (WHERE to_stage >= 3) AS r3,
                min(occurred_at) FILTER (WHERE to_stage >= 4) AS r4, min(occurred_at) FILTER (WHERE to_stage >= 5) AS r5
            FROM transitions WHERE tenant_id = $1 AND to_stage <= 5 GROUP BY journey_id)
        SELECT date_trunc('month', r0) AS month, channel, count(r0), count(r1), count(r2), count(r3), count(r4), count(r5),
            avg(r1 - r0), percentile_cont(0.5) WITHIN GROUP (ORDER BY r1 - r0), avg(r2 - r1), percentile_cont(0.5) WITHIN GROUP (ORDER BY r2 - r1),
            avg(r3 - r2), percentile_cont(0.5) WITHIN GROUP (ORDER BY r3 - r2), avg(r4 - r3), percentile_cont(0.5) WITHIN GROUP (ORDER BY r4 - r3),
            avg(r5 - r4), percentile_cont(0.5) WITHIN GROUP (ORDER BY r5 - r4), avg(r5 - r0), percentile_cont(0.5) WITHIN GROUP (ORDER BY r5 - r0)
        FROM journeys GROUP BY 1, 2
        """;

    readonly MetricsService.MetricsServiceClient _metrics = new(metrics.Channel);

    public Measurements Measured { get; } = new();

    /// <param name="history">Appended while questions are asked.</param>
    public async Task RunAsync(int journeys, ImportPlan history)
    {
        var end = clock.GetUtcNow();
        terminal.Step($"makes up {journeys:#,0} journeys");
        var ledger = MadeUpLedger.Create(journeys, end);
        terminal.Step($"writes their {ledger.RowCount:#,0} rows");
        var builder = new NpgsqlConnectionStringBuilder(postgres) { Database = "metricsdb", CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await ledger.WriteAsync(connection, Tenant, cancellationToken);

        var before = Machine.MemoryOf(pidOfMetrics());
        terminal.Step("asks");
        var question = Question();
        var (first, answer) = await AskAsync(question);
        if (answer.JourneyCount != journeys)
        {
            throw new CommandFailedException($"The waterfall counts {answer.JourneyCount} of {journeys} journeys.");
        }
        Measured.Add("First question after a start: reads the ledger", "s", first / 1000, aim: journeys > Small ? 30 : null);
        Measured.Add("Memory that it takes", "bytes/journey", (Machine.MemoryOf(pidOfMetrics()) - before) / (double)journeys);

        var duck = await AskDuckDbAsync(ledger);
        var sql = await AskSqlAsync(connection);
        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            await AskAsync(question); // until the code of service and client is compiled as it stays
            await AskAsync(Segment(question));
        }
        var aim = journeys > Small ? AimAll : AimSmall;
        for (var round = 0; round < Rounds; round++)
        {
            Measured.Add("Month x channel, all", "ms", await TimeAsync(question), (DuckDb, duck.All[round % duck.All.Length]), aim);
            Measured.Add("Month x channel, one segment", "ms", await TimeAsync(Segment(question)), (DuckDb, duck.Segment[round % duck.Segment.Length]), journeys > Small ? AimSegment : null);
            Measured.Add("Month x channel, all, beside less", "ms", await TimeAsync(question), (DuckDbLess, duck.Less[round % duck.Less.Length]), aim);
            Measured.Add("Month x channel, all, beside SQL", "ms", await TimeAsync(question), (Sql, sql), aim);
            Measured.Add("as_of a year ago", "ms", await TimeAsync(With(question, asked => asked.AsOf = end.AddYears(-1).ToTimestamp())), aim: 3 * aim);
            Measured.Add("First journeys", "ms", await TimeAsync(With(question, asked => asked.Journeys = JourneySelection.First)), aim: 3 * aim);
            Measured.Add("Latest journeys", "ms", await TimeAsync(With(question, asked => asked.Journeys = JourneySelection.Latest)), aim: 3 * aim);
            Measured.Add("Filters on region and campaign", "ms", await TimeAsync(With(question, asked =>
            {
                asked.Filters.Add(new DimensionFilter { Dimension = "region", Values = { "region-1", "region-2" } });
                asked.Filters.Add(new DimensionFilter { Dimension = "campaign", Values = { "campaign-1", "campaign-2", "campaign-3" } });
            })), aim: 3 * aim);
            Measured.Add("Three horizons", "ms", await TimeAsync(With(question, asked =>
                asked.Horizons.AddRange(new[] { 30, 60, 90 }.Select(days => TimeSpan.FromDays(days).ToDuration())))), aim: 3 * aim);
            Measured.Add("known_at a month ago", "ms", await TimeAsync(With(question, asked => asked.KnownAt = end.AddMonths(-1).ToTimestamp())), aim: 10 * aim);
        }
        await AskOthersAsync(end);
        await AppendMeanwhileAsync(history, question);
        await AskAfterAStartAsync(connection, question, isLarge: journeys > Small);
    }

    async Task AskOthersAsync(DateTimeOffset end)
    {
        terminal.Step("asks for other answers");
        var (first, last) = (Stage.Lead, Stage.ClosedWon);
        for (var round = 0; round < OtherRounds; round++)
        {
            await TimeAsync("GetCohorts, LEAD to CLOSED_WON by month and channel", options => _metrics.GetCohortsAsync(
                new() { From = first, To = last, GroupByPeriod = PeriodKind.Month, GroupBy = { "channel" } }, options));
            await TimeAsync("GetVelocity, LEAD to MQL", options => _metrics.GetVelocityAsync(new() { From = first, To = Stage.Mql }, options));
            await TimeAsync("GetFlow by month", options => _metrics.GetFlowAsync(new() { GroupByPeriod = PeriodKind.Month }, options));
            await TimeAsync("CompareKnown, a month ago against now", options => _metrics.CompareKnownAsync(
                new() { BaselineKnownAt = end.AddMonths(-1).ToTimestamp(), GroupByPeriod = PeriodKind.Month }, options));
            await TimeAsync("GetConversionCurve, LEAD to CLOSED_WON", options => _metrics.GetConversionCurveAsync(new() { From = first, To = last }, options));
            await TimeAsync("ExplainChange, two quarters", options => _metrics.ExplainChangeAsync(
                new()
                {
                    BeforeStartTime = end.AddMonths(-12).ToTimestamp(),
                    BeforeEndTime = end.AddMonths(-9).ToTimestamp(),
                    AfterStartTime = end.AddMonths(-9).ToTimestamp(),
                    AfterEndTime = end.AddMonths(-6).ToTimestamp(),
                },
                options));
            await TimeAsync("Diagnose, by segment", options => _metrics.DiagnoseAsync(new() { Dimension = "segment" }, options));
            await TimeAsync("GetOutlook, 30 days", options => _metrics.GetOutlookAsync(new() { Ahead = TimeSpan.FromDays(30).ToDuration() }, options));
            await TimeAsync("GetEconomics by month and channel", options => _metrics.GetEconomicsAsync(
                new() { GroupByPeriod = PeriodKind.Month, GroupBy = EconomicsKey.Channel }, options));
            await TimeAsync("GetPipeline by month", options => _metrics.GetPipelineAsync(new() { GroupByPeriod = PeriodKind.Month }, options));
            await TimeAsync("GetNurture by month", options => _metrics.GetNurtureAsync(new() { GroupByPeriod = PeriodKind.Month }, options));
        }

        async Task TimeAsync<T>(string name, Func<CallOptions, AsyncUnaryCall<T>> ask)
        {
            var start = clock.GetTimestamp();
            await ask(metrics.Options(TimeSpan.FromMinutes(10), cancellationToken));
            Measured.Add(name, "ms", clock.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    /// <summary>A process that starts reads the snapshot that the one before it left.</summary>
    async Task AskAfterAStartAsync(NpgsqlConnection connection, GetWaterfallRequest question, bool isLarge)
    {
        terminal.Step("asks after another start");
        await using var command = new NpgsqlCommand("SELECT count(*) FROM ledger_snapshots WHERE tenant_id = $1", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = Tenant } },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is 0L)
        {
            return; // so few journeys have none
        }
        using (var before = Process.GetProcessById(pidOfMetrics()))
        {
            before.Kill();
            await before.WaitForExitAsync(cancellationToken);
        }
        for (var isUp = false; !isUp;)
        {
            try
            {
                await _metrics.GetSettingsAsync(new(), metrics.Options(TimeSpan.FromMinutes(1), cancellationToken));
                isUp = true;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
            }
        }
        Measured.Add("First question after another start: reads the snapshot", "s", (await AskAsync(question)).Milliseconds / 1000, aim: isLarge ? 30 : null);
    }

    async Task AppendMeanwhileAsync(ImportPlan history, GetWaterfallRequest question)
    {
        terminal.Step("appends while it asks");
        await AppendAsync(history, 1, question); // the warm-up
        var (seconds, took) = await AppendAsync(history, AppendCopies, question);
        Measured.Add("Rows appended while questions are asked one after the other", "rows/s", history.RowCount * AppendCopies / seconds, aim: 20_000);
        foreach (var time in took)
        {
            Measured.Add("A question meanwhile", "ms", time);
        }
    }

    /// <returns>How long it took until all rows were in the ledger, and how long each question took meanwhile, in milliseconds.</returns>
    async Task<(double Seconds, List<double> Asked)> AppendAsync(ImportPlan history, int copies, GetWaterfallRequest question)
    {
        var began = clock.GetUtcNow();
        var events = StageEvents.Create(history, Tenant, copies, began);
        var (before, start) = (await databases.CountLedgerAsync(Tenant, began, cancellationToken), clock.GetTimestamp());
        await databases.PublishAsync(Tenant, events, cancellationToken);
        List<double> asked = [];
        for (var left = history.RowCount * copies; left > 0; left = before + (history.RowCount * copies) - await databases.CountLedgerAsync(Tenant, began, cancellationToken))
        {
            asked.Add(await TimeAsync(question));
            if (clock.GetElapsedTime(start) > TimeSpan.FromMinutes(5))
            {
                throw new CommandFailedException($"After 5 minutes the ledger lacks {left} rows.");
            }
        }
        return (clock.GetElapsedTime(start).TotalSeconds, asked);
    }

    static GetWaterfallRequest Question() => new() { GroupByPeriod = PeriodKind.Month, GroupBy = { "channel" } };

    static GetWaterfallRequest Segment(GetWaterfallRequest question) =>
        With(question, asked => asked.Filters.Add(new DimensionFilter { Dimension = "segment", Values = { "segment-1" } }));

    static GetWaterfallRequest With(GetWaterfallRequest question, Action<GetWaterfallRequest> change)
    {
        var other = question.Clone();
        change(other);
        return other;
    }

    async Task<double> TimeAsync(GetWaterfallRequest question) => (await AskAsync(question)).Milliseconds;

    async Task<(double Milliseconds, Waterfall Answer)> AskAsync(GetWaterfallRequest question)
    {
        var start = clock.GetTimestamp();
        var answer = await _metrics.GetWaterfallAsync(question, metrics.Options(TimeSpan.FromMinutes(10), cancellationToken));
        return (clock.GetElapsedTime(start).TotalMilliseconds, answer);
    }

    async Task<double> AskSqlAsync(NpgsqlConnection connection)
    {
        terminal.Step("asks SQL");
        await using (var memory = new NpgsqlCommand("SET work_mem = '1GB'", connection))
        {
            await memory.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var command = new NpgsqlCommand(WaterfallSql, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = Tenant } } };
        var start = clock.GetTimestamp();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            // What it takes to have all of them counts.
        }
        return clock.GetElapsedTime(start).TotalMilliseconds;
    }

    async Task<(double[] All, double[] Segment, double[] Less)> AskDuckDbAsync(MadeUpLedger ledger)
    {
        terminal.Step("asks DuckDB");
        var folder = await NodeTools.InstallDuckDbAsync(checkout, terminal, cancellationToken);
        var file = Path.Combine(checkout.BenchFolder, "journeys.csv");
        await using (var writer = new StreamWriter(file))
        {
            ledger.WriteJourneys(writer);
        }
        List<string> lines = [];
        var exitCode = await GuardedProcess.RunAsync(
            ["node", Path.Combine(folder, "waterfall.mjs"), file, $"{Rounds}", $"{Environment.ProcessorCount}"], checkout.Root, lines.Add, cancellationToken: cancellationToken);
        File.Delete(file);
        if (exitCode != 0)
        {
            throw new CommandFailedException($"DuckDB failed:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
        }
        using var answer = JsonDocument.Parse(lines[^1]);
        return (Read("all"), Read("segment"), Read("less"));

        double[] Read(string name) => [.. answer.RootElement.GetProperty(name).EnumerateArray().Select(time => time.GetDouble())];
    }
}
