using L2R.Ledger.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace L2R.Messaging.Tests;

[Trait("needs", "rabbitmq")]
public sealed class AudienceTests
{
    static readonly IReadOnlyList<Subscription> Subscriptions =
    [
        new("late", StagesChanged.Descriptor, "live.*.handoff", "live.*.scoring"),
        new("absent", StagesChanged.Descriptor, "#"),
        new("speaker", StagesChanged.Descriptor, "#"),
        new("late", ScoringPolicyActivated.Descriptor, "#"),
    ];

    readonly string _queues = $"test-{Guid.NewGuid():N}.";
    readonly string _tenant = $"t-{Guid.NewGuid():N}";

    [Fact]
    public async Task What_is_said_before_a_listener_has_ever_run_waits_for_it()
    {
        StagesChanged[] said = [Event(), Event(), Event()];
        await using var speaker = await SpeakerAsync();
        await speaker.PublishAsync(OutboxEvent.Live(Guid.NewGuid(), _tenant, said[0], "scoring"));
        await speaker.PublishAsync(OutboxEvent.Live(Guid.NewGuid(), _tenant, said[1], "intake"));
        await speaker.PublishAsync(OutboxEvent.Live(Guid.NewGuid(), _tenant, said[2], "handoff"));

        // Declares the same again, as its own: the broker would refuse other properties.
        await using var late = await TestBus.StartAsync([], listener => listener.Hear<TestBus.Ear<StagesChanged>, StagesChanged>(), Subscriptions, "late", _queues);

        await Eventually.EqualAsync(2, () => Task.FromResult(late.Messages<StagesChanged>(_ => true).Count));
        Assert.Equal(
            new[] { said[0].EventId, said[2].EventId }.Order(StringComparer.Ordinal),
            late.Messages<StagesChanged>(_ => true).Select(message => message.EventId).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("late.StagesChanged", true)]
    [InlineData("absent.StagesChanged", false)] // not of this deployment
    [InlineData("speaker.StagesChanged", false)] // says nothing to itself
    [InlineData("late.ScoringPolicyActivated", false)] // another's event
    public async Task Queues_are_declared_for_the_others_that_are_there_and_hear_what_is_said(string queue, bool declared)
    {
        await using var speaker = await SpeakerAsync(" late, speaker");
        await using var connection = await new ConnectionFactory { Uri = new Uri(TestServers.RabbitMq) }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);

        var missing = await Record.ExceptionAsync(() => channel.QueueDeclarePassiveAsync($"{TestServers.Prefix}{_queues}{queue}", TestContext.Current.CancellationToken));

        Assert.Equal(declared, missing is null);
        Assert.True(declared || missing is OperationInterruptedException { ShutdownReason.ReplyCode: 404 });
    }

    [Fact]
    public async Task A_service_that_nobody_knows_is_refused()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SpeakerAsync("late,metrix"));

        Assert.Equal("Messaging:Services: metrix is no service that hears events: give some of late, absent, speaker, with commas in between.", error.Message);
    }

    [Fact]
    public async Task Who_hears_without_a_subscription_does_not_start()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestBus.StartAsync([], listener => listener.Hear<TestBus.Ear<StagesChanged>, StagesChanged>(), Subscriptions, "stranger"));

        Assert.Equal("stranger hears l2r.ledger.v1.StagesChanged, and no subscription says what of it.", error.Message);
    }

    Task<TestBus> SpeakerAsync(string? present = null) =>
        TestBus.StartAsync([LedgerEventsReflection.Descriptor], _ => { }, Subscriptions, "speaker", _queues, present);

    StagesChanged Event() => new() { EventId = Guid.NewGuid().ToString(), Tenant = _tenant };
}
