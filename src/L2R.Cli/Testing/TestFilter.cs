namespace L2R.Cli.Testing;

/// <summary>Which test projects run, and which of their tests.</summary>
/// <param name="Arguments">xunit's filter options; empty for all tests.</param>
sealed record TestFilter(IReadOnlyList<TestProject> Projects, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// A word that is part of a project's name chooses that project; any other word chooses the tests that have it in their name
    /// (namespace.Class.Method). No word chooses everything.
    /// </summary>
    /// <param name="serverless">Leaves out the tests that need a server (trait <c>needs</c>).</param>
    public static TestFilter Create(IReadOnlyList<TestProject> all, IReadOnlyList<string> words, bool serverless)
    {
        var byProject = words.ToLookup(word => all.Any(project => Has(project, word)));
        var projects = byProject[true].Any() ? all.Where(project => byProject[true].Any(word => Has(project, word))) : all;
        return new TestFilter(
            [.. projects],
            [
                .. byProject[false].SelectMany(word => new[] { "-method", $"*{word}*" }),
                .. serverless ? new[] { "-trait-", "needs=*" } : [],
            ]);
    }

    public static bool Has(TestProject project, string word) => project.Name.Contains(word, StringComparison.OrdinalIgnoreCase);
}
