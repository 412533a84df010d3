using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Where the resources are reached, and where their processes listen.</summary>
static class ResourceEndpoints
{
    /// <summary>One process listens on the port that others use: there is no proxy in between.</summary>
    public static void Allocate(IResource resource)
    {
        foreach (var endpoint in Of(resource))
        {
            var port = endpoint.TargetPort ?? endpoint.Port ?? FreePorts.Take();
            endpoint.AllocatedEndpoint = new(endpoint, "127.0.0.1", port);
            endpoint.TargetPort = port;
        }
    }

    /// <summary>Each process has ports of its own, and a proxy for each endpoint shares out the connections.</summary>
    /// <exception cref="DistributedApplicationException">An endpoint cannot be shared.</exception>
    public static (IReadOnlyList<Replica> Replicas, IReadOnlyList<ReplicaProxy> Proxies) Share(IResource resource, int count)
    {
        List<ReplicaProxy> proxies = [];
        var ports = Enumerable.Range(0, count).Select(_ => new Dictionary<EndpointAnnotation, int>()).ToArray();
        foreach (var endpoint in Of(resource))
        {
            if (!endpoint.IsProxied)
            {
                throw new DistributedApplicationException(
                    $"Resource '{resource.Name}' uses multiple replicas and a proxy-less endpoint '{endpoint.Name}'. These features do not work together.");
            }
            if (endpoint.TargetPort is not null)
            {
                throw new DistributedApplicationException(
                    $"Resource '{resource.Name}' has several replicas, and each needs a port of its own: the endpoint '{endpoint.Name}' cannot have a target port.");
            }
            endpoint.AllocatedEndpoint = new(endpoint, "127.0.0.1", endpoint.Port ?? FreePorts.Take());
            foreach (var replica in ports)
            {
                replica[endpoint] = FreePorts.Take();
            }
            proxies.Add(new(endpoint.AllocatedEndpoint.Port, [.. ports.Select(replica => replica[endpoint])]));
        }
        return ([.. ports.Select(replica => new Replica(replica))], proxies);
    }

    static IEnumerable<EndpointAnnotation> Of(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>();
}
