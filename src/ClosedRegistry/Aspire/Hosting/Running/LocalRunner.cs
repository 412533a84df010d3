using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Runs the resources of the model: starts each when what it waits for is there, stops each when nobody needs it any more.</summary>
sealed class LocalRunner(
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    ServiceTelemetry telemetry,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    HealthCheckService healthChecks,
    TimeProvider clock) : IHostedService
{
    readonly List<RunningResource> _resources = [];

    public RunningResource? Find(string nameOrId) =>
        _resources.Find(resource => resource.Id == nameOrId || resource.Resource.Name == nameOrId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in model.Resources.SelectMany(resource => resource.Annotations).OfType<EndpointAnnotation>())
        {
            // There is no proxy here: one port is both.
            endpoint.TargetPort ??= endpoint.Port ?? FindFreePort();
            endpoint.AllocatedEndpoint = new(endpoint, "127.0.0.1", endpoint.TargetPort.Value);
        }
        foreach (var resource in model.Resources.Where(resource => resource is ExecutableResource or ProjectResource))
        {
            var id = $"{resource.Name}-{Guid.NewGuid().ToString("N")[..8]}";
            loggers.AddId(id, resource.Name);
            _resources.Add(new(resource, id, executionContext, telemetry, notifications, loggers.GetLog(id), healthChecks, clock));
        }
        foreach (var resource in model.Resources.Where(resource => resource is not (ExecutableResource or ProjectResource)))
        {
            await notifications.PublishUpdateAsync(resource, state => state with { State = KnownResourceStates.Running });
        }
        foreach (var resource in _resources)
        {
            await resource.AnnounceAsync();
        }
        foreach (var resource in _resources.Where(resource => !resource.Resource.Annotations.OfType<ExplicitStartupAnnotation>().Any()))
        {
            resource.Start();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Dictionary<RunningResource, Task> stops = [];
        await Task.WhenAll(_resources.ConvertAll(StopOnceAsync));
        _resources.ForEach(resource => loggers.Complete(resource.Resource));

        Task StopOnceAsync(RunningResource resource)
        {
            if (!stops.TryGetValue(resource, out var stop))
            {
                stop = StopAfterDependentsAsync(resource, [.. _resources.Where(other => other.WaitsFor(resource.Resource)).Select(StopOnceAsync)]);
                stops.Add(resource, stop);
            }
            return stop;
        }
    }

    static async Task StopAfterDependentsAsync(RunningResource resource, Task[] dependents)
    {
        await Task.WhenAll(dependents);
        await resource.StopAsync();
    }

    // Below the range that the kernel gives to outgoing connections: none of those then takes the port before its resource has started.
    static int FindFreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 20_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Taken: try another.
            }
        }
    }
}
