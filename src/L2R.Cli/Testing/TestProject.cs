using System.Xml.Linq;

namespace L2R.Cli.Testing;

/// <summary>A project under tests that runs tests.</summary>
sealed record TestProject(string Name, string Assembly)
{
    /// <summary>Starts a whole stack, and so has the machine for itself.</summary>
    public bool IsHeavy => Name.Contains("EndToEnd", StringComparison.Ordinal);

    public static IReadOnlyList<TestProject> FindAll(Checkout checkout) =>
        [.. Directory.EnumerateFiles(Path.Combine(checkout.Root, "tests"), "*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
            .Where(project => XDocument.Load(project).Descendants("IsTestProject").Any(e => e.Value.Trim() == "true"))
            .Select(project => new TestProject(
                Path.GetFileNameWithoutExtension(project),
                Path.Combine(
                    Path.GetDirectoryName(project)!, "bin", Checkout.Configuration, "net10.0", Path.GetFileNameWithoutExtension(project) + ".dll")))
            .OrderBy(project => project.Name, StringComparer.Ordinal)];
}
