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

    public static async Task InstallAsync(string folder, Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var wanted = new FileInfo(Path.Combine(folder, "package-lock.json"));
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (!wanted.Exists || (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc))
        {
            return;
        }

        terminal.Step($"installs the npm packages of {checkout.Relative(folder)}");
        var output = new Tail(30);
        var exitCode = await GuardedProcess.RunAsync(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder],
            checkout.Root,
            output.Add,
            cancellationToken: cancellationToken);
        if (exitCode != 0)
        {
            throw new CommandFailedException($"npm ci failed in {checkout.Relative(folder)}:{Environment.NewLine}{output.Text}");
        }

        // npm keeps the time of an up-to-date file: without this the next run would install again.
        File.SetLastWriteTimeUtc(installed.FullName, TimeProvider.System.GetUtcNow().UtcDateTime);
    }
}
