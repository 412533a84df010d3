using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using L2R.Handoff.V1;
using L2R.Ledger.V1;
using L2R.Opportunity.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace L2R.Messaging.Tests;

[Trait("needs", "rabbitmq")]
public sealed class BusTests
{
    readonly string _tenant = $"t-{Guid.NewGuid():N}";

    StagesChanged Changes(int count) => new()
    {
        EventId = Guid.NewGuid().ToString(),
        EventTime = new Timestamp { Seconds = 1_700_000_000, Nanos = 123_456_000 },
        Tenant = _tenant,
        Changes =
        {
            Enumerable.Range(0, count).Select(seq => new StageChanged
            {
                TransitionId = Guid.NewGuid().ToString(),
                To = Stage.ClosedWon,
                SourceSeq = long.MaxValue - seq,
                Score = 0.1,
                Amount = new Money { CurrencyCode = "EUR", Units = 12, Nanos = 340_000_000 },
                Dimensions = new Dimensions { Channel = "web-form" },
            }),
        },
    };

    [Fact]
    public async Task A_message_arrives_as_it_was_sent_with_every_repeated_field()
    {
        await using var bus = await TestBus.StartAsync(
            [LedgerEventsReflection.Descriptor], listener => listener.Hear<TestBus.Ear<StagesChanged>, StagesChanged>(["#"]));
        var sent = Changes(500);

        await bus.PublishAsync(OutboxEvent.Import(Guid.NewGuid(), _tenant, sent));

        await Eventually.EqualAsync(1, () => Task.FromResult(Heard(bus).Count));
        Assert.Equal(sent, Heard(bus)[0]);
    }

    [Fact]
    public async Task Every_exchange_is_there_before_the_first_event_and_none_for_the_parts_of_events()
    {
        await using var bus = await TestBus.StartAsync(
            [HandoffEventsReflection.Descriptor, OpportunityEventsReflection.Descriptor, ScoringEventsReflection.Descriptor], _ => { });

        Assert.Equal(
            [("l2r.handoff.v1.HandoffsAssigned", true), ("l2r.opportunity.v1.OpportunitiesChanged", true), ("l2r.scoring.v1.ScoringPolicyActivated", true), ("l2r.handoff.v1.HandoffAssigned", false)],
            [await IsThereAsync("l2r.handoff.v1.HandoffsAssigned"), await IsThereAsync("l2r.opportunity.v1.OpportunitiesChanged"),
                await IsThereAsync("l2r.scoring.v1.ScoringPolicyActivated"), await IsThereAsync("l2r.handoff.v1.HandoffAssigned")]);

        static async Task<(string, bool)> IsThereAsync(string exchange)
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(TestServers.RabbitMq) }.CreateConnectionAsync(TestContext.Current.CancellationToken);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
            try
            {
                await channel.ExchangeDeclarePassiveAsync(TestServers.Prefix + exchange, TestContext.Current.CancellationToken);
                return (exchange, true);
            }
            catch (OperationInterruptedException)
            {
                return (exchange, false);
            }
        }
    }

    [Fact]
    public async Task Who_listens_to_what_is_live_is_spared_history()
    {
        await using var bus = await TestBus.StartAsync(
            [LedgerEventsReflection.Descriptor], listener => listener.Hear<TestBus.Ear<StagesChanged>, StagesChanged>(["live.#"]));
        var (history, live) = (Changes(1), Changes(2));

        await bus.PublishAsync(OutboxEvent.Import(Guid.NewGuid(), _tenant, history));
        await bus.PublishAsync(OutboxEvent.Live(Guid.NewGuid(), _tenant, live));

        await Eventually.IsTrueAsync("the live event", () => Task.FromResult(Heard(bus).Count > 0));
        Assert.Equal([live], Heard(bus));
    }

    [Fact]
    public async Task A_listener_of_another_house_finds_what_the_document_says()
    {
        await using var bus = await TestBus.StartAsync([LedgerEventsReflection.Descriptor], _ => { });
        await using var connection = await new ConnectionFactory { Uri = new Uri(TestServers.RabbitMq) }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: TestContext.Current.CancellationToken)).QueueName;
        await channel.QueueBindAsync(queue, TestServers.Prefix + StagesChanged.Descriptor.FullName, $"live.{_tenant}", cancellationToken: TestContext.Current.CancellationToken);
        var eventId = Guid.NewGuid();

        await bus.PublishAsync(OutboxEvent.Live(eventId, _tenant, Changes(1)));

        BasicGetResult? got = null;
        await Eventually.IsTrueAsync("the event", async () => (got = await channel.BasicGetAsync(queue, autoAck: true, TestContext.Current.CancellationToken)) is not null);
        using var envelope = JsonDocument.Parse(got!.Body);
        var types = envelope.RootElement.GetProperty("messageType").EnumerateArray().Select(type => type.GetString()!).ToList();
        Assert.Equal("urn:message:L2R.Ledger.V1:StagesChanged", types[0]);
        Assert.Contains("urn:message:Google.Protobuf:IMessage", types);
        Assert.Equal(eventId, envelope.RootElement.GetProperty("messageId").GetGuid());
        Assert.Equal(_tenant, envelope.RootElement.GetProperty("message").GetProperty("tenant").GetString());
        Assert.Contains("x-dotnet-pub-seq-no", got.BasicProperties.Headers!.Keys);
        Assert.DoesNotContain((byte)'\n', got.Body.ToArray()); // a third of each message would be blanks
    }

    [Fact]
    public async Task An_event_of_an_unknown_type_can_never_be_sent()
    {
        await using var bus = await TestBus.StartAsync([LedgerEventsReflection.Descriptor], _ => { });

        await Assert.ThrowsAsync<UnpublishableEventException>(
            () => bus.PublishAsync(new OutboxEvent(Guid.NewGuid(), "l2r.nobody.v1.Knows", "live.acme", [], TraceParent: null)));
    }

    [Fact]
    public async Task A_payload_that_is_broken_can_never_be_sent()
    {
        await using var bus = await TestBus.StartAsync([LedgerEventsReflection.Descriptor], _ => { });

        await Assert.ThrowsAsync<UnpublishableEventException>(
            () => bus.PublishAsync(new OutboxEvent(Guid.NewGuid(), StagesChanged.Descriptor.FullName, "live.acme", [0xFF], TraceParent: null)));
    }

    IReadOnlyList<StagesChanged> Heard(TestBus bus) => bus.Messages<StagesChanged>(message => message.Tenant == _tenant);
}
