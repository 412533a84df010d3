namespace L2R.TestSupport;

/// <summary>Where things are that tests read, from the tests' own folder up.</summary>
public static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FoldersAbove().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "L2R.slnx")))
        ?? throw new InvalidOperationException("The tests do not run inside the repository.");

    /// <summary>The loans data: under <c>L2R_DATA</c>, else in <c>shared/data</c> beside the repository. Null where it is in neither.</summary>
    public static string? Loans { get; } = Environment.GetEnvironmentVariable("L2R_DATA") is { Length: > 0 } named
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
