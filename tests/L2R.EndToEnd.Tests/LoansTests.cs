using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;

namespace L2R.EndToEnd.Tests;

/// <summary>A bank's 13,087 real journeys through <c>l2r import</c>, and figures that another program took from the raw file.</summary>
public sealed class LoansTests(StackFixture stack)
{
    const string Tenant = "loans";

    static readonly int[] Days = [1, 7, 14, 30, 60];

    static JsonElement Expected { get; } = Repository.Loans is { } folder
        ? JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json"))).RootElement
        : default;

    [Fact]
    public async Task Every_figure_comes_out_and_a_second_import_changes_nothing()
    {
        Assert.SkipWhen(Repository.Loans is null, "The loans data is not here: neither in L2R_DATA nor in shared/data beside the repository.");
        var file = Path.Combine(Repository.Loans, "transitions.csv");

        var first = await CliProcess.RunAsync("import", file, "--map", "loans", "--tenant", Tenant, "--gateway", stack.Gateway);
        Assert.Equal((0, ""), (first.ExitCode, first.Errors));
        Assert.Contains("50,300 rows stored, 0 unchanged, 0 corrected, 0 rejected; 13,087 journeys", first.Output, StringComparison.Ordinal);
        await CheckFiguresAsync();
        await CheckMonthsAsync();
        await CheckLogAsync("xes", """
            const { traces } = XesImporter.apply(text);
            say(traces.length, traces.flatMap((trace) => trace.events.map((event) => event.attributes['concept:name'].value)));
            """);
        await CheckLogAsync("ocel", """
            const { objects, events } = JSON.parse(text);
            say(objects.filter((object) => object.type === 'journey').length, events.map((event) => event.type));
            """);
        await CheckQuestionsAsync();
        await CheckInterruptedExportAsync();

        var second = await CliProcess.RunAsync("import", file, "--map", "loans", "--tenant", Tenant, "--gateway", stack.Gateway);
        Assert.Equal((0, ""), (second.ExitCode, second.Errors));
        Assert.Contains("nothing new: 50,300 rows unchanged, 0 rejected; 13,087 journeys", second.Output, StringComparison.Ordinal);
        await CheckFiguresAsync();
    }

    async Task CheckFiguresAsync()
    {
        var waterfall = await AskAsync(new GetWaterfallRequest());
        var group = Assert.Single(waterfall.Groups);

        Assert.Equal(Expected.GetProperty("journeys").GetInt64(), waterfall.JourneyCount);
        Assert.Equal("UTC", waterfall.TimeZone);
        AssertCounts(Expected.GetProperty("reached"), group, volume => volume.ReachCount);
        AssertCounts(Expected.GetProperty("inferred"), group, volume => volume.InferredCount);
        AssertCounts(Expected.GetProperty("entries"), group, volume => volume.EntryCount);
        AssertCounts(Expected.GetProperty("stock_at_as_of"), group, volume => volume.StockEndCount);
        Assert.Equal(("EUR", Expected.GetProperty("won_amount_eur").GetDecimal()), (Assert.Single(group.WonAmounts).CurrencyCode, group.WonAmounts[0].ToDecimal()));
        Assert.Equal(
            Expected.GetProperty("pairs").EnumerateObject().Select(pair => pair.Name),
            group.Pairs.Select(pair => $"{WaterfallCalls.NameOf(pair.From)}>{WaterfallCalls.NameOf(pair.To)}"));
        foreach (var (expected, pair) in Expected.GetProperty("pairs").EnumerateObject().Zip(group.Pairs))
        {
            CheckPair(expected.Value, pair);
        }
    }

