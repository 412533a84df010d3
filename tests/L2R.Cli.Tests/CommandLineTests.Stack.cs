using System.Text.Json;
using L2R.Cli.Stack;

namespace L2R.Cli.Tests;

/// <remarks>What is said of a stack that runs, starts or is not there.</remarks>
public sealed partial class CommandLineTests
{
    [Fact]
    public async Task Status_of_nothing_is_1_and_down_of_nothing_is_0()
    {
        Assert.Equal(1, await _temp.RunAsync("status"));
        Assert.Equal(0, await _temp.RunAsync("down"));
        Assert.Equal("The stack is not up; ./l2r up starts it.\nl2r: the stack is not up\n", _temp.Output.ToString());
    }

    [Fact]
    public async Task While_a_process_builds_and_starts_the_stack_status_and_another_up_say_so()
    {
        var since = new DateTimeOffset(2026, 1, 31, 12, 3, 4, TimeSpan.FromHours(1));
        using (StackStart.Begin(new StackFolder(_temp.Checkout.RunFolder), new StoppedClock(since)))
        {
            Assert.Equal(1, await _temp.RunAsync("status"));
            Assert.Equal(0, await _temp.RunAsync("up"));
        }
        Assert.Equal(1, await _temp.RunAsync("status"));

        var who = $"process {Environment.ProcessId} builds and starts it, since 11:03:04 UTC";
        Assert.Equal(
            $"The stack is not up yet: {who}.\nl2r: the stack is on its way up: {who}; ./l2r status tells how far it is\n"
                + "The stack is not up; ./l2r up starts it.\n",
            _temp.Output.ToString());
    }

    [Fact]
    public async Task A_start_whose_process_has_ended_is_none()
    {
        _temp.Write("artifacts/run/starting.json", $$"""{"Pid":{{Environment.ProcessId}},"StartTicks":1,"Since":"2026-01-31T12:00:00Z"}""");

        await _temp.RunAsync("status");

        Assert.Equal("The stack is not up; ./l2r up starts it.\n", _temp.Output.ToString());
    }

    sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    [Fact]
    public async Task Status_as_json_has_everything_but_passwords()
    {
        _temp.WriteStateOfThisProcess();

        Assert.Equal(0, await _temp.RunAsync("status", "--json"));
        using var status = JsonDocument.Parse(_temp.Output.ToString());
        Assert.Equal(["up", "ready", "failed", "pid", "resources"], status.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(Environment.ProcessId, status.RootElement.GetProperty("pid").GetInt32());
        Assert.DoesNotContain("secret", _temp.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_tells_of_each_resource_how_it_is_in_words()
    {
        _temp.WriteStateOfThisProcess();

        Assert.Equal(0, await _temp.RunAsync("status"));
        Assert.Equal(
            [
                "The stack is up and ready.",
                "resource state pid restarts addresses",
                "gateway ready 17 2 grpc http://127.0.0.1:2, http http://127.0.0.1:1",
                "old ended with exit code 3 0",
            ],
            _temp.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public async Task A_second_up_says_where_the_stack_is()
    {
        _temp.WriteStateOfThisProcess();

        Assert.Equal(0, await _temp.RunAsync("up"));
        Assert.Contains("\n             address            for ", _temp.Output.ToString(), StringComparison.Ordinal); // above what it is of
        Assert.Equal(
            [
                "l2r: the stack is already up; ./l2r down stops it",
                "address for",
                "gateway grpc http://127.0.0.1:2 gRPC clients, all services (no TLS)",
                "gateway http http://127.0.0.1:1 health checks: /health/ready",
                "l2r: ./l2r status has those of single services and servers; they stay the same from one up to the next",
            ],
            _temp.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }
}
