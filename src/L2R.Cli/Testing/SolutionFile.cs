using System.Xml.Linq;

namespace L2R.Cli.Testing;

/// <summary>L2R.slnx is kept by hand, and what it forgets is neither built nor tested: so nothing may be forgotten.</summary>
static class SolutionFile
{
    /// <summary>The projects that the solution lacks, relative to the root. Stand-ins come in by reference where they are needed.</summary>
    public static IReadOnlyList<string> FindForgotten(Checkout checkout)
    {
        var named = XDocument.Load(checkout.Solution).Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value.Replace('\\', '/'))
            .ToHashSet(StringComparer.Ordinal);
        return [.. Directory.EnumerateDirectories(checkout.Root)
            .Where(folder => Path.GetFileName(folder) is "src" or "tests" or "examples" || Path.GetFileName(folder).StartsWith("L2R.", StringComparison.Ordinal))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories))
            .Select(checkout.Relative)
            .Where(path => !path.StartsWith("src/ClosedRegistry/", StringComparison.Ordinal)
                && !path.Contains("/node_modules/", StringComparison.Ordinal)
                && !path.Contains("/obj/", StringComparison.Ordinal)
                && !named.Contains(path))
            .Order(StringComparer.Ordinal)];
    }

    /// <exception cref="CommandFailedException">A project is missing from the solution.</exception>
    public static void RequireEveryProject(Checkout checkout)
    {
        var forgotten = FindForgotten(checkout);
        if (forgotten.Count > 0)
        {
            throw new CommandFailedException(
                $"L2R.slnx lacks {string.Join(", ", forgotten)}: add a <Project Path=\"…\" /> for each, or it is neither built nor tested.");
        }
    }
}
