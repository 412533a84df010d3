using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>The program of an AppHost, run inside the test's process up to the point where it builds its application, and on from there on demand.</summary>
sealed class EntryPoint : IDisposable
{
    readonly SemaphoreSlim _mayBuild = new(0);
    readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<DistributedApplication> _app = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _abandoned = new();

    public EntryPoint(Assembly assembly, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        var main = assembly.EntryPoint ?? throw new InvalidOperationException($"Assembly {assembly.GetName().Name} does not have an entry point.");
        var hooks = new EntryPointHooks(
            (options, host) =>
            {
                options.AssemblyName = host.ApplicationName = assembly.GetName().Name;
                options.DisableDashboard = true;
                host.EnvironmentName = Environments.Development;
                configureBuilder(options, host);
            },
            builder =>
            {
                _builder.TrySetResult(builder);
                _mayBuild.Wait(_abandoned.Token);
            },
            app => _app.TrySetResult(app));
        // It may block as a program does: it has a thread of its own.
        Exit = Task.Factory.StartNew(() => Run(main, args, hooks), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The exit code of the program.</summary>
    public Task<int> Exit { get; }

    public Task<DistributedApplicationBuilder> GetBuilderAsync(CancellationToken cancellationToken) => UnlessItEndsAsync(_builder.Task, cancellationToken);

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.Release();
        return UnlessItEndsAsync(_app.Task, cancellationToken);
    }

    /// <exception cref="InvalidOperationException">The program ended first; or the exception that ended it.</exception>
    public async Task<T> UnlessItEndsAsync<T>(Task<T> task, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(task, Exit).WaitAsync(cancellationToken) != task)
        {
            throw new InvalidOperationException($"The AppHost ended too early, with exit code {await Exit}.");
        }
        return await task;
    }

    /// <summary>Ends the program where it has not built its application.</summary>
    public void Dispose() => _abandoned.Cancel();

    static int Run(MethodInfo main, string[] args, EntryPointHooks hooks)
    {
        EntryPointHooks.Current = hooks;
        try
        {
            return main.Invoke(null, main.GetParameters().Length == 0 ? [] : [args]) as int? ?? 0;
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
