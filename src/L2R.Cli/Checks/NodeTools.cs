using L2R.Cli.Processes;

namespace L2R.Cli.Checks;

/// <summary>The npm packages of tests/node: buf, and the peers of the interoperability tests.</summary>
static class NodeTools
{
    public static string Buf(Checkout checkout) => Path.Combine(checkout.NodeFolder, "node_modules", ".bin", "buf");

    /// <summary>Installs them where the lock file is newer than what is installed. Without a lock file there is nothing to install.</summary>
    public static async Task InstallAsync(Checkout checkout, Terminal terminal, CancellationToken cancellationToken)
    {
        var wanted = new FileInfo(Path.Combine(checkout.NodeFolder, "package-lock.json"));
        var installed = new FileInfo(Path.Combine(checkout.NodeFolder, "node_modules", ".package-lock.json"));
        if (!wanted.Exists || (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc))
        {
            return;
        }

        terminal.Step("installs the npm packages of tests/node");
        var output = new Tail(30);
        var exitCode = await GuardedProcess.RunAsync(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", checkout.NodeFolder],
            checkout.Root,
            output.Add,
            cancellationToken: cancellationToken);
        if (exitCode != 0)
        {
            throw new CommandFailedException($"npm ci failed in tests/node:{Environment.NewLine}{output.Text}");
        }

        // npm keeps the time of an up-to-date file: without this the next run would install again.
        File.SetLastWriteTimeUtc(installed.FullName, TimeProvider.System.GetUtcNow().UtcDateTime);
    }
}
