using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>Maps each method that generated binding code names to an endpoint.</summary>
sealed class EndpointBinder<TService> : ServiceBinderBase
    where TService : class
{
    readonly IEndpointRouteBuilder _endpoints;
    readonly MethodSettings _settings;
    readonly MethodPipeline<TService> _pipeline;
    readonly ILogger _logger;

    public EndpointBinder(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        _endpoints = endpoints;
        _settings = new MethodSettings(
            services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value,
            services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value);
        _pipeline = new MethodPipeline<TService>(_settings.Interceptors);
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(ServerLog.Category);
    }

    public List<IEndpointConventionBuilder> Conventions { get; } = [];

    public HashSet<string> ServiceNames { get; } = [];

    public void Bind()
    {
        if (typeof(TService).GetCustomAttribute<BindServiceMethodAttribute>(inherit: true) is not { } binding)
        {
            ServerLog.NoMethods(_logger, typeof(TService));
            return;
        }
        var bind = binding.BindType
            .GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Single(candidate => candidate.Name == binding.BindMethodName
                && candidate.GetParameters() is [{ ParameterType: var first }, _] && first == typeof(ServiceBinderBase));
        bind.Invoke(null, [this, null]);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(method.Name, typeof(TRequest), typeof(ServerCallContext));
        var invoke = _pipeline.Build(target.CreateDelegate<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>());
        Map(method, target, new UnaryHandler<TRequest, TResponse>(method, _settings, _logger, invoke).HandleAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(method.Name, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        var invoke = _pipeline.Build(
            target.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>());
        Map(method, target, new ClientStreamingHandler<TRequest, TResponse>(method, _settings, _logger, invoke).HandleAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(method.Name, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = _pipeline.Build(
            target.CreateDelegate<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>());
        Map(method, target, new ServerStreamingHandler<TRequest, TResponse>(method, _settings, _logger, invoke).HandleAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(
            method.Name, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = _pipeline.Build(
            target.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>());
        Map(method, target, new DuplexStreamingHandler<TRequest, TResponse>(method, _settings, _logger, invoke).HandleAsync);
    }

    static MethodInfo Find(string name, params Type[] parameters) =>
        typeof(TService).GetMethod(name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, parameters)
        ?? throw new InvalidOperationException($"Could not find '{name}' on {typeof(TService)}.");

    void Map(IMethod method, MethodInfo target, RequestDelegate serve)
    {
        // Attributes such as [Authorize] count, those of the method over those of the type.
        var endpoint = _endpoints.Map(method.FullName, serve).WithDisplayName($"gRPC - {method.FullName}");
        endpoint.WithMetadata(
        [
            new GrpcMethodMetadata(typeof(TService), method),
            .. typeof(TService).GetCustomAttributes(inherit: true),
            .. target.GetCustomAttributes(inherit: true),
            new HttpMethodMetadata([HttpMethods.Post], acceptCorsPreflight: true),
        ]);
        Conventions.Add(endpoint);
        ServiceNames.Add(method.ServiceName);
    }
}
