using System.Diagnostics;

namespace L2R.Cli.Processes;

/// <summary>A child in a session of its own, that gets SIGTERM when it is stopped or when this process ends, however that ends.</summary>
/// <remarks>
/// Its own session keeps a Ctrl-C in the terminal from reaching it beside our orderly stop. The guard waits for the end of its
/// standard input, which this process holds open: a kill -9 of this process closes it too, where no handler of ours would run.
/// What the child left behind in its session gets SIGTERM when it has ended: a test run that was killed leaves no servers.
/// </remarks>
sealed class GuardedProcess : IAsyncDisposable
{
    // File descriptor 3, because a shell gives a background command /dev/null as standard input.
    const string Guard = """
        exec 3<&0
        "$@" 3<&- </dev/null &
        child=$!
        { read -r _ <&3; kill -TERM $child; } >/dev/null 2>&1 &
        guard=$!
        wait $child
        code=$?
        kill $guard 2>/dev/null
        trap '' TERM
        kill -s TERM -- -$$ 2>/dev/null
        exit $code
        """;

    readonly Process _process;

    GuardedProcess(Process process) => _process = process;

    public bool HasExited => _process.HasExited;

    /// <summary>The exit code, or 128 plus the number of the signal that ended it. Only after it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The command with its guard, which SIGTERMs it when standard input ends.</summary>
    public static IReadOnlyList<string> CommandLine(IReadOnlyList<string> command) => ["setsid", "sh", "-c", Guard, "sh", .. command];

    /// <summary>Starts a command and hands over each line that it writes on standard output or error, one at a time.</summary>
    /// <param name="environment">Set beside what this process has.</param>
    public static GuardedProcess Start(
        IReadOnlyList<string> command, string folder, Action<string> onLine, IReadOnlyDictionary<string, string>? environment = null)
    {
        var guarded = CommandLine(command);
        var start = new ProcessStartInfo(guarded[0], guarded.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var oneAtATime = new Lock();
        void Hand(object sender, DataReceivedEventArgs line)
        {
            lock (oneAtATime)
            {
                if (line.Data is { } text)
                {
                    onLine(text);
                }
            }
        }

        process.OutputDataReceived += Hand;
        process.ErrorDataReceived += Hand;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new GuardedProcess(process);
    }

    /// <summary>Runs a command that must succeed.</summary>
    /// <param name="failure">What it means that it did not, as the beginning of a sentence; what the command said follows.</param>
    /// <exception cref="CommandFailedException">It ended with another exit code than 0.</exception>
    public static async Task RequireAsync(IReadOnlyList<string> command, string folder, string failure, CancellationToken cancellationToken)
    {
        List<string> output = [];
        if (await RunAsync(command, folder, output.Add, cancellationToken: cancellationToken) != 0)
        {
            throw new CommandFailedException($"{failure}:{Environment.NewLine}{string.Join(Environment.NewLine, output)}");
        }
    }

    /// <summary>Runs a command to its end; cancelled, it is stopped first.</summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> command,
        string folder,
        Action<string> onLine,
        IReadOnlyDictionary<string, string>? environment = null,
        CancellationToken cancellationToken = default)
    {
        await using var process = Start(command, folder, onLine, environment);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Asks it to stop, waits, and kills what is left of its session's process group after the grace.</summary>
    /// <returns>False when it had to be killed.</returns>
    public async Task<bool> StopAsync(TimeSpan grace)
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(grace);
            return true;
        }
        catch (TimeoutException)
        {
            ProcessEntry.KillGroup(_process.Id);
            await _process.WaitForExitAsync();
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }
}
