using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Grpc.Net.Client;
using L2R.EndToEnd.Tests;
using L2R.TestSupport;

[assembly: AssemblyFixture(typeof(StackFixture))]
[assembly: CollectionBehavior(DisableTestParallelization = true)] // some tests kill what others use

namespace L2R.EndToEnd.Tests;

/// <summary>The whole stack, as <c>./l2r up</c> starts it, on a state folder of its own; once for all tests.</summary>
public sealed class StackFixture : IAsyncLifetime
{
    const int SecondsToStart = 180;

    // PostgreSQL's user must be able to pass through it.
    static readonly UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    readonly string _folder = CreateStateDirectory();
    readonly ConcurrentQueue<string> _output = new();
    Process? _process;

    /// <summary>The gateway's grpc address.</summary>
    public string Gateway { get; private set; } = "";

    /// <summary>The broker's address, with its password.</summary>
    public string Broker { get; private set; } = "";

    public GrpcChannel Channel { get; private set; } = null!;

    public static string CreateStateDirectory()
    {
        var folder = Directory.CreateTempSubdirectory("l2r-e2e-").FullName;
        File.SetUnixFileMode(folder, Passable);
        return folder;
    }

    public async ValueTask InitializeAsync()
    {
        _process = Process.Start(
            new ProcessStartInfo("dotnet", [Programs.AppHost, "--state-dir", _folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilReadyAsync();
        Gateway = Resource("gateway").GetProperty("urls").GetProperty("grpc").GetString()!;
        Broker = ReadState()!.Value.GetProperty("connections").GetProperty("rabbitmq").GetString()!;
        Channel = GrpcChannel.ForAddress(Gateway);
    }

    public async Task WaitUntilReadyAsync() => await Eventually.IsTrueAsync(
        "the stack to be ready",
        () =>
        {
            var end = HowItEnded();
            Assert.True(end is null, end);
            var state = ReadState();
            Assert.False(state is { } known && known.GetProperty("failed").ValueKind == JsonValueKind.String, LastLines());
            return Task.FromResult(state is { } current && current.GetProperty("ready").GetBoolean());
        },
        SecondsToStart);

    /// <summary>The address of the dashboard, with its token.</summary>
    public Uri Dashboard => new(ReadState()!.Value.GetProperty("dashboard").GetString()!);

    /// <summary>kill -9 of one process of the stack.</summary>
    /// <returns>Waits until another one runs in its place and everything is healthy.</returns>
    public async Task<Func<Task>> KillAsync(string resource)
    {
        var pid = Resource(resource).GetProperty("pid").GetInt32();
        using (var victim = Process.GetProcessById(Youngest(pid)))
        {
            victim.Kill();
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        return async () =>
        {
            await Eventually.IsTrueAsync(
                $"{resource} to be started again",
                () => Task.FromResult(Resource(resource).GetProperty("pid") is { ValueKind: JsonValueKind.Number } now && now.GetInt32() != pid),
                SecondsToStart);
            await WaitUntilReadyAsync();
        };
    }

    /// <summary>The process at the end of a chain: Aspire starts a project by <c>dotnet run</c>, and what that starts is the service.</summary>
    static int Youngest(int pid) =>
        File.ReadAllText($"/proc/{pid}/cmdline").Contains("\0run\0", StringComparison.Ordinal)
            && File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var child]
            ? Youngest(int.Parse(child, CultureInfo.InvariantCulture))
            : pid;

    public async ValueTask DisposeAsync()
    {
        Channel?.Dispose();
        var end = HowItEnded();
        if (_process is not null)
        {
            if (end is null)
            {
                using var terminate = Process.Start("kill", ["-s", "TERM", $"{_process.Id}"]);
                await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
            }
            _process.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
        Assert.True(end is null, end); // explains why tests failed
    }

    /// <summary>What an AppHost that ended by itself said last; null while it runs.</summary>
    string? HowItEnded() =>
        _process is { HasExited: true } ? $"The AppHost ended with exit code {_process.ExitCode}. Its last lines:\n{LastLines()}" : null;

    string LastLines() => string.Join('\n', _output.TakeLast(50));

    JsonElement Resource(string name) =>
        ReadState()!.Value.GetProperty("resources").EnumerateArray().Single(resource => resource.GetProperty("name").GetString() == name);

    JsonElement? ReadState()
    {
        try
        {
            using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "stack.json")));
            return state.RootElement.Clone();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
