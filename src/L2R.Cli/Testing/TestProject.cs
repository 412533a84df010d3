using System.Xml.Linq;

namespace L2R.Cli.Testing;

/// <summary>A project under tests that runs tests.</summary>
sealed record TestProject(string Name, string Assembly)
{
    /// <summary>The packages of tests/node.</summary>
    public const string Node = "node";

    /// <summary>The programs of the folder examples, with what they need.</summary>
    public const string Examples = "examples";

    /// <summary>A PostgreSQL and a RabbitMQ.</summary>
    public const string Servers = "servers";

    /// <summary>The project file.</summary>
    public string File { get; init; } = "";

    /// <summary>What its property TestNeeds says: words that the script l2r knows too.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Starts a whole stack, and so has the machine for itself.</summary>
    public bool IsHeavy => Name.Contains("EndToEnd", StringComparison.Ordinal);

    public static IReadOnlyList<TestProject> FindAll(Checkout checkout) =>
        [.. Directory.EnumerateFiles(Path.Combine(checkout.Root, "tests"), "*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
            .Select(file => (File: file, Content: XDocument.Load(file)))
            .Where(project => project.Content.Descendants("IsTestProject").Any(e => e.Value.Trim() == "true"))
            .Select(project => new TestProject(
                Path.GetFileNameWithoutExtension(project.File),
                Path.Combine(
                    Path.GetDirectoryName(project.File)!, "bin", Checkout.Configuration, "net10.0", Path.GetFileNameWithoutExtension(project.File) + ".dll"))
            {
                File = project.File,
                Needs = [.. project.Content.Descendants("TestNeeds").SelectMany(e => e.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))],
            })
            .OrderBy(project => project.Name, StringComparer.Ordinal)];
}
