using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.Net.ClientFactory;

/// <summary>Makes the clients that AddGrpcClient registered, by name.</summary>
public abstract class GrpcClientFactory
{
    public abstract TClient CreateClient<TClient>(string name)
        where TClient : class;
}

public enum InterceptorScope
{
    /// <summary>One instance for all clients of the channel.</summary>
    Channel = 0,

    /// <summary>One for each client.</summary>
    Client = 1,
}

/// <summary>An interceptor of the clients of one name.</summary>
public class InterceptorRegistration(InterceptorScope scope, Func<IServiceProvider, Interceptor> creator)
{
    public InterceptorScope Scope { get; } = scope;

    internal Func<IServiceProvider, Interceptor> Creator { get; } = creator;
}

/// <summary>What may be changed about each call of a client.</summary>
public class CallOptionsContext(CallOptions callOptions, IServiceProvider serviceProvider)
{
    public CallOptions CallOptions { get; set; } = callOptions;

    public IServiceProvider ServiceProvider { get; } = serviceProvider;
}

/// <summary>Settings of the clients of one name.</summary>
public class GrpcClientFactoryOptions
{
    /// <summary>http or https.</summary>
    public Uri? Address { get; set; }

    public IList<Action<GrpcChannelOptions>> ChannelOptionsActions { get; } = [];

    public IList<Action<CallOptionsContext>> CallOptionsActions { get; } = [];

    public IList<InterceptorRegistration> InterceptorRegistrations { get; } = [];

    public Func<CallInvoker, object>? Creator { get; set; }

    internal bool HasCallCredentials { get; set; }
}

/// <summary>Keeps one channel per name, and gives each client its own interceptors on top.</summary>
sealed class DefaultGrpcClientFactory(IServiceProvider services, ChannelCache channels, IOptionsMonitor<GrpcClientFactoryOptions> options) : GrpcClientFactory
{
    public override TClient CreateClient<TClient>(string name)
    {
        var settings = options.Get(name);
        var invoker = channels.Get(name, typeof(TClient));
        foreach (var registration in settings.InterceptorRegistrations.Reverse())
        {
            if (registration.Scope == InterceptorScope.Client)
            {
                invoker = invoker.Intercept(registration.Creator(services));
            }
        }
        if (settings.CallOptionsActions.Count > 0)
        {
            invoker = invoker.Intercept(new CallOptionsInterceptor(settings.CallOptionsActions, services));
        }
        return settings.Creator is { } create
            ? create(invoker) as TClient ?? throw new InvalidOperationException($"The creator of client '{name}' made no {typeof(TClient)}.")
            : (TClient)ClientActivator<TClient>.Create(services, [invoker]);
    }

    static class ClientActivator<TClient>
    {
        public static readonly ObjectFactory Create = ActivatorUtilities.CreateFactory(typeof(TClient), [typeof(CallInvoker)]);
    }
}

/// <summary>The channels, with the interceptors that belong to them. They live as long as the host.</summary>
sealed class ChannelCache(IServiceProvider services, IOptionsMonitor<GrpcClientFactoryOptions> options, IHttpMessageHandlerFactory handlers) : IDisposable
{
    readonly ConcurrentDictionary<(string Name, Type Client), Lazy<(GrpcChannel Channel, CallInvoker Invoker)>> _channels = new();

    public CallInvoker Get(string name, Type client) =>
        _channels.GetOrAdd((name, client), key => new(() => Create(key.Name, key.Client))).Value.Invoker;

    public void Dispose()
    {
        foreach (var channel in _channels.Values.Where(channel => channel.IsValueCreated))
        {
            channel.Value.Channel.Dispose();
        }
    }

    (GrpcChannel Channel, CallInvoker Invoker) Create(string name, Type client)
    {
        var settings = options.Get(name);
        if (settings.Address is null)
        {
            throw new InvalidOperationException($"Could not resolve the address for gRPC client '{name}'. Set an address when registering the client: services.AddGrpcClient<{client.Name}>(o => o.Address = new Uri(\"https://localhost:5001\"))");
        }
        var channelOptions = new GrpcChannelOptions { HttpHandler = handlers.CreateHandler(name), ServiceProvider = services };
        foreach (var configure in settings.ChannelOptionsActions)
        {
            configure(channelOptions);
        }
        if (settings.HasCallCredentials && settings.Address.Scheme != Uri.UriSchemeHttps && !channelOptions.UnsafeUseInsecureChannelCallCredentials)
        {
            throw new InvalidOperationException($"Call credential configured for gRPC client '{name}' requires TLS, and the client isn't configured to use TLS. Either configure a TLS address, or use the call credential without TLS by setting GrpcChannelOptions.UnsafeUseInsecureChannelCallCredentials to true.");
        }
        var channel = GrpcChannel.ForAddress(settings.Address, channelOptions);
        var invoker = channel.CreateCallInvoker();
        foreach (var registration in settings.InterceptorRegistrations.Reverse())
        {
            if (registration.Scope == InterceptorScope.Channel)
            {
                invoker = invoker.Intercept(registration.Creator(services));
            }
        }
        return (channel, invoker);
    }
}

sealed class CallOptionsInterceptor(IEnumerable<Action<CallOptionsContext>> actions, IServiceProvider services) : ContextInterceptor
{
    protected override ClientInterceptorContext<TRequest, TResponse> Change<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
    {
        var change = new CallOptionsContext(context.Options, services);
        foreach (var action in actions)
        {
            action(change);
        }
        return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, change.CallOptions);
    }
}
