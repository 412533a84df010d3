using L2R.Cli.Processes;

namespace L2R.Cli.Stack;

/// <summary>Stops an AppHost that this process did not start.</summary>
static class StackStop
{
    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    // The AppHost is gone: what it ran has noticed, and needs a moment to end.
    static readonly TimeSpan OrphanGrace = TimeSpan.FromSeconds(5);

    /// <summary>Asks the process to stop, waits, and kills what is left of it and of its descendants.</summary>
    /// <returns>What had to be killed, as <c>name (pid)</c>; empty when it stopped by itself.</returns>
    public static async Task<IReadOnlyList<string>> StopAsync(int pid, TimeSpan grace, CancellationToken cancellationToken)
    {
        var tree = ProcessEntry.Tree(pid);
        var killed = new List<ProcessEntry>();
        if (tree is [var root, ..])
        {
            root.Signal(ProcessEntry.SigTerm);
            await WaitUntilGoneAsync([root], grace, cancellationToken);
        }

        // What it started since, as long as it still lives to be asked.
        tree = [.. tree.Union(ProcessEntry.Tree(pid))];
        killed.AddRange(Kill(tree.Take(1)));
        await WaitUntilGoneAsync(tree, grace < OrphanGrace ? grace : OrphanGrace, cancellationToken);
        killed.AddRange(Kill(tree));
        await WaitUntilGoneAsync(tree, OrphanGrace, cancellationToken);
        return [.. killed.Distinct().Select(entry => $"{entry.Name} ({entry.Pid})")];
    }

    static async Task WaitUntilGoneAsync(IReadOnlyList<ProcessEntry> processes, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; waited < limit && processes.Any(p => p.IsAlive()); waited += PollInterval)
        {
            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
        }
    }

    static List<ProcessEntry> Kill(IEnumerable<ProcessEntry> processes)
    {
        var alive = processes.Where(p => p.IsAlive()).ToList();
        alive.ForEach(p => p.Signal(ProcessEntry.SigKill));
        return alive;
    }
}