    /// <summary>What programs of others find in the log is what the file has.</summary>
    /// <param name="script">JavaScript that reads <c>text</c>, and says how many journeys it found and the stage of each event.</param>
    async Task CheckLogAsync(string format, string script)
    {
        var log = Path.Combine(Directory.CreateTempSubdirectory("l2r-log-").FullName, "log");
        try
        {
            var export = await CliProcess.RunAsync("export", "events", "--format", format, "--out", log, "--tenant", Tenant, "--gateway", stack.Gateway);
            Assert.True(export.ExitCode == 0, export.Errors); // a slow machine tells of progress there
            Assert.StartsWith("50,300 events of 13,087 journeys", export.Output);
            const string Reader = """
                console.log = () => {};
                require('pm4js');
                const text = require('fs').readFileSync(process.argv[1], 'utf8');
                const say = (journeys, stages) => process.stdout.write(JSON.stringify({
                  journeys, entries: stages.reduce((counts, stage) => ({ ...counts, [stage]: (counts[stage] ?? 0) + 1 }), {}) }), () => process.exit(0));
                """;
            var start = new ProcessStartInfo("node", ["-e", Reader + script, log]) { RedirectStandardOutput = true };
            start.Environment["NODE_PATH"] = Path.Combine(Repository.Root, "tests", "node", "node_modules");
            using var node = Process.Start(start)!;
            using var read = JsonDocument.Parse(await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));

            Assert.Equal(Expected.GetProperty("journeys").GetInt64(), read.RootElement.GetProperty("journeys").GetInt64());
            Assert.Equal(Counts(Expected.GetProperty("entries")), Counts(read.RootElement.GetProperty("entries")));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(log)!, recursive: true);
        }

        static IEnumerable<string> Counts(JsonElement counts) => counts.EnumerateObject().Select(count => $"{count.Name} {count.Value.GetInt64()}").Order();
    }

    async Task CheckQuestionsAsync()
    {
        var diagnosis = await AskAsync("diagnose", "--horizon", "30d");
        Assert.All(Stages.Waterfall.Zip(Stages.Waterfall.Skip(1)), pair => Assert.Contains($"{pair.First.Name()} → {pair.Second.Name()}", diagnosis, StringComparison.Ordinal));
        var economics = await AskAsync("economics");
        Assert.All(
            Expected.GetProperty("reached").EnumerateObject(),
            stage => Assert.Contains(stage.Value.GetInt64().ToString("#,0", CultureInfo.InvariantCulture), economics, StringComparison.Ordinal));

        var cohorts = await AskAsync("cohorts", "--pair", "LEAD,MQL", "--by", "month", "--unit", "day", "--horizons", "30", "--csv");
        var rows = cohorts.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToList();
        var thirty = Expected.GetProperty("pairs").GetProperty("LEAD>MQL").GetProperty("horizon_days").GetProperty("30");
        Assert.Equal((thirty.GetProperty("mature").GetInt64(), thirty.GetProperty("converted").GetInt64()), (Sum("rate_cohort_count"), Sum("rate_converted_count")));

        // Of months that are not mature yet the cells are empty.
        long Sum(string column) => rows.Skip(1).Select(row => row[rows[0].IndexOf(column)]).Where(cell => cell.Length > 0).Sum(cell => long.Parse(cell, CultureInfo.InvariantCulture));

        async Task<string> AskAsync(params string[] question)
        {
            var end = await CliProcess.RunAsync([.. question, "--as-of", Expected.GetProperty("as_of").GetString()!, "--tenant", Tenant, "--gateway", stack.Gateway]);
            Assert.Equal((0, ""), (end.ExitCode, end.Errors));
            return end.Output;
        }
    }

    /// <summary>An interrupt while the log is written, and the rest of it does not come: nothing is left of it.</summary>
    async Task CheckInterruptedExportAsync()
    {
        var folder = Directory.CreateTempSubdirectory("l2r-log-");
        await using var proxy = new TcpProxy(new Uri(stack.Gateway));
        proxy.GoSilentAfter(1_000_000);
        try
        {
            using var export = CliProcess.Start(
                "export", "events", "--format", "xes", "--out", Path.Combine(folder.FullName, "log"), "--tenant", Tenant, "--gateway", proxy.Address.ToString());
            await Eventually.IsTrueAsync("events to be written", () => Task.FromResult(folder.EnumerateFiles().Any(file => file.Length > 0)));
            await export.InterruptAsync();
            var end = await export.WaitForEndAsync();

            Assert.Equal((130, ""), (end.ExitCode, end.Output));
            Assert.Contains("l2r: stopping", end.Errors, StringComparison.Ordinal);
            Assert.Empty(folder.EnumerateFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    async Task CheckMonthsAsync()
    {
        var waterfall = await AskAsync(new GetWaterfallRequest { CohortBy = L2R.Ledger.V1.Stage.Lead, GroupByPeriod = PeriodKind.Month });

        Assert.Equal(
            Expected.GetProperty("reached_by_lead_month_utc").EnumerateObject().Select(month =>
                $"{month.Name} {string.Join(' ', Stages.Waterfall.Select(stage => month.Value.GetProperty(stage.Name()).GetInt64()))}"),
            waterfall.Groups.Select(group => $"{group.Period.Name} {string.Join(' ', group.Volumes.Take(6).Select(volume => volume.ReachCount))}"));
    }

    async Task<Waterfall> AskAsync(GetWaterfallRequest request)
    {
        request.AsOf = Expected.GetProperty("as_of").GetDateTimeOffset().ToTimestamp();
        request.Horizons.Add(Days.Select(days => TimeSpan.FromDays(days).ToDuration()));
        request.CurveTimes.Add(request.Horizons);
        return await stack.GetWaterfallAsync(Tenant, request);
    }

    static void AssertCounts(JsonElement expected, WaterfallGroup group, Func<StageVolume, long> figure) => Assert.Equal(
        expected.EnumerateObject().Select(count => $"{count.Name} {count.Value.GetInt64()}").Order(),
        group.Volumes.Select(volume => (Name: WaterfallCalls.NameOf(volume.Stage), Count: figure(volume)))
            .Where(volume => expected.TryGetProperty(volume.Name, out _))
            .Select(volume => $"{volume.Name} {volume.Count}")
            .Order());

    static void CheckPair(JsonElement expected, PairFigures pair)
    {
        Assert.Equal(expected.GetProperty("cohort").GetInt64(), pair.CohortCount);
        Assert.Equal(expected.GetProperty("reached").GetInt64(), pair.ToDate.ConvertedCount);
        foreach (var (days, horizon) in Days.Select(day => day.ToString(CultureInfo.InvariantCulture)).Zip(pair.Horizons))
        {
            var figures = expected.GetProperty("horizon_days").GetProperty(days);
            Assert.Equal(figures.GetProperty("mature").GetInt64(), horizon.Rate.CohortCount);
            Assert.Equal(figures.GetProperty("converted").GetInt64(), horizon.Rate.ConvertedCount);
            Assert.Equal(pair.CohortCount - horizon.Rate.CohortCount, horizon.ImmatureCount);
            AssertNear(figures.GetProperty("rate").GetDouble(), horizon.Rate.Ratio, 0.000001);
            AssertNear(figures.GetProperty("wilson95")[0].GetDouble(), horizon.Rate.IntervalLowRatio, 0.000001);
            AssertNear(figures.GetProperty("wilson95")[1].GetDouble(), horizon.Rate.IntervalHighRatio, 0.000001);
        }
        foreach (var (days, point) in Days.Select(day => day.ToString(CultureInfo.InvariantCulture)).Zip(pair.Curve))
        {
            AssertNear(expected.GetProperty("aalen_johansen_days").GetProperty(days).GetDouble(), point.Ratio, 0.000001);
        }

        var velocity = expected.GetProperty("velocity_seconds");
        Assert.Equal(velocity.GetProperty("n").GetInt64(), pair.CohortVelocity.JourneyCount);
        Assert.Equal(velocity.GetProperty("negative").GetInt64(), pair.CohortVelocity.OutOfOrderCount);
        AssertNear(velocity.GetProperty("mean").GetDouble(), pair.CohortVelocity.Mean.ToTimeSpan().TotalSeconds, 0.001);
        AssertNear(velocity.GetProperty("median").GetDouble(), pair.CohortVelocity.Median.ToTimeSpan().TotalSeconds, 0.001);
        AssertNear(velocity.GetProperty("p75").GetDouble(), pair.CohortVelocity.P75.ToTimeSpan().TotalSeconds, 0.001);
        AssertNear(velocity.GetProperty("p90").GetDouble(), pair.CohortVelocity.P90.ToTimeSpan().TotalSeconds, 0.001);
    }

    static void AssertNear(double expected, double actual, double tolerance) => Assert.InRange(actual, expected - tolerance, expected + tolerance);
}
