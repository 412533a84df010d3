using System.CommandLine;
using L2R.Cli.Bench;
using L2R.Cli.Imports;
using L2R.Cli.Processes;
using L2R.Cli.Stack;

namespace L2R.Cli.Commands;

/// <summary><c>l2r bench</c>: how fast this checkout is on this machine.</summary>
static class BenchCommand
{
    const int Rounds = 3;
    const string Waterfall = "waterfall";

    static readonly TimeProvider Clock = TimeProvider.System;
    static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(5);

    public static Command Create(Checkout checkout, Terminal terminal)
    {
        var json = new Option<string?>("--json") { Description = "Where the figures go as JSON; artifacts/bench/bench.json (grpc.json) unless given" };
        var only = new Option<string?>("--only") { Description = "One of the loads: create-lead, import, transitions or live. All of them unless given. Or grpc: gRPC itself, without a stack. Or waterfall: questions over many journeys, beside DuckDB and SQL" };
        only.AcceptOnlyFromAmong("create-lead", "import", "transitions", "live", "grpc", Waterfall);
        var seconds = new Option<int>("--seconds") { Description = "How long each load lasts in each round, 1 to 600", DefaultValueFactory = _ => 10 };
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 600)
            {
                result.AddError("--seconds is a number from 1 to 600");
            }
        });
        var soak = new Option<int?>("--soak") { Description = "With --only grpc: instead, calls for so many minutes at a modest rate and shows each minute what memory both sides hold" };
        soak.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1 || result.GetValue(only) != "grpc")
            {
                result.AddError("--soak is a number of minutes from 1, and goes with --only grpc");
            }
        });
        var journeys = new Option<int>("--journeys") { Description = "With --only waterfall: over how many, 1,000 to 20,000,000", DefaultValueFactory = _ => 1_000_000 };
        journeys.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1_000 or > 20_000_000 || (!result.Implicit && result.GetValue(only) != Waterfall))
            {
                result.AddError("--journeys is a number from 1000 to 20000000, and goes with --only waterfall");
            }
        });
        var command = new Command("bench", "Measure calls, imports and latency on a stack of its own, beside what the machine can do underneath") { json, only, seconds, soak, journeys };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(json) is { } file ? Path.GetFullPath(file) : Path.Combine(checkout.BenchFolder, parsed.GetValue(only) is "grpc" or Waterfall ? $"{parsed.GetValue(only)}.json" : "bench.json"),
            parsed.GetValue(only),
            parsed.GetValue(seconds),
            parsed.GetValue(soak),
            parsed.GetValue(journeys),
            checkout,
            terminal,
            cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(
        string file, string? only, int seconds, int? soak, int journeys, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        if (soak is { } minutes)
        {
            await GrpcBench.SoakAsync(minutes, checkout, terminal, cancellationToken);
            return ExitCodes.Done;
        }
        if (only == "grpc")
        {
            await GrpcBench.RunAsync(file, seconds, checkout, terminal, cancellationToken);
            return ExitCodes.Done;
        }
        await Build.ProjectAsync(checkout.AppHostProject, checkout, terminal, cancellationToken);
        var (name, history) = FindHistory(checkout);
        var plan = ImportPlan.Create(new FileReader(history, ImportMap.Find("loans"), Clock.GetUtcNow()).Read());
        terminal.Step("starts a stack of its own, without data");
        var folder = new StackFolder(Path.Combine(checkout.BenchFolder, "stack"));
        await new OwnStack(checkout, folder).RunAsync(
            ["--no-dashboard"], // services that send their spans away would be measured with that
            async (ready, cancelled) =>
            {
                await using var databases = new Databases(ready.Connections["postgres"], Clock);
                await using var raw = await RawPostgres.CreateAsync(ready.Connections["postgres"], Clock, cancelled);
                var machine = Machine.Describe(await databases.ReadVersionAsync(cancelled));
                Gateway Open(string resource, string tenant) =>
                    Gateway.Open(checkout, ready.Resources.Single(r => r.Name == resource).Urls["grpc"], token: null, tenant);
                if (only == Waterfall)
                {
                    int PidOfMetrics() => folder.Read()!.Resources.Single(resource => resource.Name == "metrics").Pid!.Value;
                    using var metrics = Open("metrics", WaterfallBench.Tenant);
                    var bench = new WaterfallBench(metrics, databases, ready.Connections["postgres"], PidOfMetrics, checkout, terminal, Clock, cancelled);
                    await bench.RunAsync(journeys, plan);
                    await ReportAsync(bench.Measured, machine, [ReadMemory(folder.Read()!)], cancelled, killed: "metrics");
                    return;
                }

                List<IReadOnlyList<(string Process, long Bytes)>> memory = [];
                BenchRun Run() => new(Open, () => ReadCpu(folder.Read()!), databases, raw, plan, Clock, cancelled);

                var duration = TimeSpan.FromSeconds(seconds);
                await RoundAsync(0, Run(), duration < LongestWarmUp ? duration : LongestWarmUp);
                var measured = Run();
                for (var round = 1; round <= Rounds; round++)
                {
                    await RoundAsync(round, measured, duration);
                    memory.Add(ReadMemory(folder.Read()!));
                }

                await ReportAsync(measured.Measured, machine, memory, cancelled);
            },
            cancellationToken);
        terminal.Step($"stopped the stack; the figures are in {checkout.Shorten(file)}");
        return ExitCodes.Done;

        async Task ReportAsync(
            Measurements measured, Machine machine, IReadOnlyList<IReadOnlyList<(string Process, long Bytes)>> memory, CancellationToken cancelled, string? killed = null)
        {
            var end = folder.Read()!;
            if (end.Resources.FirstOrDefault(resource => resource.Restarts > (resource.Name == killed ? 1 : 0)) is { } crashed)
            {
                throw new CommandFailedException($"{crashed.Name} crashed meanwhile: the figures say nothing. Its log: {crashed.Log}");
            }
            var report = new BenchReport(
                Clock.GetUtcNow(), await ReadCommitAsync(checkout, cancelled), seconds, name, machine, measured.Figures,
                [.. memory.SelectMany(round => round).GroupBy(each => each.Process, (process, rounds) => new ProcessMemory(process, [.. rounds.Select(each => each.Bytes)]))]);
            report.Print(terminal);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, report.ToJson(), cancelled);
        }

        async Task RoundAsync(int round, BenchRun run, TimeSpan duration)
        {
            (string Name, Func<int, TimeSpan, Task> RunAsync)[] loads =
                [("create-lead", run.CreateLeadsAsync), ("import", run.ImportAsync), ("transitions", run.TransitionsAsync), ("live", run.LiveAsync)];
            foreach (var load in loads.Where(load => only is null || only == load.Name))
            {
                terminal.Step($"{(round == 0 ? "warm-up" : $"round {round} of {Rounds}")}: {load.Name}");
                await load.RunAsync(round, duration);
            }
        }
    }

    /// <summary>The bank's loans where they are at hand, else history of the same shape.</summary>
    static (string Name, string File) FindHistory(Checkout checkout)
    {
        var data = Environment.GetEnvironmentVariable("L2R_DATA") is { Length: > 0 } given ? given : Path.Combine(checkout.Root, "..", "shared", "data");
        var loans = Path.Combine(data, "loans", "transitions.csv");
        if (File.Exists(loans))
        {
            return ("loans", loans);
        }
        Directory.CreateDirectory(checkout.BenchFolder);
        var generated = Path.Combine(checkout.BenchFolder, "history.csv");
        using var writer = new StreamWriter(generated);
        HistoryFile.Write(writer, HistoryFile.Journeys, HistoryFile.Seed);
        return ("generated", generated);
    }

    static async Task<string> ReadCommitAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await GuardedProcess.RunAsync(["git", "describe", "--always", "--dirty=+", "--exclude=*"], checkout.Root, lines.Add, cancellationToken: cancellationToken);
        return lines.FirstOrDefault() ?? "unknown";
    }

    static List<(string Process, TimeSpan Taken)> ReadCpu(StackState state) =>
    [
        .. state.Resources.Where(resource => resource.Pid is not null).Select(resource => (resource.Name, Machine.CpuOf(resource.Pid!.Value))),
        ("bench", ProcessEntry.Find(Environment.ProcessId)!.Cpu),
    ];

    static List<(string Process, long Bytes)> ReadMemory(StackState state) =>
    [
        .. state.Resources.Where(resource => resource.Pid is not null).Select(resource => (resource.Name, Machine.MemoryOf(resource.Pid!.Value))),
        ("bench", Machine.MemoryOfOne(Environment.ProcessId)),
    ];
}
