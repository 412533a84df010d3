using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Tests.Practice;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Exports;

/// <summary>The command <c>export events</c> against a service that answers; the logs are read by programs of others.</summary>
public sealed class ExportCommandTests : IDisposable
{
    const string Hostile = "=HYPERLINK(\"x\"), <&>\u0001";

    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, 123, TimeSpan.Zero);

    readonly TempCheckout _temp = new();

    string Folder => _temp.Checkout.Root;

    public void Dispose() => _temp.Dispose();

    static JourneyRow Row(int lead, int journey, Stage to, int hours, string opportunity = "", decimal? amount = null) => new()
    {
        InForce = true,
        RecordTime = Noon.AddDays(1).ToTimestamp(),
        Change = new()
        {
            TransitionId = new Guid(lead, (short)journey, (short)hours, new byte[8]).ToString(),
            Lead = $"leads/{lead}",
            Journey = $"journeys/{journey}",
            Opportunity = opportunity,
            To = to,
            OccurTime = Noon.AddHours(hours).ToTimestamp(),
            SourceSeq = hours,
            Origin = Origin.Live,
            Actor = "user:7f",
            Reason = "Ann said no",
            Amount = amount is { } value ? value.ToMoney("EUR") : null,
            Dimensions = new() { Channel = Hostile, Team = "north", Custom = { ["plan"] = "pro", ["partner"] = "acme" } },
        },
    };

    /// <summary>Three journeys of two leads in two batches, one journey in both; a won opportunity beside a lost one.</summary>
    static async Task<FakeMetrics> LedgerAsync()
    {
        var metrics = await FakeMetrics.StartAsync();
        JourneyRow[] rows =
        [
            Row(1, 1, Stage.Lead, 0), Row(1, 1, Stage.Recycled, 1), Row(1, 2, Stage.Lead, 2),
            Row(1, 2, Stage.Opportunity, 3, "opportunities/a"), Row(1, 2, Stage.Opportunity, 4, "opportunities/b"), Row(1, 2, Stage.ClosedLost, 5, "opportunities/a"),
            Row(1, 2, Stage.ClosedWon, 6, "opportunities/b", 1_000.5m), Row(2, 3, Stage.Mql, 0),
        ];
        foreach (var batch in rows.Chunk(5))
        {
            metrics.Batches.Add(new() { AsOf = Noon.ToTimestamp(), KnownAt = Noon.ToTimestamp(), Rows = { batch } });
        }
        return metrics;
    }

    Task<int> RunAsync(FakeMetrics metrics, params string[] arguments) =>
        _temp.RunAsync(["export", "events", .. arguments, "--gateway", metrics.Address, "--token", "secret"]);

    [Fact]
    public async Task A_process_mining_library_reads_every_event_of_the_XES()
    {
        await using var metrics = await LedgerAsync();
        var file = Path.Combine(Folder, "log.xes");

        Assert.Equal(0, await RunAsync(metrics, "--format", "xes", "--out", file));

        Assert.StartsWith($"8 events of 3 journeys in {file}", _temp.Output.ToString());
        using var read = await ReadAsync("read-xes.js", file);
        var log = read.RootElement;
        Assert.Equal(["Concept", "Time", "Lifecycle", "Organizational", "Cost", "Identity"], log.GetProperty("extensions").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("concept:name", log.GetProperty("classifiers").GetProperty("Stage").GetString());
        Assert.Equal("""{"trace":["concept:name"],"event":["concept:name","lifecycle:transition","time:timestamp"]}""", log.GetProperty("globals").GetRawText());
        Assert.Equal(
            [
                "journeys/1: LEAD RECYCLED", "journeys/2: LEAD OPPORTUNITY OPPORTUNITY CLOSED_LOST CLOSED_WON", "journeys/3: MQL",
            ],
            log.GetProperty("traces").EnumerateArray().Select(trace =>
                $"{trace.GetProperty("name")}: {string.Join(' ', trace.GetProperty("events").EnumerateArray().Select(each => each.GetProperty("stage").GetString()))}"));
        var won = log.GetProperty("traces")[1].GetProperty("events")[4];
        Assert.Equal(("2026-01-05T18:00:00.123Z", "user:7f", 1_000.5), (won.GetProperty("time").GetString(), won.GetProperty("resource").GetString(), won.GetProperty("cost").GetDouble()));
        Assert.Equal("=HYPERLINK(\"x\"), <&>\uFFFD", log.GetProperty("traces")[0].GetProperty("channel").GetString());
        Assert.DoesNotContain("Ann", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_OCEL_holds_its_schema_and_has_every_event_and_object()
    {
        await using var metrics = await LedgerAsync();
        var file = Path.Combine(Folder, "log.json");

        Assert.Equal(0, await RunAsync(metrics, "--format", "ocel", "--out", file));

        using var read = await ReadAsync("read-ocel.js", file);
        Assert.Equal(
            """{"problems":[],"events":{"LEAD":2,"RECYCLED":1,"OPPORTUNITY":2,"CLOSED_LOST":1,"CLOSED_WON":1,"MQL":1},"objects":{"lead":2,"journey":3,"opportunity":2},"qualifiers":["journey","lead","opportunity","pass of the lead","pursued in the journey"],"custom":["custom.partner=acme","custom.plan=pro"]}""",
            read.RootElement.GetRawText());
        Assert.DoesNotContain("Ann", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal([file], Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task An_empty_ledger_is_a_log_without_events()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        metrics.Batches.Add(new() { AsOf = Noon.ToTimestamp(), KnownAt = Noon.ToTimestamp() });

        foreach (var format in new[] { "xes", "ocel", "csv", "jsonl" })
        {
            Assert.Equal(0, await RunAsync(metrics, "--format", format, "--out", Path.Combine(Folder, format)));
        }

        using var xes = await ReadAsync("read-xes.js", Path.Combine(Folder, "xes"));
        Assert.Equal(0, xes.RootElement.GetProperty("traces").GetArrayLength());
        using var ocel = await ReadAsync("read-ocel.js", Path.Combine(Folder, "ocel"));
        Assert.Equal("""{"problems":[],"events":{},"objects":{},"qualifiers":[],"custom":[]}""", ocel.RootElement.GetRawText());
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(Folder, "csv"), TestContext.Current.CancellationToken));
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(Folder, "jsonl"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task CSV_and_JSON_lines_have_every_column_and_the_text_of_a_formula_is_none_in_a_spreadsheet()
    {
        await using var metrics = await LedgerAsync();
        var (csv, json) = (Path.Combine(Folder, "log.csv"), Path.Combine(Folder, "log.jsonl"));

        Assert.Equal(0, await RunAsync(metrics, "--format", "csv", "--out", csv, "--superseded", "--from", "2026-01-05"));
        Assert.Equal(0, await RunAsync(metrics, "--format", "jsonl", "--out", json));

        var lines = (await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken)).Split("\r\n");
        Assert.Equal(10, lines.Length);
        Assert.Equal(
            "transition_id,lead_id,journey_id,opportunity_id,from_stage,to_stage,occurred_at,recorded_at,source_seq,origin,actor,reason,policy_version,score,amount,currency,"
            + "supersedes,in_force,channel,source,campaign,segment,region,owner,team,product,motion,custom",
            lines[0]);
        Assert.Equal(
            "00000001-0002-0006-0000-000000000000,1,2,b,,CLOSED_WON,2026-01-05T18:00:00.123Z,2026-01-06T12:00:00.123Z,6,LIVE,user:7f,Ann said no,,,1000.5,EUR,,true,"
            + "\"'=HYPERLINK(\"\"x\"\"), <&>\u0001\",,,,,,north,,,\"{\"\"partner\"\":\"\"acme\"\",\"\"plan\"\":\"\"pro\"\"}\"",
            lines[7]);
        using var won = JsonDocument.Parse((await File.ReadAllLinesAsync(json, TestContext.Current.CancellationToken))[6]);
        Assert.Equal(
            (Hostile, 1_000.5m, 6, true, JsonValueKind.Null),
            (won.RootElement.GetProperty("channel").GetString(), won.RootElement.GetProperty("amount").GetDecimal(), won.RootElement.GetProperty("source_seq").GetInt32(),
                won.RootElement.GetProperty("in_force").GetBoolean(), won.RootElement.GetProperty("source").ValueKind));
        Assert.False(metrics.Exported!.IncludeSuperseded);
    }

    [Theory]
    [InlineData("xes")]
    [InlineData("ocel")]
    [InlineData("csv")]
    public async Task What_breaks_leaves_the_file_as_it_was(string format)
    {
        await using var metrics = await LedgerAsync();
        metrics.Breaks = true;
        var file = _temp.Write("log", "of yesterday");

        Assert.Equal(1, await RunAsync(metrics, "--format", format, "--out", file));

        Assert.Contains("does not answer", _temp.Errors.ToString());
        Assert.Equal([file], Directory.GetFiles(Folder));
        Assert.Equal("of yesterday", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ctrl_C_leaves_nothing_behind()
    {
        await using var metrics = await LedgerAsync();
        using var interrupted = new CancellationTokenSource();
        await interrupted.CancelAsync();

        Assert.Equal(130, await _temp.RunAsync(
            interrupted.Token, "export", "events", "--format", "ocel", "--out", Path.Combine(Folder, "log"), "--gateway", metrics.Address, "--token", "secret"));

        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData("--format takes xes, ocel, csv, jsonl; not 'xml'", "--format", "xml")]
    [InlineData("--superseded is for csv and jsonl: a process log has what counts", "--format", "xes", "--superseded")]
    public async Task Wrong_usage_says_what_is_right(string problem, params string[] arguments)
    {
        Assert.Equal(2, await _temp.RunAsync(["export", "events", .. arguments]));
        Assert.Contains(problem, _temp.Errors.ToString());
    }

    [Fact]
    public async Task A_place_that_takes_no_file_is_said()
    {
        await using var metrics = await LedgerAsync();

        Assert.Equal(1, await RunAsync(metrics, "--format", "csv", "--out", Path.Combine(Folder, "nowhere", "log.csv")));

        Assert.Contains("log.csv cannot be written", _temp.Errors.ToString());
    }

    /// <summary>What a program of others says of a file.</summary>
    static async Task<JsonDocument> ReadAsync(string script, string file)
    {
        var checkout = Checkout.Find();
        var start = new ProcessStartInfo("node", [Path.Combine(checkout.Root, "tests", "L2R.Cli.Tests", "Exports", script), file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NODE_PATH"] = Path.Combine(checkout.NodeFolder, "node_modules") },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return JsonDocument.Parse(output);
    }
}
