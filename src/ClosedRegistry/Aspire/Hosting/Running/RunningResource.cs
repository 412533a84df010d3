using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>One executable or project: its process, its state, its health.</summary>
sealed class RunningResource(
    IResource resource,
    string id,
    Replica? replica,
    DistributedApplicationExecutionContext executionContext,
    ServiceTelemetry telemetry,
    ResourceNotificationService notifications,
    ResourceLog log,
    HealthCheckService healthChecks,
    TimeProvider clock)
{
    /// <summary>How often it was started, as a property of its state. The real package has none.</summary>
    public const string StartsProperty = "executable.starts";

    static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(30);
    static readonly TimeSpan PollWhileUnhealthy = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan PollWhileHealthy = TimeSpan.FromSeconds(5);

    readonly HashSet<string> _healthKeys = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key)];
    readonly Lock _lock = new();
    readonly TaskCompletionSource _firstStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    CancellationTokenSource _stop = new();
    Task _life = Task.CompletedTask;
    int _starts;

    public IResource Resource { get; } = resource;

    public string Id { get; } = id;

    /// <summary>Ends when its first process runs, or when it is clear that there will be none.</summary>
    public Task FirstStart => _firstStart.Task;

    public Task AnnounceAsync() => PublishAsync(state => state with
    {
        ResourceType = Resource is ProjectResource ? "Project" : "Executable",
        State = KnownResourceStates.NotStarted,
        CreationTimeStamp = clock.GetUtcNow().UtcDateTime,
    });

    /// <summary>Starts it, in the background. Does nothing when it runs.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_life.IsCompleted)
            {
                _stop = new();
                _life = Task.Run(() => LiveAsync(_stop.Token));
            }
        }
    }

    public async Task StopAsync()
    {
        Task life;
        lock (_lock)
        {
            _stop.Cancel();
            life = _life;
        }
        await life;
    }

    async Task LiveAsync(CancellationToken stopping)
    {
        Replica.Current = replica;
        try
        {
            await PublishAsync(state => state with { State = KnownResourceStates.Waiting, ExitCode = null, StopTimeStamp = null });
            await notifications.WaitForDependenciesAsync(Resource, stopping);
            await PublishAsync(state => state with { State = KnownResourceStates.Starting });
            await RunAsync(await LaunchPlan.CreateAsync(Resource, executionContext, telemetry, stopping), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await PublishAsync(state => state with { State = KnownResourceStates.Stopping });
            await PublishAsync(state => state with { State = KnownResourceStates.Finished });
        }
        // Whatever hinders this resource is told with its state; the others go on.
        catch (Exception exception)
        {
            log.Add(exception.Message, isErrorMessage: true);
            await PublishAsync(state => state with { State = KnownResourceStates.FailedToStart });
        }
        finally
        {
            _firstStart.TrySetResult();
        }
    }

    async Task RunAsync(LaunchPlan plan, CancellationToken stopping)
    {
        _starts++;
        var process = ChildProcess.Start(plan.Command, plan.Args, plan.WorkingDirectory, plan.Environment, log.Add);
        _firstStart.TrySetResult();
        await PublishAsync(state => state with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = clock.GetUtcNow().UtcDateTime,
            Properties = [new("executable.path", plan.Command), new("executable.pid", process.Pid), new(StartsProperty, _starts)],
            Urls = [.. Resource.Annotations.OfType<EndpointAnnotation>().Select(
                endpoint => new UrlSnapshot(endpoint.Name, endpoint.AllocatedEndpoint!.UriString, IsInternal: false))],
            HealthReports = [.. _healthKeys.Select(key => new HealthReportSnapshot(key, Status: null, Description: null, ExceptionText: null))],
        });

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var health = PollHealthAsync(end.Token);
        await Task.WhenAny(process.Exit, Task.Delay(Timeout.Infinite, stopping));
        if (stopping.IsCancellationRequested && !process.Exit.IsCompleted)
        {
            await PublishAsync(state => state with { State = KnownResourceStates.Stopping });
            await process.StopAsync(StopGrace, clock);
        }
        var exitCode = await process.Exit;
        await end.CancelAsync();
        await health;
        await PublishAsync(state => state with
        {
            State = KnownResourceStates.Finished,
            ExitCode = exitCode,
            StopTimeStamp = clock.GetUtcNow().UtcDateTime,
            Urls = [],
        });
    }

    async Task PollHealthAsync(CancellationToken cancellationToken)
    {
        if (_healthKeys.Count == 0)
        {
            return;
        }
        try
        {
            while (true)
            {
                var report = await healthChecks.CheckHealthAsync(check => _healthKeys.Contains(check.Name), cancellationToken);
                cancellationToken.ThrowIfCancellationRequested(); // some checks report that as ill health
                var now = clock.GetUtcNow().UtcDateTime;
                ImmutableArray<HealthReportSnapshot> reports = [.. report.Entries.Select(entry => new HealthReportSnapshot(
                    entry.Key, entry.Value.Status, entry.Value.Description, entry.Value.Exception?.ToString()) { LastRunAt = now })];
                await PublishAsync(state => state.WithHealthReports(reports));
                await Task.Delay(report.Status == HealthStatus.Healthy ? PollWhileHealthy : PollWhileUnhealthy, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The process has ended, or is to end.
        }
    }

    Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => notifications.PublishUpdateAsync(Resource, Id, change);
}
