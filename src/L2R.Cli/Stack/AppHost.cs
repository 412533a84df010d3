using L2R.Cli.Processes;

namespace L2R.Cli.Stack;

/// <summary>Starts the AppHost and waits for it to be ready.</summary>
/// <param name="command">The command that runs it, without its own arguments, for instance <c>dotnet L2R.AppHost.dll</c>.</param>
sealed class AppHost(Checkout checkout, StackFolder folder, IReadOnlyList<string> command)
{
    const int LinesOfLog = 20;

    // Ordered stop: each resource has 30 s of grace, and several may need it one after the other.
    static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(90);
    static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(5);
    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public AppHost(Checkout checkout, StackFolder folder)
        : this(checkout, folder, ["dotnet", checkout.AppHost])
    {
    }

    /// <summary>Called once, with the first state that it tells: long before it is ready.</summary>
    public Action<StackState> WhenSeen { get; init; } = _ => { };

    /// <summary>Runs it in the foreground until it ends or is cancelled; then everything has stopped.</summary>
    /// <param name="whenReady">Called once, with the state that says so.</param>
    /// <returns>Its exit code; 0 when it was cancelled.</returns>
    public async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Action<string> onLine, Func<StackState, CancellationToken, Task> whenReady, CancellationToken cancellationToken)
    {
        using var tail = new Tail(LinesOfLog, folder.Log);
        await using var process = GuardedProcess.Start([.. command, .. arguments, "--state-dir", folder.Path], checkout.Root, line =>
        {
            tail.Add(line);
            onLine(line);
        });

        try
        {
            var ready = await WaitUntilReadyAsync(() => process.HasExited, cancellationToken);
            if (ready is not null)
            {
                await whenReady(ready, cancellationToken);
            }

            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        finally
        {
            await process.StopAsync(StopGrace);
        }
    }

    /// <summary>Starts it so that it outlives this process, and waits until it is ready.</summary>
    /// <exception cref="CommandFailedException">It did not become ready; everything has stopped, and the message ends with the last lines of its log.</exception>
    public async Task<StackState> StartDetachedAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder.Path);
        using var process = DetachedProcess.Start([.. command, "--state-dir", folder.Path], checkout.Root, folder.Log);
        try
        {
            return await WaitUntilReadyAsync(() => process.HasExited, cancellationToken)
                ?? throw EndedEarly("The stack ended before it was ready.", process.ExitCode);
        }
        catch
        {
            await StackStop.StopAsync(process.Id, StopGrace, CancellationToken.None);
            throw;
        }
    }

    /// <returns>The ready state, or null when the process ended first.</returns>
    async Task<StackState?> WaitUntilReadyAsync(Func<bool> hasExited, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        string? reported = null;
        var isSeen = false;
        while (!hasExited())
        {
            var state = folder.Read();
            if (state is { Failed: { } failed })
            {
                throw new CommandFailedException(failed);
            }

            if (!isSeen && state is not null && StackFolder.IsAlive(state))
            {
                isSeen = true;
                WhenSeen(state);
            }

            if (state is { Ready: true } && StackFolder.IsAlive(state))
            {
                return state;
            }

            if (waited > ReadyLimit)
            {
                throw new CommandFailedException(
                    $"The stack is not ready after {ReadyLimit.TotalMinutes:0} minutes. Not healthy: {reported}. Logs: {checkout.Relative(folder.Path)}/logs");
            }

            reported = string.Join(", ", state?.Resources.Where(r => r.Health is not "Healthy").Select(r => $"{r.Name} ({r.State})") ?? []);
            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
            waited += PollInterval;
        }

        return null;
    }

    /// <summary>The failure of an AppHost that ended by itself, with the end of its log.</summary>
    public CommandFailedException EndedEarly(string sentence, int exitCode)
    {
        var end = string.Join(Environment.NewLine, File.Exists(folder.Log) ? File.ReadLines(folder.Log).TakeLast(LinesOfLog) : []);
        return new CommandFailedException(
            $"{sentence} The end of {checkout.Relative(folder.Log)}:{Environment.NewLine}{end}",
            exitCode == ExitCodes.Unavailable ? ExitCodes.Unavailable : ExitCodes.Failed);
    }
}
