using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server
{
    public interface IGrpcServerBuilder
    {
        IServiceCollection Services { get; }
    }

    public interface IServerCallContextFeature
    {
        ServerCallContext ServerCallContext { get; }
    }

    /// <summary>Among an endpoint's metadata: the method that it serves.</summary>
    public class GrpcMethodMetadata(Type serviceType, IMethod method)
    {
        public Type ServiceType { get; } = serviceType;

        public IMethod Method { get; } = method;
    }

    sealed record GrpcServerBuilder(IServiceCollection Services) : IGrpcServerBuilder;

    /// <summary>Registered by AddGrpc, so that mapping without it can say so; remembers whether unknown services are answered yet.</summary>
    sealed class GrpcMarker
    {
        public HashSet<ICollection<EndpointDataSource>> AnswersUnknown { get; } = [];
    }
}

namespace Grpc.Core
{
    public static class ServerCallContextExtensions
    {
        /// <exception cref="InvalidOperationException">The call is not served by ASP.NET Core.</exception>
        public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
        {
            ArgumentNullException.ThrowIfNull(serverCallContext);
            return serverCallContext is HttpServerCallContext call ? call.Http
                : serverCallContext.UserState.TryGetValue("__HttpContext", out var http) && http is HttpContext given ? given
                : throw new InvalidOperationException("Could not get HttpContext from ServerCallContext. HttpContext can only be accessed when gRPC services are hosted by ASP.NET Core.");
        }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static class GrpcServicesExtensions
    {
        public static IGrpcServerBuilder AddGrpc(this IServiceCollection services)
        {
            ArgumentNullException.ThrowIfNull(services);
            services.AddRouting();
            services.AddOptions();
            services.TryAddSingleton<GrpcMarker>();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<GrpcServiceOptions>, DefaultCompression>());
            return new GrpcServerBuilder(services);
        }

        public static IGrpcServerBuilder AddGrpc(this IServiceCollection services, Action<GrpcServiceOptions> configureOptions)
        {
            ArgumentNullException.ThrowIfNull(services);
            var builder = services.AddGrpc();
            services.Configure(configureOptions);
            return builder;
        }

        public static IGrpcServerBuilder AddServiceOptions<TService>(
            this IGrpcServerBuilder grpcBuilder, Action<GrpcServiceOptions<TService>> configure)
            where TService : class
        {
            ArgumentNullException.ThrowIfNull(grpcBuilder);
            grpcBuilder.Services.Configure(configure);
            return grpcBuilder;
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Adds to all endpoints of a service, such as RequireAuthorization.</summary>
    public sealed class GrpcServiceEndpointConventionBuilder : IEndpointConventionBuilder
    {
        readonly IReadOnlyList<IEndpointConventionBuilder> _endpoints;

        internal GrpcServiceEndpointConventionBuilder(IReadOnlyList<IEndpointConventionBuilder> endpoints) => _endpoints = endpoints;

        public void Add(Action<EndpointBuilder> convention)
        {
            foreach (var endpoint in _endpoints)
            {
                endpoint.Add(convention);
            }
        }

        public void Finally(Action<EndpointBuilder> finallyConvention)
        {
            foreach (var endpoint in _endpoints)
            {
                endpoint.Finally(finallyConvention);
            }
        }
    }

    public static class GrpcEndpointRouteBuilderExtensions
    {
        public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
            where TService : class
        {
            ArgumentNullException.ThrowIfNull(builder);
            var services = builder.ServiceProvider;
            if (services.GetService<GrpcMarker>() is not { } marker)
            {
                throw new InvalidOperationException(
                    "Unable to find the required services. Please add all the required services by calling 'IServiceCollection.AddGrpc' inside the call to 'ConfigureServices(...)' in the application startup code.");
            }

            var binder = new EndpointBinder<TService>(builder);
            binder.Bind();

            var ignoreAll = services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value.IgnoreUnknownServices;
            var ignore = services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value.IgnoreUnknownServices;
            if (ignore ?? ignoreAll is not true)
            {
                foreach (var name in binder.ServiceNames)
                {
                    MapUnimplemented(builder, $"{name}/{{unimplementedMethod}}", "Method is unimplemented.");
                }
            }
            if (ignoreAll is not true && marker.AnswersUnknown.Add(builder.DataSources))
            {
                MapUnimplemented(builder, "{unimplementedService}/{unimplementedMethod}", "Service is unimplemented.");
            }
            return new GrpcServiceEndpointConventionBuilder(binder.Conventions);
        }

        static void MapUnimplemented(IEndpointRouteBuilder builder, string pattern, string detail) => builder
            .Map(
                RoutePatternFactory.Parse(pattern, defaults: null, parameterPolicies: new { unimplementedMethod = new GrpcCallsOnly() }),
                http => GrpcResponse.Unimplemented(http, detail))
            .WithDisplayName($"gRPC - {detail}")
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Post], acceptCorsPreflight: true));

        /// <summary>Leaves everything that is not gRPC to the other endpoints.</summary>
        sealed class GrpcCallsOnly : IRouteConstraint
        {
            public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
                httpContext?.Request is { ContentType: { } contentType, Method: var method } && HttpMethods.IsPost(method) && Headers.IsGrpc(contentType);
        }
    }
}
