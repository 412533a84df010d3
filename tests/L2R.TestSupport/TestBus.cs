using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using L2R.Messaging;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2R.TestSupport;

/// <summary>A stranger on the bus: says what another service would, and hears what a service says.</summary>
public sealed class TestBus : IAsyncDisposable
{
    readonly IHost _host;
    readonly Heard _heard;

    TestBus(IHost host) => (_host, _heard) = (host, host.Services.GetRequiredService<Heard>());

    /// <param name="says">The files of the protos that it publishes.</param>
    /// <param name="hears">Adds what it listens to: <c>bus => bus.Hear&lt;TestBus.Ear&lt;StagesChanged&gt;, StagesChanged&gt;("#")</c>.</param>
    /// <param name="subscriptions">Of others, whose queues it declares, and of its own.</param>
    /// <param name="service">Its name.</param>
    /// <param name="queuePrefix">Of the deployment whose part it is; its own alone where it is not given.</param>
    /// <param name="present">The services of that deployment, all where it is not given.</param>
    public static async Task<TestBus> StartAsync(
        IReadOnlyList<FileDescriptor> says,
        Action<Listener> hears,
        IReadOnlyList<Subscription>? subscriptions = null,
        string service = "bus",
        string? queuePrefix = null,
        string? present = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:rabbitmq", TestServers.RabbitMq),
            new("Messaging:Prefix", TestServers.Prefix),
            new("Messaging:QueuePrefix", queuePrefix ?? $"test-{Guid.NewGuid():N}."),
            new("Messaging:Services", present),
        ]);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<Heard>();
        builder.AddBus(service, says, hears, subscriptions ?? []);
        var host = builder.Build();
        await host.StartAsync(CancellationToken.None);
        await host.Services.GetRequiredService<IEventPublisher>().WaitUntilReadyAsync(CancellationToken.None);
        return new TestBus(host);
    }

    public Task PublishAsync(OutboxEvent outboxEvent) =>
        _host.Services.GetRequiredService<IEventPublisher>().PublishAsync(outboxEvent, CancellationToken.None);

    /// <summary>What was heard so far and is accepted by the filter, in order of arrival.</summary>
    public IReadOnlyList<T> Messages<T>(Func<T, bool> filter)
        where T : class, IMessage => [.. _heard.Messages.OfType<T>().Where(filter)];

    /// <summary>The bus itself.</summary>
    public IBusControl Control => _host.Services.GetRequiredService<IBusControl>();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    /// <summary>The W3C trace id that came with the message; null without one.</summary>
    public string? TraceOf(IMessage message) => _heard.Traces.GetValueOrDefault(message)?.Split('-')[1];

    /// <summary>The routing key under which the message came.</summary>
    public string RoutingKeyOf(IMessage message) => _heard.RoutingKeys[message];

    public sealed class Heard
    {
        public ConcurrentQueue<IMessage> Messages { get; } = new();

        /// <summary>The trace parent that came with each message, by reference.</summary>
        public ConcurrentDictionary<IMessage, string> Traces { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>By reference.</summary>
        public ConcurrentDictionary<IMessage, string> RoutingKeys { get; } = new(ReferenceEqualityComparer.Instance);
    }

    /// <summary>Keeps what it hears.</summary>
    public sealed class Ear<T>(Heard heard) : IConsumer<T>
        where T : class, IMessage
    {
        public Task Consume(ConsumeContext<T> context)
        {
            if (context.Headers.Get<string>("MT-Activity-Id") is { } trace)
            {
                heard.Traces[context.Message] = trace;
            }
            heard.RoutingKeys[context.Message] = context.GetPayload<RabbitMqBasicConsumeContext>().RoutingKey ?? "";
            heard.Messages.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }
}
