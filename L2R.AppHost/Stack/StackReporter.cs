using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace L2R.AppHost.Stack;

/// <summary>Follows the resources: writes stack.json and the logs, tells each change on stdout, and starts again what crashes.</summary>
/// <remarks>Uses only what Aspire makes public, so that it works alike with the real Aspire and with the stand-in.</remarks>
sealed class StackReporter : IAsyncDisposable
{
    const int HopelessAfter = 3; // crashes in a row
    static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    readonly StackOptions _options;
    readonly string? _dashboard;
    readonly DistributedApplication _app;
    readonly ResourceLoggerService _loggers;
    readonly Dictionary<string, int> _expected; // replicas by name
    readonly TextWriter _output;
    readonly TimeProvider _clock;
    readonly long _start;
    readonly DateTimeOffset _startTime;
    readonly CancellationTokenSource _end = new();
    readonly Dictionary<string, FollowedResource> _resources = [];
    readonly List<Task> _logs = [];
    readonly List<Task> _restarts = [];
    readonly TaskCompletionSource _allDown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ImmutableDictionary<string, string> _connections = ImmutableDictionary<string, string>.Empty;
    string _written = "";
    bool _isStopping;

    public StackReporter(
        StackOptions options, string? dashboard, DistributedApplication app, ResourceLoggerService loggers, TextWriter output, TimeProvider clock)
    {
        (_options, _dashboard, _app, _loggers, _output, _clock) = (options, dashboard, app, loggers, output, clock);
        _start = clock.GetTimestamp();
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        _startTime = self.StartTime.ToUniversalTime();
        _expected = app.Services.GetRequiredService<DistributedApplicationModel>().Resources
            .Where(IsRun).ToDictionary(resource => resource.Name, resource => resource.GetReplicaCount());
        Directory.CreateDirectory(options.LogDirectory);
        Following = FollowAsync();
    }

    /// <summary>Ends only with this reporter, unless it fails, for example because the disk is full.</summary>
    public Task Following { get; }

    /// <summary>Every resource that is started ends from now on because it is told to.</summary>
    public void OnStopping()
    {
        lock (_resources)
        {
            _isStopping = true;
            TellWhetherAllAreDown();
            Write();
        }
    }

    /// <summary>Whether any process of it is there, or about to be.</summary>
    public bool IsUp(IResource model)
    {
        lock (_resources)
        {
            return _resources.Values.Any(resource => resource.Model == model && resource.State is { IsUp: true });
        }
    }

    /// <summary>The news that everything has ended may come a moment later than the end.</summary>
    public async Task WaitForLastWordsAsync() => await Task.WhenAny(_allDown.Task, Following, Task.Delay(LastWords, _clock));

