using System.Diagnostics;
using L2R.Cli.Processes;
using L2R.Cli.Stack;

namespace L2R.Cli.Tests;

/// <summary>With a shell script in the AppHost's place: it keeps the contract of stack.json, and runs one child.</summary>
public sealed class AppHostTests : IDisposable
{
    const string Ready = """
        for folder; do :; done # the last argument
        sleep 600 & child=$!
        trap 'kill $child; echo stopped; rm "$folder/stack.json"; exit 0' TERM
        printf '{"pid":%s,"startTime":"%s","ready":true,"resources":[{"name":"child","pid":%s}]}' $$ "$(date -u +%FT%T.%NZ | cut -c1-23)Z" $child >"$folder/new"
        mv "$folder/new" "$folder/stack.json"
        echo "ready $1"
        wait $child
        """;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly TempCheckout _temp = new();
    readonly StackFolder _folder;
    readonly List<string> _lines = [];

    public AppHostTests() => _folder = new StackFolder(_temp.Checkout.RunFolder);

    public void Dispose() => _temp.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task Runs_until_it_is_cancelled_and_then_nothing_is_left()
    {
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        IReadOnlyList<ProcessEntry> tree = [];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Host(Ready).RunAsync(
            ["--infrastructure-only"],
            _lines.Add,
            async (state, _) =>
            {
                tree = ProcessEntry.Tree(state.Pid);
                await interrupted.CancelAsync();
            },
            interrupted.Token));

        Assert.Equal(["sh", "sleep"], tree.Select(p => p.Name));
        Assert.DoesNotContain(tree, p => p.IsAlive());
        Assert.Equal(["ready --infrastructure-only", "stopped"], _lines);
        Assert.Null(_folder.Read());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_stack_for_one_piece_of_work_leaves_its_log_and_no_data()
    {
        var host = Host(Ready);
        _temp.Write("artifacts/run/data/earlier", "");

        await new OwnStack(_temp.Checkout, _folder, host).RunAsync(
            [],
            (_, _) =>
            {
                Assert.False(Directory.Exists(Path.Combine(_folder.Path, "data")));
                _temp.Write("artifacts/run/data/postgres/PG_VERSION", "15");
                return Task.CompletedTask;
            },
            Cancelled);

        Assert.Equal([_folder.Log], Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact(Timeout = 60_000)]
    public async Task Tells_where_the_dashboard_is_once_and_before_all_is_ready()
    {
        var starting = Ready.Replace("\"ready\":true", "\"ready\":false,\"dashboard\":\"http://127.0.0.1:1/login?t=x\"", StringComparison.Ordinal);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        List<string?> seen = [];
        var host = Host(starting, state =>
        {
            seen.Add(state.Dashboard);
            interrupted.CancelAfter(TimeSpan.FromMilliseconds(300)); // three looks later
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => host.RunAsync([], _lines.Add, (_, _) => throw new InvalidOperationException("not ready"), interrupted.Token));

        Assert.Equal(["http://127.0.0.1:1/login?t=x"], seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task Ends_with_the_exit_code_of_one_that_never_was_ready()
    {
        var exitCode = await Host("echo needs PostgreSQL; exit 69").RunAsync(
            [], _lines.Add, (_, _) => throw new InvalidOperationException("not ready"), Cancelled);

        Assert.Equal(69, exitCode);
        Assert.Equal(["needs PostgreSQL"], _lines);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_detached_one_outlives_the_start_and_stops_in_order()
    {
        var state = await Host(Ready).StartDetachedAsync(Cancelled);
        Assert.Equal(state.Pid, _folder.FindRunning()?.Pid);
        var tree = ProcessEntry.Tree(state.Pid);

        Assert.Empty(await StackStop.StopAsync(state.Pid, TimeSpan.FromSeconds(30), Cancelled));

        Assert.DoesNotContain(tree, p => p.IsAlive());
        Assert.Null(_folder.FindRunning());
        Assert.Equal("ready --state-dir\nstopped\n", await File.ReadAllTextAsync(_folder.Log, Cancelled));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_detached_one_that_fails_is_shown_with_the_end_of_its_log()
    {
        var failed = await Assert.ThrowsAsync<CommandFailedException>(
            () => Host("echo starting; echo no port is free >&2; exit 7").StartDetachedAsync(Cancelled));

        Assert.Equal("The stack ended before it was ready. The end of artifacts/run/apphost.log:\nstarting\nno port is free", failed.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task One_that_says_why_it_cannot_become_ready_is_stopped_and_quoted()
    {
        var failing = Ready.Replace("\"ready\":true", "\"failed\":\"intake crashed 5 times\"", StringComparison.Ordinal);

        var failed = await Assert.ThrowsAsync<CommandFailedException>(() => Host(failing).StartDetachedAsync(Cancelled));

        Assert.Equal("intake crashed 5 times", failed.Message);
        Assert.EndsWith("stopped\n", await File.ReadAllTextAsync(_folder.Log, Cancelled), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_does_not_stop_by_itself_is_killed_and_named_with_all_that_it_runs()
    {
        var deaf = Ready.Replace("trap '", "trap '' TERM; : '", StringComparison.Ordinal);
        var state = await Host(deaf).StartDetachedAsync(Cancelled);
        var tree = ProcessEntry.Tree(state.Pid);

        var killed = await StackStop.StopAsync(state.Pid, TimeSpan.FromMilliseconds(100), Cancelled);

        Assert.Equal([$"sh ({tree[0].Pid})", $"sleep ({tree[1].Pid})"], killed);
        Assert.DoesNotContain(tree, p => p.IsAlive());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_guarded_child_stops_when_its_starter_is_killed()
    {
        // The starter holds the guard's standard input, as this program does, and is killed with no chance to clean up.
        var pidFile = Path.Combine(_temp.Checkout.Root, "pid");
        var guarded = GuardedProcess.CommandLine(["sh", "-c", $"echo $$ >{pidFile}; exec sleep 600"]);
        using var starter = Process.Start(new ProcessStartInfo("sh", ["-c", """sleep 600 | "$@" 2>/dev/null & wait""", "sh", .. guarded]))!;
        ProcessEntry? child = null;
        while ((child = File.Exists(pidFile) && int.TryParse(await File.ReadAllTextAsync(pidFile, Cancelled), out var pid) ? ProcessEntry.Find(pid) : null) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancelled);
        }

        var holder = ProcessEntry.Tree(starter.Id).Single(p => p.Name == "sleep" && p.Pid != child.Pid);
        holder.Signal(ProcessEntry.SigKill);

        while (child.IsAlive())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancelled);
        }

        await starter.WaitForExitAsync(Cancelled);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_guarded_child_leaves_behind_stops_with_it()
    {
        var orphan = 0;

        var exitCode = await GuardedProcess.RunAsync(
            ["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"], _temp.Checkout.Root, line => orphan = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture), cancellationToken: Cancelled);

        Assert.Equal(0, exitCode);
        Assert.NotEqual(0, orphan);
        while (ProcessEntry.Find(orphan)?.IsAlive() == true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancelled);
        }
    }

    AppHost Host(string script, Action<StackState>? whenSeen = null)
    {
        Directory.CreateDirectory(_folder.Path);
        return new AppHost(_temp.Checkout, _folder, ["sh", _temp.Write("apphost.sh", script)]) { WhenSeen = whenSeen ?? (_ => { }) };
    }
}
