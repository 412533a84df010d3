using System.Text.RegularExpressions;

namespace L2R.Cli.Testing;

/// <summary>The names in the sources of the tests: what a word can choose is known before anything is built.</summary>
static partial class TestNames
{
    /// <exception cref="CommandFailedException">A word is part of no name of a test project, a test class or a test.</exception>
    public static void Require(Checkout checkout, IReadOnlyList<TestProject> projects, IReadOnlyList<string> words)
    {
        string[] ofTests = [.. words.Where(word => !projects.Any(project => TestFilter.Has(project, word)))];
        if (ofTests.Length == 0)
        {
            return;
        }

        // A test's full name is put together of several of these; each part between two dots is within one.
        var names = Directory.EnumerateFiles(Path.Combine(checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => NamePattern().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var word in ofTests)
        {
            if (!word.Split('.').All(part => names.Any(name => name.Contains(part, StringComparison.OrdinalIgnoreCase))))
            {
                throw new CommandFailedException($"No test project, test class or test has '{word}' in its name.", ExitCodes.Usage);
            }
        }
    }

    [GeneratedRegex(@"\b(?:namespace|class|void|Task|ValueTask)\s+([\w.]+)")]
    private static partial Regex NamePattern();
}
