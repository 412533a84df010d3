using L2R.Cli.Processes;

namespace L2R.Cli.Checks;

/// <summary>The npm packages of tests/node (buf, and the peers of the interoperability tests), and those of the example.</summary>
static class NodeTools
{
    public static string Buf(Checkout checkout) => Path.Combine(checkout.NodeFolder, "node_modules", ".bin", "buf");

    /// <summary>Installs them where the lock file is newer than what is installed. Without a lock file there is nothing to install.</summary>
    public static Task InstallAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken) =>
        InstallAsync(checkout.NodeFolder, checkout, terminal, cancellationToken);

    /// <summary>The same for the example that tests run.</summary>
    public static Task InstallExampleAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken) =>
        InstallAsync(checkout.NodeExample, checkout, terminal, cancellationToken);

    /// <summary>DuckDB, for the benchmark. Without a lock file: of its binaries a registry may serve this machine's alone, and a lock wants all.</summary>
    /// <returns>The folder.</returns>
    public static async Task<string> InstallDuckDbAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(checkout.Root, "tests", "duckdb");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            await RunAsync(["install", "--no-package-lock"], folder, checkout, terminal, cancellationToken);
        }
        return folder;
    }

    static async Task InstallAsync(string folder, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var wanted = new FileInfo(Path.Combine(folder, "package-lock.json"));
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (!wanted.Exists || (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc))
        {
            return;
        }

        await RunAsync(["ci"], folder, checkout, terminal, cancellationToken);

        // npm keeps the time of an up-to-date file: without this the next run would install again.
        File.SetLastWriteTimeUtc(installed.FullName, TimeProvider.System.GetUtcNow().UtcDateTime);
    }

    static async Task RunAsync(string[] verb, string folder, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        terminal.Step($"installs the npm packages of {checkout.Relative(folder)}");
        var output = new Tail(30);
        var exitCode = await GuardedProcess.RunAsync(
            ["npm", .. verb, "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder],
            checkout.Root,
            output.Add,
            cancellationToken: cancellationToken);
        if (exitCode != 0)
        {
            throw new CommandFailedException($"npm {verb[0]} failed in {checkout.Relative(folder)}:{Environment.NewLine}{output.Text}");
        }
    }
}
