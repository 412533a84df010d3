using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Runs the resources of the model: starts each when what it waits for is there, stops all at once.</summary>
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

    /// <summary>All replicas of a resource.</summary>
    public IReadOnlyList<RunningResource> Find(IResource resource) => _resources.FindAll(running => running.Resource == resource);

    /// <summary>The one with an id, or with a name that is its own.</summary>
    public RunningResource? Find(string nameOrId) =>
        _resources.Find(resource => resource.Id == nameOrId)
        ?? (_resources.FindAll(resource => resource.Resource.Name == nameOrId) is [var only] ? only : null);

    /// <summary>Returns when everything has been started: also what waits, for as long as it does.</summary>
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
        var wanted = _resources.FindAll(resource => !resource.Resource.Annotations.OfType<ExplicitStartupAnnotation>().Any());
        wanted.ForEach(resource => resource.Start());
        await Task.WhenAll(wanted.Select(resource => resource.FirstStart)).WaitAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_resources.Select(resource => resource.StopAsync()));
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
        _resources.ForEach(resource => loggers.Complete(resource.Id));
    }

    void Add(IResource resource, Replica? replica)
    {
        var id = $"{resource.Name}-{Guid.NewGuid().ToString("N")[..8]}";
        loggers.AddId(id, resource.Name, isReplica: replica is not null);
        _resources.Add(new(resource, id, replica, executionContext, telemetry, notifications, loggers.GetLog(id), healthChecks, clock));
    }
}
