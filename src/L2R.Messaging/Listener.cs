using Google.Protobuf;
using MassTransit;
using ExchangeType = RabbitMQ.Client.ExchangeType;

namespace L2R.Messaging;

/// <summary>The queues of one service: one per consumer, each bound to one event.</summary>
public sealed class Listener
{
    // Those that one replica reads while others are being stored: Inbox takes them together then. An event of history is some 500 KB.
    const int MessagesInHand = 32;

    readonly string _service;
    readonly BusNames _names;
    readonly IReadOnlyList<Subscription> _subscriptions;
    readonly List<string> _queues = [];
    readonly List<Action<IBusRegistrationConfigurator>> _registrations = [];
    readonly List<Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator>> _endpoints = [];

    internal Listener(string service, BusNames names, IReadOnlyList<Subscription> subscriptions) =>
        (_service, _names, _subscriptions) = (service, names, subscriptions);

    /// <summary>The names of the queues.</summary>
    public IReadOnlyList<string> Queues => _queues;

    /// <summary>The service's name, with the prefix of its queues.</summary>
    public string Name => _names.Service(_service);

    /// <summary>Hands what the service hears of the event, by its <see cref="Subscription"/>, to the consumer.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public Listener Hear<TConsumer, TMessage>()
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class, IMessage, new()
    {
        var type = new TMessage().Descriptor;
        return _subscriptions.SingleOrDefault(subscription => subscription.Service == _service && subscription.Event == type) is { } subscription
            ? Hear<TConsumer, TMessage>(subscription.RoutingKeys)
            : throw new InvalidOperationException($"{_service} hears {type.FullName}, and no subscription says what of it.");
    }

    /// <summary>Binds the queue <c>{service}.{event}</c> to the event and hands its messages to the consumer.</summary>
    /// <param name="routingKeys">As in <see cref="Subscription"/>.</param>
    public Listener Hear<TConsumer, TMessage>(IReadOnlyList<string> routingKeys)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class, IMessage, new()
    {
        var type = new TMessage().Descriptor;
        var queue = _names.Queue(_service, type);
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
                    endpoint.Bind(_names.Exchange(type), binding =>
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
