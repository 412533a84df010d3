using System.Diagnostics;

namespace L2R.Cli.Tests;

/// <summary>The script <c>build/install-packages.sh</c> on a file system of its own, with an apt-get that installs what the test says.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class InstallPackagesTests : IDisposable
{
    const string Enabled = "etc/systemd/system/multi-user.target.wants";

    readonly TempCheckout _temp = new();

    public InstallPackagesTests()
    {
        foreach (var folder in new[] { "etc/init.d", "usr/sbin", "lib/systemd/system", Enabled, "etc/systemd/system/sockets.target.wants" })
        {
            Directory.CreateDirectory(In(folder));
        }
        Fake("update-rc.d", "echo \"$*\" >>\"$DPKG_ROOT/update-rc.d\"");
    }

    public void Dispose() => _temp.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task What_is_new_is_not_enabled_and_what_was_there_stays()
    {
        Touch("etc/init.d/postgresql", $"{Enabled}/postgresql.service");
        Fake("apt-get", $"""
            case $* in
            *assume-no*) printf '0 upgraded, 51 newly installed, 0 to remove.\nNeed to get 114 MB of archives.\nAfter this operation, 378 MB of additional disk space will be used.\n' ;;
            *install*)
                cat etc/postgresql-common/createcluster.d/l2r.conf; sh usr/sbin/policy-rc.d || echo "start: $?"
                touch etc/init.d/rabbitmq-server lib/systemd/system/epmd.service {Enabled}/rabbitmq-server.service {Enabled}/epmd.service \
                    {Enabled}/cron.service etc/systemd/system/sockets.target.wants/epmd.socket ;;
            esac
            """);

        var (exitCode, said, apt) = await RunAsync("rabbitmq-server", "postgresql");

        Assert.Equal((0, "l2r: with what these need, 51 packages, 114 MB to fetch, 378 MB on disk\n"), (exitCode, said));
        Assert.Equal("create_main_cluster = false\nstart: 101\n", apt);
        Assert.Equal(["cron.service", "postgresql.service"], Names(Enabled));
        Assert.Empty(Names("etc/systemd/system/sockets.target.wants"));
        Assert.Equal("rabbitmq-server disable\n", await File.ReadAllTextAsync(In("update-rc.d"), TestContext.Current.CancellationToken));
        Assert.Equal([], Names("usr/sbin"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_mirror_that_does_not_answer_leaves_nothing_behind()
    {
        Fake("apt-get", "echo 'E: nobody there'; exit 100");

        Assert.Equal((100, "", "E: nobody there\n"), await RunAsync("postgresql"));
        Assert.False(Directory.Exists(In("etc/postgresql-common")));
        Assert.Equal([], Names("usr/sbin"));
    }

    string In(string path) => Path.Combine(_temp.Checkout.Root, path);

    IEnumerable<string?> Names(string folder) => Directory.EnumerateFileSystemEntries(In(folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    void Touch(params string[] files)
    {
        foreach (var file in files)
        {
            _temp.Write(file, "");
        }
    }

    void Fake(string name, string script) =>
        File.SetUnixFileMode(_temp.Write($"bin/{name}", $"#!/bin/sh\n{script}\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    async Task<(int ExitCode, string Said, string Apt)> RunAsync(params string[] packages)
    {
        var script = Path.Combine(Checkout.Find().Root, "build/install-packages.sh");
        var start = new ProcessStartInfo("sh", [script, .. packages])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _temp.Checkout.Root,
        };
        start.Environment["PATH"] = $"{In("bin")}:{start.Environment["PATH"]}";
        start.Environment["DPKG_ROOT"] = _temp.Checkout.Root;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await errors, await output);
    }
}
