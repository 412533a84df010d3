using L2R.Operations.V1;

namespace L2R.Cli.Tests.Operations;

/// <summary>The whole command against services of which one has the queue.</summary>
public sealed class ReplayCommandTests : IAsyncLifetime
{
    const string Stages = "metrics.StagesChanged";

    readonly TempCheckout _temp = new();

    FakeService _intake = null!;
    FakeService _metrics = null!;

    public async ValueTask InitializeAsync()
    {
        _intake = await FakeService.StartAsync(new Queue { Name = "intake.outbox" }, new Queue { Name = "intake.StagesChanged" });
        _metrics = await FakeService.StartAsync(new Queue { Name = "metrics.outbox" }, new Queue { Name = Stages });
    }

    public async ValueTask DisposeAsync()
    {
        await _intake.DisposeAsync();
        await _metrics.DisposeAsync();
        _temp.Dispose();
    }

    [Theory]
    [InlineData(1, "1 message put back; ./l2r queues shows whether it fails again.\n")]
    [InlineData(1_234, "1,234 messages put back; ./l2r queues shows whether it fails again.\n")]
    public async Task All_that_failed_in_the_queue_is_put_back(int count, string said)
    {
        _metrics.Fail(Stages, count, "a bug");

        Assert.Equal(0, await ReplayAsync(Stages, "--all"));
        Assert.Equal((said, ""), (_temp.Output.ToString(), _temp.Errors.ToString()));
        Assert.Equal([new ReplayFailedMessagesRequest { Queue = Stages }], _metrics.Replays);
        Assert.Empty(_intake.Replays);
    }

    [Fact]
    public async Task One_message_is_put_back_by_its_id()
    {
        _metrics.Fail(Stages, 3, "a bug");
        var second = _metrics.Failed[Stages][1].MessageId;

        Assert.Equal(0, await ReplayAsync(Stages, "--message", second));
        Assert.Equal("1 message put back; ./l2r queues shows whether it fails again.\n", _temp.Output.ToString());
        Assert.Equal([new ReplayFailedMessagesRequest { Queue = Stages, MessageId = second }], _metrics.Replays);
    }

    [Fact]
    public async Task Nothing_to_replay_is_no_failure()
    {
        Assert.Equal(0, await ReplayAsync(Stages, "--all"));
        Assert.Equal(("Nothing had failed in metrics.StagesChanged.\n", ""), (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    [Fact]
    public async Task A_message_that_is_not_among_the_failed_ones_is_named()
    {
        Assert.Equal(1, await ReplayAsync(Stages, "--message", "42"));
        Assert.Equal(("", "l2r: No message '42' has failed in metrics.StagesChanged: ./l2r queues --failed lists those that have. One that was put back is no longer there.\n"), (_temp.Output.ToString(), _temp.Errors.ToString()));
    }

    [Fact]
    public async Task A_queue_that_no_service_has_is_wrong_usage_and_nothing_is_replayed()
    {
        Assert.Equal(2, await ReplayAsync("metrics.Stages", "--all"));
        Assert.Equal(("", "l2r: No service has a queue 'metrics.Stages'; ./l2r queues lists them.\n"), (_temp.Output.ToString(), _temp.Errors.ToString()));
        Assert.Empty(_metrics.Replays);
    }

    [Theory]
    [InlineData()]
    [InlineData("--all", "--message", "42")]
    public async Task It_takes_either_one_message_or_all(params string[] arguments)
    {
        Assert.Equal(2, await ReplayAsync(Stages, arguments));
        Assert.Equal("l2r: replay takes either --message ID or --all\nl2r: ./l2r replay --help tells how\n", _temp.Errors.ToString());
        Assert.Empty(_metrics.Replays);
    }

    Task<int> ReplayAsync(string queue, params string[] arguments) =>
        _temp.RunAsync(["replay", queue, "--service", _intake.Address, "--service", _metrics.Address, "--token", "secret", .. arguments]);
}
