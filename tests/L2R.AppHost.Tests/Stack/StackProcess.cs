using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using L2R.AppHost.Stack;

namespace L2R.AppHost.Tests.Stack;

/// <summary>A stack that runs as a process of its own, on a state folder of its own, and is killed when the test is over.</summary>
sealed class StackProcess : IAsyncDisposable
{
    public const string ScriptedStack = "L2R.AppHost.Tests.Stack";
    public const string WholeStack = "L2R.AppHost";

    const string Mark = "L2R_TEST_MARK"; // inherited by everything that a stack starts
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly Process _process;
    readonly string _mark = Guid.NewGuid().ToString("N");
    readonly Task<string> _output;
    readonly Task<string> _errors;

    StackProcess(string program, string stateDirectory, string[] args, (string Name, string Value)[] environment)
    {
        StateDirectory = stateDirectory;
        // Who was started in the background by a script ignores SIGINT, and so would its children.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), "--state-dir", stateDirectory, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Mark] = _mark;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public string StateDirectory { get; }

    public int Pid => _process.Id;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static StackProcess Start(
        string program, string stateDirectory, string[]? args = null, params (string Name, string Value)[] environment) =>
        new(program, stateDirectory, args ?? [], environment);

    /// <summary>A folder that PostgreSQL's user can reach too.</summary>
    public static string CreateStateDirectory() => Directory.CreateTempSubdirectory("l2r-test-").FullName;

    /// <summary>Waits until <c>stack.json</c> is as wanted.</summary>
    public async Task<StackState> WaitForAsync(Func<StackState, bool> isWanted)
    {
        StackState? last = null;
        await WaitUntilAsync(
            () => (last = ReadState()) is { } state && state.Pid == Pid && isWanted(state),
            () => $"stack.json: {last?.ToJson()}{(_output.IsCompleted ? " The stack has ended." : "")}");
        return last!;
    }

    public StackState? ReadState()
    {
        try
        {
            return JsonSerializer.Deserialize<StackState>(File.ReadAllText(Path.Combine(StateDirectory, "stack.json")), Json);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes a script of the scripted stack healthy, or unhealthy again.</summary>
    public void SetReady(string name, bool isReady = true)
    {
        var path = Path.Combine(StateDirectory, $"{name}.ready");
        if (isReady)
        {
            File.WriteAllText(path, "");
        }
        else
        {
            File.Delete(path);
        }
    }

    public static async Task<Dictionary<string, string>> AskEnvironmentAsync(ResourceState service)
    {
        using var client = new HttpClient();
        return (await client.GetFromJsonAsync<Dictionary<string, string>>(new Uri($"{service.Urls["http"]}/environment"), Cancelled))!;
    }

    public static async Task SignalAsync(string signal, int pid)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{pid}"]);
        await kill.WaitForExitAsync(Cancelled);
    }

    /// <summary>Stops it as Ctrl-C, SIGTERM or kill -9 would.</summary>
    public async Task<StackEnd> StopAsync(string signal)
    {
        await SignalAsync(signal, Pid);
        return await WaitForEndAsync();
    }

    public async Task<StackEnd> WaitForEndAsync()
    {
        await _process.WaitForExitAsync(Cancelled).WaitAsync(Patience, Cancelled);
        return new(_process.ExitCode, await _output, await _errors);
    }

    public Task WaitUntilNothingIsLeftAsync() => WaitUntilAsync(() => !FindMarked().Any(), () => $"left: {string.Join(", ", FindMarked())}");

    public static Task WaitUntilAsync(Func<bool> isMet, Func<string> describe) => WaitUntilAsync(() => Task.FromResult(isMet()), describe);

    public static async Task WaitUntilAsync(Func<Task<bool>> isMet, Func<string> describe)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isMet())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, describe());
            await Task.Delay(20, Cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await WaitUntilNothingIsLeftAsync();
        _process.Dispose();
    }

    // Zombies do not count: who has ended is not there, only not yet asked for.
    IEnumerable<string> FindMarked() =>
        from folder in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), out _)
        where TryRead(folder, "environ").Contains(_mark) && !TryRead(folder, "status").Contains("State:\tZ")
        select TryRead(folder, "cmdline").Replace('\0', ' ');

    static string TryRead(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended meanwhile
        }
    }
}

/// <summary>How a stack ended, and all that it said.</summary>
sealed record StackEnd(int ExitCode, string Output, string Errors);
