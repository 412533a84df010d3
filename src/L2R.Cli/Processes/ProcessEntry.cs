using System.Globalization;
using System.Runtime.InteropServices;

namespace L2R.Cli.Processes;

/// <summary>One running process of this machine, as Linux shows it under <c>/proc</c>.</summary>
/// <param name="StartTicks">When it started, in clock ticks since boot: with the number it names the process for good.</param>
/// <param name="Cpu">What it and its children that have ended took of the processors.</param>
sealed record ProcessEntry(int Pid, int ParentPid, long StartTicks, string Name, TimeSpan Cpu)
{
    const int TicksPerSecond = 100; // Linux's USER_HZ, the same on every machine

    public const int SigTerm = 15;
    public const int SigKill = 9;

    /// <summary>Null when there is no such process, or when it has ended and only waits to be reaped.</summary>
    public static ProcessEntry? Find(int pid)
    {
        try
        {
            // "pid (name) state ppid …": the name may hold spaces and brackets, the rest cannot.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var nameEnds = stat.LastIndexOf(')');
            var name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..nameEnds];
            var fields = stat[(nameEnds + 2)..].Split(' ');
            return fields[0] is "Z" or "X"
                ? null
                : new ProcessEntry(
                    pid,
                    int.Parse(fields[1], CultureInfo.InvariantCulture),
                    long.Parse(fields[19], CultureInfo.InvariantCulture),
                    name,
                    TimeSpan.FromSeconds(fields[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / (double)TicksPerSecond));
        }
        catch (IOException)
        {
            return null; // it ended before or while we looked
        }
    }

    /// <summary>The process and everything that descends from it, parents first.</summary>
    public static IReadOnlyList<ProcessEntry> Tree(int pid)
    {
        var byParent = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Find(id) : null)
            .OfType<ProcessEntry>()
            .ToLookup(entry => entry.ParentPid);
        var tree = new List<ProcessEntry>();
        if (Find(pid) is { } root)
        {
            tree.Add(root);
        }

        for (var next = 0; next < tree.Count; next++)
        {
            tree.AddRange(byParent[tree[next].Pid]);
        }

        return tree;
    }

    public bool IsAlive() => Find(Pid) is { } now && now.StartTicks == StartTicks;

    /// <summary>Sends a signal, unless the process has ended: a later one with its number is left alone.</summary>
    public void Signal(int signal)
    {
        if (IsAlive())
        {
            _ = Kill(Pid, signal);
        }
    }

    /// <summary>Kills every process of a group; <paramref name="leader"/> is a child of ours that leads it, so its number is not used again.</summary>
    public static void KillGroup(int leader) => _ = Kill(-leader, SigKill);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Kill(int pid, int signal);
}
