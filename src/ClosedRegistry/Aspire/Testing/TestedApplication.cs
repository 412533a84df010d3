using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>The application of a program that starts, stops and disposes of it by itself.</summary>
sealed class TestedApplication(EntryPoint program, DistributedApplication inner) : DistributedApplication(inner)
{
    readonly IHostApplicationLifetime _lifetime = inner.Services.GetRequiredService<IHostApplicationLifetime>();

    /// <summary>Waits until the program has started it.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _lifetime.ApplicationStarted.Register(() => started.TrySetResult(true));
        await program.UnlessItEndsAsync(started.Task, cancellationToken);
    }

    /// <summary>Asks the program to stop, and waits until it has.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!program.Exit.IsCompleted)
        {
            _lifetime.StopApplication();
        }
        await program.Exit.WaitAsync(cancellationToken);
    }

    public override void Dispose()
    {
        StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        base.Dispose();
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await base.DisposeAsync();
    }
}
