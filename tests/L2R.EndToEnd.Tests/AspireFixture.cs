using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Grpc.Net.Client;

namespace L2R.EndToEnd.Tests;

/// <summary>The whole stack inside the test's process, through Aspire.Hosting.Testing, on a state folder of its own.</summary>
public sealed class AspireFixture : IAsyncLifetime
{
    static readonly TimeSpan TimeToStart = TimeSpan.FromSeconds(180);

    readonly string _folder = StackFixture.CreateStateDirectory();
    DistributedApplication? _app;

    /// <summary>To the gateway.</summary>
    public GrpcChannel Channel { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(TimeToStart);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.L2R_AppHost>(["--no-dashboard", "--state-dir", _folder], limit.Token);
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", limit.Token); // it waits for all the others
        Channel = GrpcChannel.ForAddress(_app.GetEndpoint("gateway", "grpc"));
    }

    public async ValueTask DisposeAsync()
    {
        Channel?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }
}
