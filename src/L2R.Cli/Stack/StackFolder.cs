using System.Diagnostics;
using System.Text.Json;
using L2R.Cli.Processes;

namespace L2R.Cli.Stack;

/// <summary>The state folder of one AppHost: who runs there, and what it says.</summary>
sealed class StackFolder(string path)
{
    // The kernel counts the start of a process in ticks since boot: two readers may differ by a little.
    static readonly TimeSpan StartTimeTolerance = TimeSpan.FromSeconds(5);

    public string StateFile { get; } = System.IO.Path.Combine(path, "stack.json");

    /// <summary>Where a detached AppHost's own output goes.</summary>
    public string Log { get; } = System.IO.Path.Combine(path, "apphost.log");

    public string Path => path;

    /// <summary>The state of the AppHost that runs here, or null. What a dead one left behind is removed.</summary>
    public StackState? FindRunning()
    {
        var state = Read();
        if (state is null || IsAlive(state))
        {
            return state;
        }

        File.Delete(StateFile);
        return null;
    }

    /// <summary>Removes the state folder and all data. Nothing may run there.</summary>
    /// <returns>The folders that were there.</returns>
    public IReadOnlyList<string> Drop() => [.. Drop([path]), .. DropData()];

    /// <summary>Removes the data, and keeps what was logged. Nothing may run there.</summary>
    /// <returns>The folders that were there.</returns>
    public IReadOnlyList<string> DropData() => Drop(Checkout.DataFolders(path));

    static List<string> Drop(IEnumerable<string> folders)
    {
        List<string> dropped = [.. folders.Where(Directory.Exists)];
        dropped.ForEach(folder => Directory.Delete(folder, recursive: true));
        return dropped;
    }

    /// <summary>What the file says, or null where there is none.</summary>
    /// <exception cref="CommandFailedException">It is no stack state.</exception>
    public StackState? Read()
    {
        try
        {
            return StackState.Parse(File.ReadAllText(StateFile));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException exception)
        {
            throw new CommandFailedException($"{StateFile} cannot be read ({exception.Message}). Remove it if no stack runs in this checkout.");
        }
    }

    /// <summary>Whether the process that wrote this state still runs.</summary>
    public static bool IsAlive(StackState state)
    {
        if (ProcessEntry.Find(state.Pid) is null)
        {
            return false;
        }

        try
        {
            using var process = Process.GetProcessById(state.Pid);
            return (process.StartTime.ToUniversalTime() - state.StartTime.UtcDateTime).Duration() < StartTimeTolerance;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return false; // it ended while we looked
        }
    }
}
