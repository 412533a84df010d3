using System.Diagnostics;
using System.Text.RegularExpressions;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>The tour of README.md as it stands, in a shell that finds nothing but the SDK and <c>date</c>.</summary>
public sealed partial class ReadmeTests(StackFixture stack) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("l2r-tour-").FullName;

    // What README calls a lead, a journey and so on, and what they are called here.
    readonly Dictionary<string, string> _ids = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_command_of_the_tour_answers_as_README_says()
    {
        await stack.WaitUntilReadyAsync();
        Prepare();

        var variables = "";
        foreach (var (command, answer) in ReadTour())
        {
            var typed = Id().Replace(command, id => _ids[id.Value]);
            if (Assignment().IsMatch(typed))
            {
                variables += typed + "\n";
                continue;
            }

            // A person is slower than the events between two commands.
            await Eventually.EqualAsync("", async () =>
            {
                var (exitCode, said) = await RunAsync(variables + typed);
                return exitCode == 0 && IsAnswer(said, answer)
                    ? ""
                    : $"$ {typed}\nended with {exitCode} and said\n{said}\nnot\n{string.Join('\n', answer)}";
            });
        }
    }

    void Prepare()
    {
        Directory.CreateSymbolicLink(In("samples"), Path.Combine(Repository.Root, "samples"));
        Directory.CreateDirectory(In("bin"));
        File.CreateSymbolicLink(In("bin/date"), "/usr/bin/date");
        File.CreateSymbolicLink(In("bin/dotnet"), FindDotnet());
        var gateway = new UriBuilder(stack.Gateway) { Host = "127.0.0.1" }.Uri; // Aspire says localhost
        File.WriteAllText(In("l2r"), $"#!/bin/sh\nexec dotnet '{Programs.Cli}' \"$@\" --tenant tour --gateway '{gateway}'\n");
        File.SetUnixFileMode(In("l2r"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    string In(string path) => Path.Combine(_folder, path);

    static string FindDotnet() =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);

    /// <summary>The commands, and the lines below each, without those that stand for something left out.</summary>
    static List<(string Command, List<string> Answer)> ReadTour()
    {
        var tour = File.ReadLines(Path.Combine(Repository.Root, "README.md"))
            .SkipWhile(line => line != "## Five minutes")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal))
            .Select(line => line[4..]);
        var steps = new List<(string Command, List<string> Answer)>();
        foreach (var line in tour)
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                steps.Add((line[2..], []));
            }
            else if (steps[^1].Command.Count(character => character == '\'') % 2 == 1)
            {
                steps[^1] = ($"{steps[^1].Command}\n{line}", []);
            }
            else if (line.Trim() is not ("" or "…"))
            {
                steps[^1].Answer.Add(line);
            }
        }
        return steps;
    }

    /// <summary>Whether all lines of the answer are there in their order; remembers the ids in them.</summary>
    bool IsAnswer(string said, List<string> answer)
    {
        using var lines = ((IEnumerable<string>)said.Split('\n')).GetEnumerator();
        var seen = new Dictionary<string, string>(_ids);
        foreach (var expected in answer)
        {
            do
            {
                if (!lines.MoveNext())
                {
                    return false;
                }
            }
            while (Steady(lines.Current) != Steady(expected) || !HasSameIds(expected, lines.Current, seen));
        }
        foreach (var (here, there) in seen)
        {
            _ids[here] = there;
        }
        return true;
    }

    static bool HasSameIds(string expected, string line, Dictionary<string, string> seen) =>
        Id().Matches(expected).Zip(Id().Matches(line)).All(pair =>
            seen.TryAdd(pair.First.Value, pair.Second.Value) || seen[pair.First.Value] == pair.Second.Value);

    /// <summary>A line without what differs from one run to the next: ids, instants, durations, rates and ports, and the width of columns.</summary>
    static string Steady(string line) => Blanks().Replace(Unsteady().Replace(line, "#"), " ");

    async Task<(int ExitCode, string Said)> RunAsync(string script)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec 2>&1\n{script}"]) { WorkingDirectory = _folder, RedirectStandardOutput = true };
        start.Environment.Clear();
        start.Environment["PATH"] = In("bin");
        start.Environment["HOME"] = _folder;
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"; // as ./l2r sets it
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, said);
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex("^[A-Z]+=")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]+Z|\d[\d.,]* (ms|s|min|h|d|rows/s)\b|:\d+/")]
    private static partial Regex Unsteady();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
