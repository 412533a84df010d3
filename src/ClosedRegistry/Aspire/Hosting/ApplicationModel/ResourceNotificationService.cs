using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the last state of every resource, and tells every change of it.</summary>
public class ResourceNotificationService : IDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<string, ResourceEvent> _current = [];
    readonly List<Channel<ResourceEvent>> _watchers = [];

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory) =>
        PublishUpdateAsync(resource, FindId(resource), stateFactory);

    public Task PublishUpdateAsync(
        IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var before = _current.TryGetValue(resourceId, out var last)
                ? last.Snapshot
                : new() { ResourceType = resource.GetType().Name, Properties = [] };
            var change = new ResourceEvent(resource, resourceId, stateFactory(before));
            _current[resourceId] = change;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(change);
            }
        }
        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, out ResourceEvent? resourceEvent)
    {
        lock (_lock)
        {
            return _current.TryGetValue(resourceId, out resourceEvent);
        }
    }

    internal IReadOnlyList<ResourceEvent> GetCurrent()
    {
        lock (_lock)
        {
            return [.. _current.Values];
        }
    }

    /// <summary>The last state of every resource, then each change, in order.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var changes = Channel.CreateUnbounded<ResourceEvent>();
        lock (_lock)
        {
            foreach (var state in _current.Values)
            {
                changes.Writer.TryWrite(state);
            }
            _watchers.Add(changes);
        }
        try
        {
            await foreach (var change in changes.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(changes);
            }
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
            {
                return change;
            }
        }
        throw new OperationCanceledException($"The application stopped before '{resourceName}' came to the awaited state.");
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var change = await WaitForResourceAsync(
            resourceName, change => change.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return change.Snapshot.State!.Text;
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);

    public Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default) =>
        WaitForHealthyAsync(resourceName, resourceId: null, waitBehavior, cancellationToken);

    /// <summary>Waits for everything that the resource was told to wait for.</summary>
    /// <exception cref="DistributedApplicationException">A dependency came to an end that it does not come back from.</exception>
    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken) =>
        Task.WhenAll(
            from wait in resource.Annotations.OfType<WaitAnnotation>()
            from id in FindIds(wait.Resource)
            select WaitForDependencyAsync(wait, id, cancellationToken));

    public void Dispose()
    {
        lock (_lock)
        {
            _watchers.ForEach(watcher => watcher.Writer.TryComplete());
        }
        GC.SuppressFinalize(this);
    }

    async Task<ResourceEvent> WaitForHealthyAsync(string name, string? resourceId, WaitBehavior behavior, CancellationToken cancellationToken)
    {
        var change = await WaitForResourceAsync(
            name,
            change => (resourceId is null || change.ResourceId == resourceId)
                && (change.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
                    || (behavior == WaitBehavior.StopOnResourceUnavailable && IsTerminal(change))),
            cancellationToken);
        return IsTerminal(change)
            ? throw new DistributedApplicationException($"Stopped waiting for '{name}' to become healthy: it is {change.Snapshot.State!.Text}.")
            : change;
    }

    async Task WaitForDependencyAsync(WaitAnnotation wait, string id, CancellationToken cancellationToken)
    {
        // Without the dashboard, where nobody could start the dependency by hand, the default is to give up.
        var behavior = wait.WaitBehavior ?? WaitBehavior.StopOnResourceUnavailable;
        var name = wait.Resource.Name;
        if (wait.WaitType == WaitType.WaitUntilHealthy)
        {
            await WaitForHealthyAsync(name, id, behavior, cancellationToken);
            return;
        }

        var done = await WaitForResourceAsync(
            name,
            change => change.ResourceId == id
                && (wait.WaitType == WaitType.WaitUntilStarted && change.Snapshot.State?.Text == KnownResourceStates.Running
                    || IsTerminal(change) && (behavior == WaitBehavior.StopOnResourceUnavailable || IsWanted(change))),
            cancellationToken);
        if (IsTerminal(done) && !IsWanted(done))
        {
            throw new DistributedApplicationException(
                $"Stopped waiting for '{name}': it is {done.Snapshot.State!.Text}, exit code {done.Snapshot.ExitCode}.");
        }

        bool IsWanted(ResourceEvent change) => wait.WaitType == WaitType.WaitForCompletion && change.Snapshot.ExitCode == wait.ExitCode;
    }

    static bool IsTerminal(ResourceEvent change) =>
        change.Snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);

    string FindId(IResource resource) => FindIds(resource)[0];

    /// <summary>One of each replica. They are announced before the first resource waits for another.</summary>
    string[] FindIds(IResource resource)
    {
        lock (_lock)
        {
            string[] known = [.. _current.Values.Where(change => change.Resource == resource).Select(change => change.ResourceId)];
            return known.Length > 0 ? known : [resource.Name];
        }
    }
}

public static class CustomResourceSnapshotExtensions
{
    public static CustomResourceSnapshot WithHealthReports(
        this CustomResourceSnapshot snapshot, ImmutableArray<HealthReportSnapshot> healthReports) =>
        snapshot with { HealthReports = healthReports };
}
