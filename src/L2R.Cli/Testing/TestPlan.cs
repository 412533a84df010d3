namespace L2R.Cli.Testing;

/// <summary>What a run of tests is made of: no more than its words ask for.</summary>
/// <param name="Checks">Whether the form of the sources is checked too.</param>
/// <param name="Needs">What has to be there beside what is built: words of <see cref="TestProject.Needs"/>.</param>
/// <param name="Builds">Full paths of the projects to build; empty: the whole solution.</param>
sealed record TestPlan(TestFilter Filter, bool Checks, IReadOnlySet<string> Needs, IReadOnlyList<string> Builds)
{
    // Each is a build of its own: with more of them all at once is faster.
    const int MostBuilds = 3;

    /// <param name="words">As <see cref="TestFilter"/> has them.</param>
    /// <param name="withServers">False leaves out the tests that need a server.</param>
    /// <exception cref="CommandFailedException">A word is in no name.</exception>
    public static TestPlan Create(Checkout checkout, IReadOnlyList<string> words, bool withServers)
    {
        var all = TestProject.FindAll(checkout);
        TestNames.Require(checkout, all, words);
        var filter = TestFilter.Create(Narrow(all, words), words, serverless: !withServers);
        var checks = words.Count == 0 && withServers;
        var needs = filter.Projects.SelectMany(project => project.Needs)
            .Where(need => withServers || need is not (TestProject.Servers or TestProject.Examples))
            .Concat(checks ? [TestProject.Node] : [])
            .ToHashSet();
        string[] builds = words.Count == 0 || filter.Projects.Count > MostBuilds ? []
            : [.. filter.Projects.Select(project => project.File), .. needs.Contains(TestProject.Servers) ? [checkout.AppHostProject] : Array.Empty<string>()];
        return new TestPlan(filter, checks, needs, builds);
    }

    /// <summary>Where words are parts of names of tests alone: the projects that have one of them in a source.</summary>
    static IReadOnlyList<TestProject> Narrow(IReadOnlyList<TestProject> all, IReadOnlyList<string> words)
    {
        if (words.Any(word => all.Any(project => TestFilter.Has(project, word))))
        {
            return all;
        }
        var holders = all.Where(project => words.Any(word => IsIn(Path.GetDirectoryName(project.File)!, word.Split('.')[^1]))).ToList();
        return holders.Count == 0 ? all : holders; // inherited from elsewhere
    }

    static bool IsIn(string folder, string word) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Any(file => File.ReadAllText(file).Contains(word, StringComparison.OrdinalIgnoreCase));
}