    public void SetConnections(ImmutableDictionary<string, string> connections)
    {
        lock (_resources)
        {
            _connections = connections;
            Write();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await WaitForLastWordsAsync();
        await Task.WhenAny(Task.WhenAll(_logs), Task.Delay(LastWords, _clock));
        await _end.CancelAsync();
        await Following;
        await Task.WhenAll([.. _logs, .. _restarts]);
        foreach (var resource in _resources.Values)
        {
            resource.Log.Dispose();
        }
        _end.Dispose();
    }

    async Task FollowAsync()
    {
        try
        {
            await foreach (var change in _app.ResourceNotifications.WatchAsync(_end.Token))
            {
                if (_expected.ContainsKey(change.Resource.Name))
                {
                    lock (_resources)
                    {
                        OnChange(change);
                        Write();
                    }
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Everything has stopped.
        }
    }

    // The others are values: parameters, connection strings. What comes later is Aspire's own, such as its dashboard.
    // What starts only when asked to is nobody's server, such as the rebuilder that Aspire adds to each project.
    static bool IsRun(IResource resource) => resource is (ExecutableResource or ProjectResource or ContainerResource)
        && !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any();

    void OnChange(ResourceEvent change)
    {
        if (!_resources.TryGetValue(change.ResourceId, out var resource))
        {
            var name = _expected[change.Resource.Name] > 1 ? change.ResourceId : change.Resource.Name;
            resource = new(name, change.Resource, new(Path.Combine(_options.LogDirectory, $"{name}.log")));
            _resources.Add(change.ResourceId, resource);
            _logs.Add(CopyLogAsync(change.ResourceId, resource.Log));
        }
        var before = resource.State;
        var now = resource.State = ToState(change, resource);
        resource.IsStopped = now is { State: "Stopping" } || (now.IsDown && resource.IsStopped);
        resource.Restarts.OnHealth(now.IsReady, _clock.GetUtcNow());
        resource.WasReady = now.State == "Running" && (resource.WasReady || now.IsReady);
        Tell(resource, Summarize(resource));
        TellWhetherAllAreDown();
        if (now.IsDown && before is { IsDown: false, State: not "Stopping" } && !_isStopping)
        {
            _restarts.Add(RestartAsync(change.ResourceId, resource));
        }
    }

    void TellWhetherAllAreDown()
    {
        if (_isStopping && _resources.Values.All(resource => resource.State is { IsUp: false }))
        {
            _allDown.TrySetResult();
        }
    }

    async Task RestartAsync(string id, FollowedResource resource)
    {
        var delay = resource.Restarts.OnCrash(_clock.GetUtcNow());
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), _clock, _end.Token); // its last words may come after the news of its end
            if (_isStopping)
            {
                return;
            }
            var state = resource.State!;
            _output.WriteLine(string.Join(Environment.NewLine,
                [
                    $"{state.Name} crashed{(state.ExitCode is { } code ? $" {How(code)}" : "")}; starts again in {delay.TotalSeconds:0} s. Its last lines:",
                    .. resource.Log.GetTail().Where(line => !line.StartsWith("[sys] ", StringComparison.Ordinal)).Select(line => $"    {LogLine.Render(line)}"),
                    $"    all of it: {state.Log}",
                ]));
            await Task.Delay(delay, _clock, _end.Token);
            if (!_isStopping)
            {
                await _app.ResourceCommands.ExecuteCommandAsync(id, KnownResourceCommands.StartCommand, _end.Token);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The stack stops before the resource's turn came.
        }
    }

    async Task CopyLogAsync(string id, LogFile log)
    {
        try
        {
            await foreach (var lines in _loggers.WatchAsync(id).WithCancellation(_end.Token))
            {
                log.Add(lines.Select(line => line.Content));
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Everything has stopped.
        }
    }

    /// <summary>Prints how a resource is, where that differs from what was printed last.</summary>
    void Tell(FollowedResource resource, string summary)
    {
        if (resource.Told == summary)
        {
            return;
        }
        resource.Told = summary;
        var seconds = _clock.GetElapsedTime(_start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        var url = resource.State!.IsReady ? resource.State.Urls.Values.FirstOrDefault() : "";
        _output.WriteLine($"{seconds,6} s  {resource.State.Name,-12} {summary}  {url}".TrimEnd());
    }

    /// <summary>How a resource is, in words for people.</summary>
    string Summarize(FollowedResource resource) => resource.State switch
    {
        { IsReady: true } => "ready",
        // Aspire says of one that is about to wait that it starts.
        { State: "NotStarted" or "Waiting" or "Starting" } when Waits(resource.Model) is { Length: > 0 } others => $"waiting for {others}",
        { State: "NotStarted" or "Waiting" } => "about to start",
        { State: "Running" } => resource.WasReady ? "running, but does not answer as it should" : "starting",
        { IsDown: true } when _isStopping || resource.IsStopped => "stopped",
        { State: "Exited", ExitCode: { } code } => $"ended {How(code)}",
        { State: "Exited" } => "stopped",
        { State: "FailedToStart" } => "could not be started",
        { State: var other } => other.ToLowerInvariant(),
        null => "",
    };

    // Aspire's orchestrator does not tell by which signal a process was killed.
    static string How(int exitCode) => exitCode < 0 ? "by a signal" : $"with exit code {exitCode}";

    /// <summary>Those that a resource waits for and that aren't ready.</summary>
    string Waits(IResource model) => string.Join(", ", model.Annotations.OfType<WaitAnnotation>()
        .Select(wait => wait.Resource.Name)
        .Where(name => !IsReady(name)));

    bool IsReady(string name) =>
        _resources.Values.Count(other => other.Model.Name == name && other.State is { IsReady: true }) >= _expected.GetValueOrDefault(name, 1);

    void Write()
    {
        ResourceState[] resources =
        [
            .. _resources.Values.Select(resource => resource.State! with { Summary = Summarize(resource) })
                .OrderBy(state => state.Name, StringComparer.Ordinal),
        ];
        var hopeless = _resources.Values.FirstOrDefault(resource => resource is { State.IsReady: false, Restarts.InARow: >= HopelessAfter });
        var text = new StackState(
            Environment.ProcessId,
            _startTime,
            Ready: !_isStopping && !_connections.IsEmpty && _expected.Keys.All(IsReady),
            Failed: hopeless is null ? null : $"{hopeless.State!.Name} crashed {hopeless.Restarts.InARow} times in a row. Its log: {hopeless.State.Log}",
            _dashboard,
            resources,
            _connections).ToJson();
        if (text != _written)
        {
            PrivateFile.Write(_options.StackFile, text);
            _written = text;
        }
    }

    static ResourceState ToState(ResourceEvent change, FollowedResource resource)
    {
        var snapshot = change.Snapshot;
        // Empty while the orchestrator looks into it: it is as it was.
        var state = snapshot.State?.Text is { Length: > 0 } text ? text : resource.State?.State ?? KnownResourceStates.NotStarted;
        // Aspire tells apart how a process ended; for a server any end is the same.
        var isOver = state == KnownResourceStates.Finished || state == "Terminated";
        var isRunning = state == KnownResourceStates.Running;
        return new(
            resource.Name,
            change.Resource switch { ProjectResource => "project", ContainerResource => "container", _ => "executable" },
            isOver ? KnownResourceStates.Exited : state,
            Summary: "",
            isRunning ? snapshot.HealthStatus?.ToString() : null,
            isRunning ? snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value as int? : null,
            resource.Restarts.Count,
            snapshot.Urls.Where(url => !url.IsInactive).DistinctBy(url => url.Name ?? "").ToDictionary(url => url.Name ?? "", url => url.Url),
            isRunning ? null : snapshot.ExitCode,
            resource.Log.Path);
    }
}
