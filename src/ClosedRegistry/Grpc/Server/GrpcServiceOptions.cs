using System.Collections.ObjectModel;
using System.IO.Compression;
using Grpc.Core.Interceptors;
using Grpc.Net.Compression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>Settings of all services of a host.</summary>
public class GrpcServiceOptions
{
    /// <summary>In bytes; null for no limit, which is also the default.</summary>
    public int? MaxSendMessageSize
    {
        get;
        set
        {
            field = value;
            IsMaxSendMessageSizeSet = true;
        }
    }

    /// <summary>In bytes; null for no limit. 4 MiB unless set.</summary>
    public int? MaxReceiveMessageSize
    {
        get;
        set
        {
            field = value;
            IsMaxReceiveMessageSizeSet = true;
        }
    }

    /// <summary>Of all services: gzip and deflate, unless removed. Of one service: beside those, and over those of the same name.</summary>
    public IList<ICompressionProvider> CompressionProviders { get; set; } = [];

    /// <summary>Responses are compressed with it where the caller accepts that; null for none. Needs a provider of that name.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>Null for the provider's own.</summary>
    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>Whether callers are told the message of an exception that a handler did not catch.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>Whether calls to unknown services fall through to the rest of the pipeline instead of getting UNIMPLEMENTED.</summary>
    public bool? IgnoreUnknownServices { get; set; }

    /// <summary>The first sees a call first.</summary>
    public InterceptorCollection Interceptors { get; } = [];

    internal bool IsMaxSendMessageSizeSet { get; private set; }

    internal bool IsMaxReceiveMessageSizeSet { get; private set; }
}

/// <summary>Before anything else is configured, so that it can be changed.</summary>
sealed class DefaultCompression : IConfigureOptions<GrpcServiceOptions>
{
    public void Configure(GrpcServiceOptions options)
    {
        options.CompressionProviders.Add(new GzipCompressionProvider(CompressionLevel.Fastest));
        options.CompressionProviders.Add(new DeflateCompressionProvider(CompressionLevel.Fastest));
    }
}

/// <summary>Settings of one service. What is set here wins; its interceptors come after those of all services.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class;

public class InterceptorCollection : Collection<InterceptorRegistration>
{
    public void Add<TInterceptor>(params object[] args)
        where TInterceptor : Interceptor => Add(typeof(TInterceptor), args);

    public void Add(Type interceptorType, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(interceptorType);
        if (!typeof(Interceptor).IsAssignableFrom(interceptorType))
        {
            throw new ArgumentException($"Type must inherit from {typeof(Interceptor).FullName}.", nameof(interceptorType));
        }
        Add(new InterceptorRegistration(interceptorType, args));
    }
}

public class InterceptorRegistration
{
    readonly object[] _arguments;
    ObjectFactory? _factory;

    internal InterceptorRegistration(Type type, object[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Type = type;
        _arguments = arguments;
    }

    public Type Type { get; }

    public IReadOnlyList<object> Arguments => _arguments;

    /// <summary>Takes it from the services where it is registered, else makes one for this call.</summary>
    internal Activated<Interceptor> Activate(IServiceProvider services) =>
        _arguments.Length == 0 && services.GetService(Type) is Interceptor registered
            ? new Activated<Interceptor>(registered, isOurs: false)
            : new Activated<Interceptor>((Interceptor)(_factory ??= CreateFactory())(services, _arguments), isOurs: true);

    ObjectFactory CreateFactory() => ActivatorUtilities.CreateFactory(Type, [.. _arguments.Select(argument => argument.GetType())]);
}

/// <summary>An instance for one call, and whether it ends with the call.</summary>
readonly struct Activated<T>(T instance, bool isOurs)
    where T : class
{
    public T Instance => instance;

    public ValueTask ReleaseAsync()
    {
        if (isOurs)
        {
            if (instance is IAsyncDisposable asyncDisposable)
            {
                return asyncDisposable.DisposeAsync();
            }
            (instance as IDisposable)?.Dispose();
        }
        return ValueTask.CompletedTask;
    }
}
