using System.Diagnostics;
using L2R.Cli.Processes;
using L2R.Cli.Testing;

namespace L2R.Cli.Checks;

/// <summary>One check of the sources.</summary>
/// <param name="Output">What the tool said; empty when it passed.</param>
sealed record CheckResult(string Name, bool Passed, TimeSpan Took, string Output)
{
    /// <summary>The check as a row beside the tests: it counts as one.</summary>
    public TestOutcome ToOutcome() =>
        new(Name, Passed ? new TestCounts(1, 0, 0) : new TestCounts(0, 1, 0), Took, Passed ? [] : [Output]);
}

/// <summary>Formatting and lint of C# and protos, as a change must have them.</summary>
static class FormatAndLint
{
    /// <summary>Runs every check to its end, whatever the others say. Needs a restored solution and <see cref="NodeTools"/>.</summary>
    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        var results = new List<CheckResult>();
        foreach (var (name, command) in Checks(checkout))
        {
            if (Path.IsPathRooted(command[0]) && !File.Exists(command[0]))
            {
                results.Add(new CheckResult(name, Passed: false, TimeSpan.Zero, $"{checkout.Relative(command[0])} is missing: tests/node/package-lock.json has to name its package."));
                continue;
            }

            var started = Stopwatch.GetTimestamp();
            var output = new List<string>();
            var exitCode = await GuardedProcess.RunAsync(command, checkout.Root, output.Add, cancellationToken: cancellationToken);
            results.Add(new CheckResult(
                name, exitCode == 0, Stopwatch.GetElapsedTime(started), exitCode == 0 ? "" : string.Join(Environment.NewLine, output)));
        }

        return results;
    }

    /// <summary>Rewrites C# and protos in the house's form.</summary>
    public static async Task FixAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        foreach (var command in Fixes(checkout))
        {
            terminal.Step(string.Join(' ', command.Select(checkout.Shorten)));
            if (await GuardedProcess.RunAsync(command, checkout.Root, terminal.Line, cancellationToken: cancellationToken) != 0)
            {
                throw new CommandFailedException($"{checkout.Shorten(command[0])} failed, see above.");
            }
        }
    }

    static IEnumerable<(string Name, string[] Command)> Checks(Checkout checkout)
    {
        yield return ("dotnet format", ["dotnet", "format", checkout.Solution, "--verify-no-changes", "--no-restore"]);
        if (Directory.Exists(checkout.Protos))
        {
            yield return ("buf lint", [NodeTools.Buf(checkout), "lint", checkout.Protos]);
            yield return ("buf format", [NodeTools.Buf(checkout), "format", "-d", "--exit-code", checkout.Protos]);
            if (ReleasedContracts.Check(checkout) is { } breaking)
            {
                yield return ("buf breaking", breaking);
            }
        }
    }

    static IEnumerable<string[]> Fixes(Checkout checkout)
    {
        yield return ["dotnet", "format", checkout.Solution];
        if (Directory.Exists(checkout.Protos))
        {
            yield return [NodeTools.Buf(checkout), "format", "-w", checkout.Protos];
        }
    }
}
