using System.Globalization;
using System.Runtime.InteropServices;
using L2R.Cli.Processes;

namespace L2R.Cli.Bench;

/// <summary>Where figures were measured: without it they say nothing.</summary>
/// <param name="MemoryBytes">All of the machine's.</param>
/// <param name="Load">Processes that wanted a core, on average over the minute before the first round: above 0.5 others were at work.</param>
sealed record Machine(int Cores, string Cpu, long MemoryBytes, string Os, string Dotnet, string Postgres, double Load)
{
    public static Machine Describe(string postgres) => new(
        Environment.ProcessorCount,
        Value("/proc/cpuinfo", "model name"),
        1024 * Kilobytes("/proc/meminfo", "MemTotal"),
        Value("/etc/os-release", "PRETTY_NAME").Trim('"'),
        RuntimeInformation.FrameworkDescription,
        postgres,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));

    /// <summary>The memory of a process and its descendants in bytes; pages that several share are counted once.</summary>
    public static long MemoryOf(int pid) =>
        ProcessEntry.Tree(pid).Sum(process => MemoryOfOne(process.Pid));

    /// <summary>The memory of a process alone in bytes; of pages that several share its part.</summary>
    public static long MemoryOfOne(int pid) => 1024 * Kilobytes($"/proc/{pid}/smaps_rollup", "Pss");

    /// <summary>What a process and its descendants took of the processors since they started.</summary>
    public static TimeSpan CpuOf(int pid) => ProcessEntry.Tree(pid).Aggregate(TimeSpan.Zero, (sum, process) => sum + process.Cpu);

    /// <summary>Of a line such as <c>MemTotal:  24000 kB</c>.</summary>
    static long Kilobytes(string file, string name) =>
        long.TryParse(Value(file, name).Replace(" kB", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    static string Value(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(line => line.AsSpan().TrimEnd().StartsWith(name) && line.AsSpan(name.Length).TrimStart()[0] is ':' or '=');
            return line is null ? "" : line[(line.IndexOfAny([':', '=']) + 1)..].Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // the process ended, or this kernel does not tell
        }
    }
}
