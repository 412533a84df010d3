using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>A process with all that it starts: its own session, which ends when it ends and when this process ends.</summary>
/// <remarks>
/// The process runs under <c>setsid</c>, so its pid is also its process group. In that group sits one more shell, which reads a pipe that only
/// this process holds open. However this process dies, kill -9 included, the kernel closes the pipe, and the shell stops the group: SIGTERM,
/// and SIGKILL after the grace. (PR_SET_PDEATHSIG would follow the thread that forked, and thread-pool threads come and go.)
/// The shell also keeps the group's number from being used again, so that signalling the group never hits a stranger.
/// </remarks>
sealed class ChildProcess
{
    const int SigKill = 9;
    const int SigTerm = 15;

    const string Supervise = """
        exec 3<&0 </dev/null
        (
          trap '' TERM INT HUP
          read -r _ <&3
          kill -s TERM -- -$$
          n=0
          while [ $n -lt 300 ] && kill -0 $$ && ! grep -q '^State:.Z' /proc/$$/status; do sleep 0.1; n=$((n+1)); done
          kill -s KILL -- -$$
        ) >/dev/null 2>&1 &
        exec 3<&-
        exec "$@"
        """;

    readonly Process _process;

    ChildProcess(Process process, Action<string, bool> onLine)
    {
        _process = process;
        Exit = WaitAsync(Task.WhenAll(PumpAsync(process.StandardOutput, false, onLine), PumpAsync(process.StandardError, true, onLine)));
    }

    public int Pid => _process.Id;

    /// <summary>The exit code; 128 and the signal's number where a signal ended it. Nothing of the group is left by then.</summary>
    public Task<int> Exit { get; }

    /// <param name="environment">Added to that of this process. Null removes a variable.</param>
    /// <param name="onLine">Called with each line of output, and whether it came from stderr. From two threads.</param>
    public static ChildProcess Start(
        string command,
        IEnumerable<string> args,
        string workingDirectory,
        IReadOnlyDictionary<string, string?> environment,
        Action<string, bool> onLine)
    {
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Supervise, "sh", command, .. args])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return new(Process.Start(start)!, onLine);
    }

    /// <summary>Asks it to stop, and kills it when it has not after the grace.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider clock)
    {
        _ = Kill(-Pid, SigTerm);
        if (await Task.WhenAny(Exit, Task.Delay(grace, clock)) != Exit)
        {
            _ = Kill(-Pid, SigKill);
        }
        await Exit;
    }

    async Task<int> WaitAsync(Task output)
    {
        await _process.WaitForExitAsync();
        // What the process left behind goes with it, and so does the watching shell; then the pipes of the output are closed too.
        _ = Kill(-Pid, SigKill);
        await output;
        return _process.ExitCode;
    }

    static async Task PumpAsync(StreamReader reader, bool isError, Action<string, bool> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine(line, isError);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int pid, int signal);
}
