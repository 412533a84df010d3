using Google.Protobuf;
using Google.Protobuf.Reflection;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using RabbitMQ.Client;

namespace L2R.Messaging;

/// <summary>Connects a service to the bus.</summary>
public static class MessagingSetup
{
    const string ConnectionName = "rabbitmq";

    /// <summary>Registers the bus, the outbox relay for what the service says, and the consumers for what it hears.</summary>
    /// <param name="serviceName">In kebab case; the prefix of the service's queues.</param>
    /// <param name="publishes">The files of the protos that hold the service's events.</param>
    /// <param name="consumes">Adds each queue with <see cref="Listener.Hear{TConsumer, TMessage}()"/>.</param>
    /// <param name="subscriptions">Of all services. The queues of the others that hear what this one says are declared before it says anything;
    /// of those alone that <c>Messaging:Services</c> names where it is set.</param>
    public static IHostApplicationBuilder AddMessaging(
        this IHostApplicationBuilder builder,
        string serviceName,
        IReadOnlyList<FileDescriptor> publishes,
        Action<Listener> consumes,
        IReadOnlyList<Subscription> subscriptions)
    {
        builder.Services.AddOptions<OutboxOptions>().BindConfiguration("Outbox").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<OutboxSignal>();
        builder.Services.AddSingleton<Inbox>();
        builder.Services.AddSingleton<RelayProgress>();
        builder.AddBus(serviceName, publishes, consumes, subscriptions);
        builder.Services.AddHostedService<OutboxRelay>();
        return builder;
    }

    /// <summary>Registers the bus alone: publishing directly, without an outbox.</summary>
    public static IHostApplicationBuilder AddBus(
        this IHostApplicationBuilder builder,
        string serviceName,
        IReadOnlyList<FileDescriptor> publishes,
        Action<Listener> consumes,
        IReadOnlyList<Subscription> subscriptions)
    {
        builder.Services.AddSingleton(TypeRegistry.FromFiles(publishes));
        builder.Services.AddSingleton<IEventPublisher, BusPublisher>();
        builder.Services.AddMetrics();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<MessagingMetrics>();
        builder.Services.AddSingleton<ConsumerProgress>();
        var names = new BusNames(builder.Configuration);
        var listener = new Listener(serviceName, names, subscriptions);
        consumes(listener);
        builder.Services.AddSingleton(listener);
        builder.Services.AddSingleton(new Audience(Address(builder), names, [.. Others(builder, serviceName, publishes, subscriptions)]));
        builder.Services.AddHostedService(services =>
        {
            var bus = services.GetRequiredService<IBusControl>();
            return new BusWatch(
                () => bus.CheckHealth().Status == BusHealthStatus.Healthy,
                cancellationToken => AnswersAsync(Address(builder), cancellationToken),
                cancellationToken => BusWatch.RestartAsync(bus, cancellationToken),
                () =>
                {
                    Environment.ExitCode = 1;
                    services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
                },
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<BusWatch>>());
        });
        builder.Services.AddMassTransit(bus =>
        {
            listener.Register(bus);
            bus.AddReceiveObserver(context => context.GetRequiredService<ConsumerProgress>());
            bus.AddConsumeObserver(context => context.GetRequiredService<ConsumerProgress>());
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(Address(builder));
                rabbit.MessageTopology.SetEntityNameFormatter(new ProtoNames(names, rabbit.MessageTopology.EntityNameFormatter));
                // Otherwise each of these becomes an exchange that every event passes through.
                rabbit.Publish<IMessage>(topology => topology.Exclude = true);
                rabbit.Publish<IBufferMessage>(topology => topology.Exclude = true);
                rabbit.PublishTopics(publishes);
                // From the start, not from the first event of its kind: who listens binds to them before anything happens.
                rabbit.DeployPublishTopology = true;
                rabbit.ConfigureJsonSerializerOptions(json =>
                {
                    json.Converters.Insert(0, new ProtoJson());
                    json.WriteIndented = false; // MassTransit's default, a third of each message
                    return json;
                });
                listener.Configure(context, rabbit);
            });
        });
        return builder;
    }

    /// <summary>Retries as long as the database is away, and a few times otherwise; then the message rests in the error queue.</summary>
    internal static void UseRetries(this IReceiveEndpointConfigurator endpoint)
    {
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<NpgsqlException>(exception => exception.IsTransient);
            retry.Interval(600, TimeSpan.FromSeconds(1));
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<NpgsqlException>(exception => exception.IsTransient);
            retry.Exponential(5, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(100));
        });
    }

    static Uri Address(IHostApplicationBuilder builder) => new(builder.Configuration.GetConnectionString(ConnectionName)
        ?? throw new InvalidOperationException(
            $"ConnectionStrings:{ConnectionName} is not set: give the broker's address, such as amqp://user:password@host:5672."));

    // Without those that this deployment lacks: the queue of one that never comes would fill for ever.
    static IEnumerable<Subscription> Others(
        IHostApplicationBuilder builder, string serviceName, IReadOnlyList<FileDescriptor> publishes, IReadOnlyList<Subscription> subscriptions)
    {
        var all = subscriptions.Select(subscription => subscription.Service).ToHashSet(StringComparer.Ordinal);
        var present = builder.Configuration["Messaging:Services"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [.. all];
        return present.FirstOrDefault(service => !all.Contains(service)) is { } unknown
            ? throw new InvalidOperationException($"Messaging:Services: {unknown} is no service that hears events: give some of {string.Join(", ", all)}, with commas in between.")
            : subscriptions.Where(subscription =>
                subscription.Service != serviceName && present.Contains(subscription.Service) && publishes.Contains(subscription.Event.File));
    }

    static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(cancellationToken);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // whatever the reason: MassTransit logs it
        }
    }

    static void PublishTopics(this IRabbitMqBusFactoryConfigurator rabbit, IReadOnlyList<FileDescriptor> files)
    {
        // The other messages of these files are parts of events.
        foreach (var message in files.SelectMany(file => file.MessageTypes).Where(type => type.FindFieldByName("event_id") is not null))
        {
            rabbit.Publish(message.ClrType, topology => topology.ExchangeType = ExchangeType.Topic);
        }
    }

    /// <summary>An event's exchange bears the name of its proto: <c>l2r.ledger.v1.StagesChanged</c>.</summary>
    sealed class ProtoNames(BusNames names, IEntityNameFormatter others) : IEntityNameFormatter
    {
        public string FormatEntityName<T>() =>
            typeof(IMessage).IsAssignableFrom(typeof(T)) && !typeof(T).IsAbstract && Activator.CreateInstance<T>() is IMessage message
                ? names.Exchange(message.Descriptor)
                : others.FormatEntityName<T>();
    }
}
