using System.Diagnostics;
using System.Xml;
using L2R.Cli.Processes;

namespace L2R.Cli.Testing;

/// <summary>One row of the summary.</summary>
/// <param name="Failures">Texts to show in full.</param>
sealed record TestOutcome(string Name, TestCounts Counts, TimeSpan Took, IReadOnlyList<string> Failures)
{
    /// <summary>Why tests were skipped: a line for each reason.</summary>
    public IReadOnlyList<string> Skips { get; init; } = [];
}

/// <summary>Runs test projects as the programs that they are.</summary>
/// <param name="arguments">xunit's filter options for all of them; empty runs everything.</param>
/// <param name="environment">Where the servers are that the tests use.</param>
sealed class TestRun(Checkout checkout, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
{
    const int LinesOfACrash = 20;
    const int WidthOfACrash = 240;
    const int AtATime = 2;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <summary>Runs the light ones two at a time, then each heavy one alone.</summary>
    /// <param name="onOutcome">Called for each as it ends, one at a time.</param>
    public async Task RunAsync(IReadOnlyList<TestProject> projects, Action<TestOutcome> onOutcome, CancellationToken cancellationToken)
    {
        var oneAtATime = new Lock();
        foreach (var (group, width) in new[] { (projects.Where(p => !p.IsHeavy), AtATime), (projects.Where(p => p.IsHeavy), 1) })
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = width, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(group, options, async (project, cancelled) =>
            {
                var outcome = await RunAsync(project, cancelled);
                lock (oneAtATime)
                {
                    onOutcome(outcome);
                }
            });
        }
    }

    async Task<TestOutcome> RunAsync(TestProject project, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(checkout.TestFolder, "results");
        Directory.CreateDirectory(folder);
        var report = Path.Combine(folder, project.Name + ".xml");
        File.Delete(report);
        var log = Path.Combine(folder, project.Name + ".log");
        using var tail = new Tail(LinesOfACrash, log);
        var started = Stopwatch.GetTimestamp();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Limit);

        string? broken;
        try
        {
            var exitCode = await GuardedProcess.RunAsync(
                ["dotnet", project.Assembly, "-noLogo", "-noColor", "-xml", report, .. arguments], checkout.Root, tail.Add, environment, limited.Token);
            broken = exitCode == 0 ? null : $"ended with exit code {exitCode}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            broken = $"did not end within {Limit.TotalMinutes:0} minutes and was stopped";
        }

        var read = Read(report);
        string Crash(string how) =>
            $"{project.Name} {how}. From {checkout.Relative(log)}:{Environment.NewLine}{Excerpt([.. File.ReadLines(log)])}";
        var crash = (read, broken) switch
        {
            (null, _) => Crash(broken ?? "wrote no report"),
            ({ Counts.Failed: 0 }, { } how) => Crash(how),
            ({ Counts.Total: 0 }, null) when arguments.Count == 0 => Crash("ran no test"),
            _ => null,
        };
        var counts = read?.Counts ?? default;
        return new TestOutcome(
            project.Name,
            crash is null ? counts : counts with { Failed = counts.Failed + 1 },
            Stopwatch.GetElapsedTime(started),
            [.. read?.Failures ?? [], .. crash is null ? Array.Empty<string>() : [crash]])
        {
            Skips = read?.Skips ?? [],
        };
    }

    /// <summary>The first lines, which say what went wrong, and the last, which say how it ended.</summary>
    static string Excerpt(IReadOnlyList<string> lines)
    {
        var cut = lines.Count > 2 * LinesOfACrash
            ? lines.Take(LinesOfACrash).Append("…").Concat(lines.TakeLast(LinesOfACrash))
            : lines;
        return string.Join(Environment.NewLine, cut.Select(line => "    " + (line.Length > WidthOfACrash ? line[..WidthOfACrash] + "…" : line)));
    }

    static TestReport? Read(string report)
    {
        try
        {
            return File.Exists(report) ? TestReport.Parse(File.ReadAllText(report)) : null;
        }
        catch (XmlException)
        {
            return null; // cut off: the same as none
        }
    }
}
