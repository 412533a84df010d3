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
    readonly List<ReplicaProxy> _proxies = [];

    /// <summary>All replicas of a resource by its name, or the one with an id.</summary>
    public IReadOnlyList<RunningResource> Find(string nameOrId) =>
        _resources.FindAll(resource => resource.Id == nameOrId || resource.Resource.Name == nameOrId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources)
        {
            if (resource is not (ExecutableResource or ProjectResource))
            {
                ResourceEndpoints.Allocate(resource);
            }
            else if (resource.GetReplicaCount() is > 1 and var count)
            {
                var (replicas, proxies) = ResourceEndpoints.Share(resource, count);
                _proxies.AddRange(proxies);
                foreach (var replica in replicas)
                {
                    Add(resource, replica);
                }
            }
            else
            {
                ResourceEndpoints.Allocate(resource);
                Add(resource, replica: null);
            }
        }
        foreach (var resource in model.Resources.Where(resource => resource is not (ExecutableResource or ProjectResource)))
        {
            await notifications.PublishUpdateAsync(resource, state => state with { State = KnownResourceStates.Running });
        }
        foreach (var resource in _resources)
        {
            await resource.AnnounceAsync();
        }
        _proxies.ForEach(proxy => proxy.Start());
        foreach (var resource in _resources.Where(resource => !resource.Resource.Annotations.OfType<ExplicitStartupAnnotation>().Any()))
        {
            resource.Start();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Dictionary<RunningResource, Task> stops = [];
        await Task.WhenAll(_resources.ConvertAll(StopOnceAsync));
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
        _resources.ForEach(resource => loggers.Complete(resource.Id));

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

    void Add(IResource resource, Replica? replica)
    {
        var id = $"{resource.Name}-{Guid.NewGuid().ToString("N")[..8]}";
        loggers.AddId(id, resource.Name, isReplica: replica is not null);
        _resources.Add(new(resource, id, replica, executionContext, telemetry, notifications, loggers.GetLog(id), healthChecks, clock));
    }

    static async Task StopAfterDependentsAsync(RunningResource resource, Task[] dependents)
    {
        await Task.WhenAll(dependents);
        await resource.StopAsync();
    }
}
