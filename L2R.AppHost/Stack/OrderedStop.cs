using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace L2R.AppHost.Stack;

/// <summary>Stops each resource after all that wait for it, and the host after them: Aspire itself ends everything at once, and tells nothing of it.</summary>
/// <remarks>As the host's lifetime it hears Ctrl-C and SIGTERM first: a host that is told to stop while it still starts forgets what it has started.</remarks>
sealed class OrderedStop(DistributedApplicationModel model, ResourceCommandService commands, IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    const int Rounds = 3;

    // Well within the patience of `./l2r down`. The host ends what is left by then.
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly Lock _lock = new();
    readonly List<PosixSignalRegistration> _signals = [];
    Task? _all;

    /// <summary>Knows what runs.</summary>
    public StackReporter? Reporter { get; set; }

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.AddRange(new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal)));
        return Task.CompletedTask;
    }

    /// <summary>Returns when nothing runs any more, or nothing that could be stopped in its turn. The second call waits for the first.</summary>
    public Task StopResourcesAsync()
    {
        lock (_lock)
        {
            return _all ??= Reporter is { } reporter ? StopAllAsync(reporter) : Task.CompletedTask;
        }
    }

    /// <summary>The host has stopped.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());

    void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true; // this process ends when the host has stopped
        _ = StopAsync();

        async Task StopAsync()
        {
            await StopResourcesAsync();
            application.StopApplication();
        }
    }

    async Task StopAllAsync(StackReporter reporter)
    {
        reporter.OnStopping();
        using var limit = new CancellationTokenSource(Limit);
        // A resource whose wait had just ended may start while the first round is on.
        for (var round = 0; round < Rounds && model.Resources.Any(reporter.IsUp); round++)
        {
            var stops = new Dictionary<IResource, Task>();
            await Task.WhenAll(model.Resources.Select(resource => StopOnceAsync(stops, resource, reporter, limit.Token)));
            await reporter.WaitForLastWordsAsync();
        }
    }

    Task StopOnceAsync(Dictionary<IResource, Task> stops, IResource resource, StackReporter reporter, CancellationToken cancellationToken)
    {
        if (!stops.TryGetValue(resource, out var stop))
        {
            stop = StopAfterAsync(
                [.. model.Resources.Where(other => WaitsFor(other, resource)).Select(other => StopOnceAsync(stops, other, reporter, cancellationToken))],
                resource,
                reporter,
                cancellationToken);
            stops.Add(resource, stop);
        }
        return stop;
    }

    async Task StopAfterAsync(Task[] dependents, IResource resource, StackReporter reporter, CancellationToken cancellationToken)
    {
        await Task.WhenAll(dependents);
        if (reporter.IsUp(resource))
        {
            try
            {
                await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // It ends with the host.
            }
        }
    }

    static bool WaitsFor(IResource resource, IResource other) => resource.Annotations.OfType<WaitAnnotation>().Any(wait => wait.Resource == other);
}
