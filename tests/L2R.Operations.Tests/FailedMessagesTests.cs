using Grpc.Core;
using L2R.Operations.V1;
using L2R.TestSupport;

namespace L2R.Operations.Tests;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class FailedMessagesTests(OperationsFixture scoring)
{
    string Leads => scoring.Queue("LeadsChanged");
    string Outbox => scoring.Queue("outbox");

    async Task<Queue> QueueAsync(string name) =>
        (await scoring.Client.GetFlowAsync(new(), OperationsFixture.Operator)).Queues.Single(queue => queue.Name == name);

    Task WaitForFailedAsync(string queue, long count) => Eventually.EqualAsync(count, async () => (await QueueAsync(queue)).FailedCount);

    async Task<IReadOnlyList<FailedMessage>> FailedAsync(string queue) =>
        (await scoring.Client.ListFailedMessagesAsync(new() { Queue = queue }, OperationsFixture.Operator)).Messages;

    async Task<long> ReplayAsync(string queue, string messageId = "") =>
        (await scoring.Client.ReplayFailedMessagesAsync(new() { Queue = queue, MessageId = messageId }, OperationsFixture.Operator)).ReplayedCount;

    [Fact]
    public async Task What_failed_is_shown_with_its_cause_and_replayed_when_the_cause_is_gone()
    {
        var leadId = Guid.NewGuid();
        await scoring.ExecuteAsync("ALTER TABLE leads RENAME TO leads_away");
        var mended = await scoring.SayAsync($"leads/{leadId:D}");
        var hopeless = await scoring.SayAsync("nonsense");
        await WaitForFailedAsync(Leads, 2);
        await scoring.ExecuteAsync("ALTER TABLE leads_away RENAME TO leads");

        var failed = (await FailedAsync(Leads)).ToDictionary(message => message.MessageId);
        Assert.Equal(
            (OperationsFixture.Tenant, "l2r.intake.v1.LeadsChanged", "Npgsql.PostgresException: 42P01: relation \"leads\" does not exist"),
            (failed[mended].Tenant, failed[mended].EventType, failed[mended].Cause.Split('\n', '\r')[0]));
        Assert.Equal($"System.InvalidOperationException: Event {hopeless} names no lead: 'nonsense'.", failed[hopeless].Cause);
        Assert.Contains($"\"leads/{leadId:D}\"", failed[mended].EventJson, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetUtcNow() - failed[mended].FailTime.ToDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromMinutes(5));

        Assert.Equal(1, await ReplayAsync(Leads, mended));
        await Eventually.EqualAsync(1L, () => scoring.CountAsync($"SELECT count(*) FROM leads WHERE lead_id = '{leadId}' AND version = 1"));
        Assert.Equal([hopeless], (await FailedAsync(Leads)).Select(message => message.MessageId));

        // What fails again comes back, as itself.
        Assert.Equal(1, await ReplayAsync(Leads));
        await Eventually.EqualAsync(hopeless, async () => (await FailedAsync(Leads)).SingleOrDefault()?.MessageId);
        var error = await GrpcAssert.FailsAsync(scoring.Client.ReplayFailedMessagesAsync(new() { Queue = Leads, MessageId = mended }, OperationsFixture.Operator));
        Assert.Equal((StatusCode.NotFound, "MESSAGE_NOT_FOUND"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task What_cannot_be_sent_is_shown_and_replayed_from_the_outbox()
    {
        var eventId = Guid.NewGuid();
        await scoring.ExecuteAsync($"""
            INSERT INTO outbox_dead (sequence, event_id, event_type, routing_key, payload, create_time, error)
            VALUES (-1, '{eventId}', 'l2r.scoring.v1.ScoringPolicyActivated', 'live.acme', '', clock_timestamp(), 'The broker refused it.')
            """);

        var failed = Assert.Single(await FailedAsync(Outbox));
        Assert.Equal(
            (eventId.ToString("D"), "l2r.scoring.v1.ScoringPolicyActivated", "acme", "The broker refused it.", "{ }"),
            (failed.MessageId, failed.EventType, failed.Tenant, failed.Cause, failed.EventJson));
        Assert.Equal(1, (await QueueAsync(Outbox)).FailedCount);

        Assert.Equal(1, await ReplayAsync(Outbox, eventId.ToString("D")));
        await WaitForFailedAsync(Outbox, 0);
        await Eventually.EqualAsync(0L, () => scoring.CountAsync("SELECT count(*) FROM outbox"));
    }

    [Fact]
    public async Task The_flow_says_how_far_a_queue_is_behind()
    {
        await scoring.SayAsync($"leads/{Guid.NewGuid():D}");
        await Eventually.IsTrueAsync("a lag", async () => (await QueueAsync(Leads)).Lag is not null);

        var flow = await scoring.Client.GetFlowAsync(new(), OperationsFixture.Operator);
        Assert.Equal(
            [Outbox, Leads, scoring.Queue("StagesChanged"), scoring.Queue("TouchpointsRecorded")],
            flow.Queues.Select(queue => queue.Name));
        Assert.Equal([0, 1, 1, 1], flow.Queues.Select(queue => queue.ConsumerCount));
        Assert.InRange(flow.Queues[1].Lag.ToTimeSpan(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task It_is_for_operators_alone_and_knows_its_own_queues_alone()
    {
        foreach (var role in new[] { "admin", "service", "revops" })
        {
            var refused = await GrpcAssert.FailsAsync(scoring.Client.GetFlowAsync(new(), ServiceProcess.As("acme", role)));
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_MISSING"), (refused.Code, refused.Reason));
        }
        var scores = new Scoring.V1.ScoringService.ScoringServiceClient(scoring.Service.Channel);
        Assert.Equal("ROLE_MISSING", (await GrpcAssert.FailsAsync(scores.ListScoringPoliciesAsync(new(), OperationsFixture.Operator))).Reason);
        var error = await GrpcAssert.FailsAsync(scoring.Client.ListFailedMessagesAsync(new() { Queue = "metrics.StagesChanged" }, OperationsFixture.Operator));
        Assert.Equal((StatusCode.NotFound, "QUEUE_NOT_FOUND"), (error.Code, error.Reason));
        error = await GrpcAssert.FailsAsync(scoring.Client.ListFailedMessagesAsync(new() { Limit = 1001 }, OperationsFixture.Operator));
        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        error = await GrpcAssert.FailsAsync(scoring.Client.ReplayFailedMessagesAsync(new() { Queue = Leads, MessageId = "42" }, OperationsFixture.Operator));
        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
    }
}
