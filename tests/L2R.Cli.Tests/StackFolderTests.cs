using System.Diagnostics;
using L2R.Cli.Stack;

namespace L2R.Cli.Tests;

public sealed class StackFolderTests : IDisposable
{
    readonly TempCheckout _temp = new();
    readonly StackFolder _folder;

    public StackFolderTests() => _folder = new StackFolder(_temp.Checkout.RunFolder);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Reads_what_the_app_host_says()
    {
        _temp.WriteStateOfThisProcess();

        var state = _folder.FindRunning()!;

        Assert.Equal((Environment.ProcessId, true, null), (state.Pid, state.Ready, state.Failed));
        Assert.Equal(
            [
                ("gateway", "project", "Running", "Healthy", 17, 2, null, "logs/gateway.log"),
                ("old", "executable", "Exited", null, null, 0, 3, (string?)null),
            ],
            state.Resources.Select(r => (r.Name, r.Kind, r.State, r.Health, r.Pid, r.Restarts, r.ExitCode, r.Log)));
        Assert.Equal(
            new Dictionary<string, string> { ["http"] = "http://127.0.0.1:1", ["grpc"] = "http://127.0.0.1:2" }, state.Resources[0].Urls);
        Assert.Equal("amqp://guest:secret@127.0.0.1:5", state.Connections["rabbitmq"]);
    }

    [Fact]
    public void Nothing_runs_where_there_is_no_file() => Assert.Null(_folder.FindRunning());

    [Fact]
    public void Another_process_that_got_the_number_later_is_not_the_stack()
    {
        _temp.WriteStateOfThisProcess(later: TimeSpan.FromMinutes(-1));

        Assert.Null(_folder.FindRunning());
        Assert.False(File.Exists(_folder.StateFile));
    }

    [Fact]
    public async Task What_a_dead_one_left_behind_is_removed()
    {
        using var ended = Process.Start("sleep", "600");
        var started = ended.StartTime.ToUniversalTime();
        ended.Kill();
        await ended.WaitForExitAsync(TestContext.Current.CancellationToken);
        _temp.WriteState(ended.Id, started);

        Assert.Null(_folder.FindRunning());
        Assert.False(File.Exists(_folder.StateFile));
    }

    // L2R.AppHost.Tests/Local/DataFolderTests.cs has the same names.
    [Fact]
    public void Data_that_PostgreSQL_s_user_could_not_reach_are_found_by_the_name_that_the_AppHost_gives_them() => Assert.Equal(
        ["/root/l2r/artifacts/run/data", "/var/lib/l2r-b8a70e7f46", "/var/tmp/l2r-b8a70e7f46"], Checkout.DataFolders("/root/l2r/artifacts/run"));

    [Fact]
    public void A_file_that_is_no_state_is_named()
    {
        _temp.Write("artifacts/run/stack.json", "{");

        var failed = Assert.Throws<CommandFailedException>(_folder.FindRunning);
        Assert.StartsWith($"{_folder.StateFile} cannot be read (", failed.Message, StringComparison.Ordinal);
    }
}
