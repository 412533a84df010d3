namespace L2R.ServiceDefaults.Tests;

/// <summary>Where the code and the documents are that tests hold against each other.</summary>
static class Sources
{
    /// <summary>The folder of the solution, from the tests' own folder up.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string folder) => File.Exists(Path.Combine(folder, "L2R.slnx")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
