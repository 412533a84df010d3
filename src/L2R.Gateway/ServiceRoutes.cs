using System.Net;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace L2R.Gateway;

/// <summary>One address for all services: a call goes where its proto package says.</summary>
static class ServiceRoutes
{
    // A stream may rest while its caller reads a file, or a table waits for news.
    static readonly TimeSpan ActivityTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Sends <c>/l2r.{service}.v1.…</c> to the addresses of <c>services:{service}:grpc:{n}</c>, with a valid token only.</summary>
    public static WebApplicationBuilder AddServiceRoutes(this WebApplicationBuilder builder, params string[] services)
    {
        builder.Services.AddReverseProxy().LoadFromMemory(
            [.. services.Select(Route)],
            [.. services.Select(service => Cluster(service, builder.Configuration.GetSection($"services:{service}:grpc")))]);
        return builder;
    }

    static RouteConfig Route(string service) => new()
    {
        RouteId = service,
        ClusterId = service,
        Match = new RouteMatch { Path = $"/l2r.{service}.v1.{{serviceName}}/{{method}}" },
        AuthorizationPolicy = "default",
    };

    static ClusterConfig Cluster(string service, IConfigurationSection addresses) => new()
    {
        ClusterId = service,
        LoadBalancingPolicy = "LeastRequests",
        HttpClient = new HttpClientConfig { EnableMultipleHttp2Connections = true },
        HttpRequest = new ForwarderRequestConfig
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact, // gRPC needs it end to end
            ActivityTimeout = ActivityTimeout,
        },
        Destinations = addresses.GetChildren().ToDictionary(
            address => address.Key,
            address => new DestinationConfig { Address = address.Value ?? throw new InvalidOperationException($"{address.Path} is empty.") }),
    };
}
