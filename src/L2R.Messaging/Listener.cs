using Google.Protobuf;
using MassTransit;
using ExchangeType = RabbitMQ.Client.ExchangeType;

namespace L2R.Messaging;

/// <summary>The queues of one service: one per consumer, each bound to one event.</summary>
/// <param name="exchangePrefix">Before the name of every exchange; mostly nothing.</param>
/// <param name="queuePrefix">Before the name of every queue: the service's name.</param>
public sealed class Listener(string exchangePrefix, string queuePrefix)
{
    // Those that one replica reads while others are being stored: Inbox takes them together then. An event of history is some 500 KB.
    const int MessagesInHand = 32;

    readonly List<string> _queues = [];
    readonly List<Action<IBusRegistrationConfigurator>> _registrations = [];
    readonly List<Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator>> _endpoints = [];

    /// <summary>The names of the queues.</summary>
    public IReadOnlyList<string> Queues => _queues;

    /// <summary>The service's name, with the prefix of its queues.</summary>
    public string Name => queuePrefix;

    /// <summary>Binds the queue <c>{service}.{event}</c> to the event and hands its messages to the consumer.</summary>
    /// <param name="routingKeys">One or more patterns: <c>live.#</c> for what others may act on, <c>#</c> for history too,
    /// <c>live.*.handoff</c> for what ends in a word. What none of them fits is not delivered.</param>
    public Listener Hear<TConsumer, TMessage>(IReadOnlyList<string> routingKeys)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class, IMessage, new()
    {
        var queue = $"{queuePrefix}.{new TMessage().Descriptor.Name}";
        _queues.Add(queue);
        _registrations.Add(bus => bus.AddConsumer<TConsumer>());
        _endpoints.Add((context, rabbit) =>
        {
            // Its exchange is deployed here too, and must be of the kind that its publisher gives it.
            rabbit.Publish<TMessage>(topology => topology.ExchangeType = ExchangeType.Topic);
            rabbit.ReceiveEndpoint(queue, Endpoint);

            void Endpoint(IRabbitMqReceiveEndpointConfigurator endpoint)
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.PrefetchCount = MessagesInHand;
                foreach (var routingKey in routingKeys)
                {
                    endpoint.Bind(exchangePrefix + new TMessage().Descriptor.FullName, binding =>
                    {
                        binding.ExchangeType = ExchangeType.Topic;
                        binding.RoutingKey = routingKey;
                    });
                }
                endpoint.UseRetries();
                endpoint.ConfigureConsumer<TConsumer>(context);
            }
        });
        return this;
    }

    internal void Register(IBusRegistrationConfigurator bus) => _registrations.ForEach(register => register(bus));

    internal void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit) =>
        _endpoints.ForEach(configure => configure(context, rabbit));
}
