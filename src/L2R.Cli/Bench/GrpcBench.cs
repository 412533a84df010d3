using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using L2R.Cli.Processes;

namespace L2R.Cli.Bench;

/// <summary>How fast gRPC itself is here, without L2R: an echo server, loaded by h2load and by its own client.</summary>
static partial class GrpcBench
{
    const int Rounds = 3;
    const int Aim = 60_000; // calls a second by h2load on two cores
    const int SoakRate = 5_000; // calls a second
    const string ClientLimit = "h2load, 1 connection, 100 streams";

    static readonly (string Name, int Bytes)[] Sizes = [("empty", 0), ("1 KiB", 1024), ("64 KiB", 64 * 1024)];

    public static async Task RunAsync(string file, int seconds, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var program = await BuildAsync(checkout, terminal, cancellationToken);
        var machine = Machine.Describe(postgres: "");
        var (server, target) = await ServeAsync(program, checkout, cancellationToken);
        await using var stopped = server;
        var measured = new Measurements();
        for (var round = 1; round <= Rounds; round++)
        {
            terminal.Step($"round {round} of {Rounds}: gRPC");
            foreach (var (name, bytes) in Sizes)
            {
                var limit = await CallByH2LoadAsync(target, bytes, seconds, checkout, cancellationToken);
                measured.Add($"Echo of {name}, h2load", "calls/s", limit, aim: bytes == 0 ? Aim : null);
                var own = await CallAsync("echo", bytes, inFlight: 64);
                measured.Add($"Echo of {name}, own client, 64 in flight", "calls/s", own.PerSecond, (ClientLimit, limit));
                measured.Add($"Echo of {name}, allocated by the server", "bytes", own.ServerBytes);
                measured.Add($"Echo of {name}, allocated by the client", "bytes", own.ClientBytes);
                measured.Add($"Echo of {name}, gen-2 collections of the server", "", own.ServerGen2);
            }
            foreach (var (name, bytes) in Sizes)
            {
                measured.Add($"Stream of {name}, 4 at once", "messages/s", (await CallAsync("stream", bytes, inFlight: 4)).PerSecond);
            }
        }
        var report = new GrpcReport(TimeProvider.System.GetUtcNow(), seconds, machine, measured.Figures);
        terminal.Table(
            ["figure", "unit", "median", "aim"],
            report.Figures.Select(figure => new[]
            {
                figure.Name, figure.Unit, figure.Value.ToString("#,0", CultureInfo.InvariantCulture), figure.Aim?.ToString("#,0", CultureInfo.InvariantCulture) ?? "",
            }));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, GrpcReportJson.Default.GrpcReport), cancellationToken);
        terminal.Step($"the figures are in {checkout.Shorten(file)}");

        async Task<ClientResult> CallAsync(string kind, int bytes, int inFlight) => JsonSerializer.Deserialize(
            await ReadAsync([.. program, "load", target, kind, $"{bytes}", $"{inFlight}", $"{seconds}"], checkout, cancellationToken),
            GrpcReportJson.Default.ClientResult)!;
    }

    /// <summary>Calls an echo server for long, and prints each minute what both sides hold.</summary>
    /// <exception cref="CommandFailedException">A call failed.</exception>
    public static async Task SoakAsync(int minutes, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var program = await BuildAsync(checkout, terminal, cancellationToken);
        var (server, target) = await ServeAsync(program, checkout, cancellationToken);
        await using var stopped = server;
        terminal.Step($"calls an echo server {SoakRate} times a second for {Words.Counted(minutes, "minute")}; heap after the last collection and RSS in MiB");
        if (await GuardedProcess.RunAsync([.. program, "soak", target, $"{SoakRate}", $"{minutes}"], checkout.Root, terminal.Line, cancellationToken: cancellationToken) != 0)
        {
            throw new CommandFailedException("Calls failed, see above.");
        }
    }

    static async Task<string[]> BuildAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var project = Path.Combine(checkout.Root, "tests", "L2R.Interop.Bench");
        await Build.ProjectAsync(Path.Combine(project, "L2R.Interop.Bench.csproj"), checkout, terminal, cancellationToken);
        return ["dotnet", Path.Combine(project, "bin", Checkout.Configuration, "net10.0", "L2R.Interop.Bench.dll")];
    }

    static async Task<(GuardedProcess Server, string Address)> ServeAsync(string[] program, Checkout checkout, CancellationToken cancellationToken)
    {
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = GuardedProcess.Start([.. program, "serve"], checkout.Root, line => address.TrySetResult(line));
        return (server, await address.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken));
    }

    /// <summary>An error is an answer too, to h2load, which looks at HTTP's status alone: that all the bytes came back tells.</summary>
    /// <returns>Answers a second.</returns>
    static async Task<double> CallByH2LoadAsync(string target, int bytes, int seconds, Checkout checkout, CancellationToken cancellationToken)
    {
        var body = Path.Combine(checkout.BenchFolder, "grpc.body");
        Directory.CreateDirectory(checkout.BenchFolder);
        var frame = Frame(bytes);
        await File.WriteAllBytesAsync(body, frame, cancellationToken);
        var output = await ReadAsync(
            [
                "h2load", "--clients=1", "--max-concurrent-streams=100", $"--duration={seconds}", "--warm-up-time=1", $"--data={body}",
                "--header=content-type: application/grpc", "--header=te: trailers", $"{target}/l2r.interop.bench.v1.BenchService/Echo",
            ],
            checkout, cancellationToken);
        return Summary().Match(output) is { Success: true } summary && Number(summary, "data") >= Number(summary, "succeeded") * frame.Length
            ? Number(summary, "rate")
            : throw new CommandFailedException($"h2load says:{Environment.NewLine}{output}");

        static double Number(Match summary, string name) => double.Parse(summary.Groups[name].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>A request as it travels: five bytes, the tag and length of the payload, the payload.</summary>
    static byte[] Frame(int bytes)
    {
        List<byte> message = [];
        if (bytes > 0)
        {
            message.Add(0x0a);
            for (var rest = bytes; rest > 0; rest >>= 7)
            {
                message.Add((byte)(rest < 0x80 ? rest : rest & 0x7f | 0x80));
            }
            message.AddRange(new byte[bytes]);
        }
        var length = message.Count;
        return [0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. message];
    }

    static async Task<string> ReadAsync(IReadOnlyList<string> command, Checkout checkout, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var exitCode = await GuardedProcess.RunAsync(command, checkout.Root, lines.Add, cancellationToken: cancellationToken);
        var output = string.Join(Environment.NewLine, lines);
        return exitCode == 0 ? output : throw new CommandFailedException($"{command[0]} ended with {exitCode}:{Environment.NewLine}{output}");
    }

    [GeneratedRegex(@"finished in .*, (?<rate>[\d.]+) req/s.*\b(?<succeeded>\d+) succeeded, 0 failed, 0 errored, 0 timeout.*\((?<data>\d+)\) data", RegexOptions.Singleline)]
    private static partial Regex Summary();
}

/// <summary>What the program says of one load.</summary>
sealed record ClientResult(double PerSecond, double ClientBytes, double ServerBytes, int ServerGen2);

/// <summary>What <c>bench --only grpc --json</c> writes.</summary>
/// <param name="Seconds">Of each load, in each round.</param>
sealed record GrpcReport(DateTimeOffset Date, int Seconds, Machine Machine, IReadOnlyList<Figure> Figures);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(GrpcReport))]
[JsonSerializable(typeof(ClientResult))]
sealed partial class GrpcReportJson : JsonSerializerContext;
