using System.Reflection;

namespace L2R.EndToEnd.Tests;

/// <summary>Where things are, from the tests' own folder up.</summary>
static class Repository
{
    static readonly string Configuration = typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    public static string AppHost { get; } = Program("L2R.AppHost", "L2R.AppHost.dll");

    public static string Cli { get; } = Program(Path.Combine("src", "L2R.Cli"), "L2R.Cli.dll");

    /// <summary>The loans data: under <c>L2R_DATA</c>, else in <c>shared/data</c> beside the repository. Null where it is in neither.</summary>
    public static string? Loans { get; } = FindLoans();

    static string Program(string project, string assembly) => Path.Combine(
        FoldersAbove().First(folder => File.Exists(Path.Combine(folder, "L2R.slnx"))), project, "bin", Configuration, "net10.0", assembly);

    static string? FindLoans() => Environment.GetEnvironmentVariable("L2R_DATA") is { Length: > 0 } named
        ? Path.Combine(named, "loans")
        : FoldersAbove().Select(folder => Path.Combine(folder, "shared", "data", "loans")).FirstOrDefault(Directory.Exists);

    static IEnumerable<string> FoldersAbove()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return folder.FullName;
        }
    }
}
