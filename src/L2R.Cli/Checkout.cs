using System.Security.Cryptography;
using System.Text;

namespace L2R.Cli;

/// <summary>Where things are in this checkout. All paths are absolute.</summary>
sealed record Checkout(string Root)
{
    public const string Configuration = "Release";

    public string Solution => Path.Combine(Root, "L2R.slnx");
    public string AppHostProject => Path.Combine(Root, "L2R.AppHost", "L2R.AppHost.csproj");
    public string AppHost => Path.Combine(Root, "L2R.AppHost", "bin", Configuration, "net10.0", "L2R.AppHost.dll");
    public string Artifacts => Path.Combine(Root, "artifacts");
    public string RunFolder => Path.Combine(Artifacts, "run");
    public string TestFolder => Path.Combine(Artifacts, "test");
    public string BenchFolder => Path.Combine(Artifacts, "bench");
    public string DevSigningKey => Path.Combine(Artifacts, "keys", "dev-signing-key.pem");
    public string Protos => Path.Combine(Root, "protos");

    /// <summary>The image of the protos at their last release.</summary>
    public string ReleasedContracts => Path.Combine(Protos, "contracts.binpb");

    public string NodeFolder => Path.Combine(Root, "tests", "node");
    public string NodeExample => Path.Combine(Root, "examples", "node");

    /// <summary>The state folders of all stacks that a command may start here.</summary>
    public IReadOnlyList<string> StackFolders => [RunFolder, TestFolder, Path.Combine(BenchFolder, "stack")];

    /// <summary>
    /// Where the AppHost of a state folder may keep data: in it, or where PostgreSQL's user cannot reach it, under /var
    /// (L2R.AppHost/Local/DataFolder.cs names them so).
    /// </summary>
    public static IReadOnlyList<string> DataFolders(string stateFolder)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stateFolder)))[..10];
        return [Path.Combine(stateFolder, "data"), $"/var/lib/l2r-{id}", $"/var/tmp/l2r-{id}"];
    }

    /// <summary>The checkout that this program was built in, whatever the current directory.</summary>
    public static Checkout Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "L2R.slnx")))
            {
                return new Checkout(folder.FullName);
            }
        }

        throw new CommandFailedException($"There is no L2R.slnx above {AppContext.BaseDirectory}: run ./l2r from a checkout.");
    }

    /// <summary>The path as a person in the root of the checkout would type it.</summary>
    public string Relative(string path) => Path.GetRelativePath(Root, path);

    /// <summary>A word of a command, without the root of the checkout if it begins with it.</summary>
    public string Shorten(string word) => word.StartsWith(Root + '/', StringComparison.Ordinal) ? Relative(word) : word;
}
