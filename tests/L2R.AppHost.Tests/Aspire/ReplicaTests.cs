using System.Net.Http.Json;
using L2R.AppHost.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace L2R.AppHost.Tests.Aspire;

/// <summary>Several processes behind one address.</summary>
public sealed class ReplicaTests : IDisposable
{
    const int Count = 3;
    const int Enough = 60; // calls: of a fair share by chance, fewer than three in a million runs

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _folder = StackProcess.CreateStateDirectory();
    readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        AssemblyName = "L2R.AppHost.Tests.Stack",
        DisableDashboard = true,
    });

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("http", "1.1")]
    [InlineData("grpc", "2.0")]
    public async Task Share_the_connections_to_one_address(string endpoint, string version)
    {
        var service = AddService();
        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);
        await WaitForAllAsync(app, service.Resource);

        var answers = await AskAsync(service.GetEndpoint(endpoint), new(version), Enough);

        // In turn or by chance: none of them stands aside.
        var shares = answers.CountBy(answer => answer).Select(pair => pair.Value).ToArray();
        Assert.Equal(Count, shares.Length);
        Assert.All(shares, share => Assert.InRange(share, 3, Enough));
    }

    [Fact]
    public async Task Those_that_live_answer_for_one_that_does_not_until_it_is_back()
    {
        var service = AddService();
        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);
        var ids = await WaitForAllAsync(app, service.Resource);
        Assert.Equal(Count, ids.Count);
        Assert.All(ids, id => Assert.Matches("^service-[a-z0-9]+$", id));

        await app.ResourceCommands.ExecuteCommandAsync(ids[1], KnownResourceCommands.StopCommand, Cancelled);
        var two = await AskAsync(service.GetEndpoint("http"), new(1, 1), Enough);
        await app.ResourceCommands.ExecuteCommandAsync(ids[1], KnownResourceCommands.StartCommand, Cancelled);
        await WaitForAllAsync(app, service.Resource);
        var three = await AskAsync(service.GetEndpoint("http"), new(1, 1), Enough);

        Assert.Equal((2, 3), (two.Distinct().Count(), three.Distinct().Count()));
    }

    [Fact]
    public async Task Who_waits_for_them_waits_for_each()
    {
        var service = AddService(2).WithExplicitStart();
        _builder.AddExecutable("client", "sleep", "/", "600").WaitFor(service);
        var other = _builder.AddExecutable("other", "sleep", "/", "600").WithExplicitStart();
        _builder.AddExecutable("other-client", "sleep", "/", "600").WaitFor(other);
        await using var app = _builder.Build();
        var start = app.StartAsync(Cancelled); // until the clients run too
        var ids = await WaitForAllAsync(app, service.Resource, change => change.Snapshot.State?.Text == KnownResourceStates.NotStarted);

        await app.ResourceCommands.ExecuteCommandAsync(ids[0], KnownResourceCommands.StartCommand, Cancelled);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", Cancelled).WaitAsync(Patience, Cancelled);
        // By the time that another client has been started, this one would have been too.
        await app.ResourceCommands.ExecuteCommandAsync("other", KnownResourceCommands.StartCommand, Cancelled);
        await app.ResourceNotifications.WaitForResourceAsync("other-client", KnownResourceStates.Running, Cancelled).WaitAsync(Patience, Cancelled);
        Assert.Equal(KnownResourceStates.Waiting, await StateOfAsync("client"));
        await app.ResourceCommands.ExecuteCommandAsync(ids[1], KnownResourceCommands.StartCommand, Cancelled);
        await app.ResourceNotifications.WaitForResourceAsync("client", KnownResourceStates.Running, Cancelled).WaitAsync(Patience, Cancelled);
        await start.WaitAsync(Patience, Cancelled);

        async Task<string?> StateOfAsync(string name) =>
            (await app.ResourceNotifications.WaitForResourceAsync(name, _ => true, Cancelled)).Snapshot.State?.Text;
    }

    [Fact]
    public async Task A_command_is_for_one_or_for_all_and_each_has_a_log_of_its_own()
    {
        var service = AddService(2);
        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);
        var ids = await WaitForAllAsync(app, service.Resource);

        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StopCommand, Cancelled)).Success); // which of them?
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(service.Resource, KnownResourceCommands.StopCommand, Cancelled)).Success);
        await WaitForAllAsync(app, service.Resource, change => change.Snapshot.State?.Text == KnownResourceStates.Finished);

        var loggers = app.Services.GetRequiredService<ResourceLoggerService>();
        var logs = await Task.WhenAll(ids.Select(id => CountStartsAsync(loggers.WatchAsync(id), 1)));
        Assert.Equal([1, 1], logs);
        Assert.Equal(2, await CountStartsAsync(loggers.WatchAsync(service.Resource), 2));

        // All that ended have said so by the time that their logs are read.
        static async Task<int> CountStartsAsync(IAsyncEnumerable<IReadOnlyList<LogLine>> log, int ends) =>
            Count(await log.ReadUntilAsync(lines => Count(lines, "is shutting down") >= ends), "Application started");

        static int Count(IEnumerable<string> lines, string words) => lines.Count(line => line.Contains(words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(12345, true)]
    public async Task Need_endpoints_that_can_be_shared(int? targetPort, bool isProxied)
    {
        _builder.AddProject<Projects.L2R_AppHost_Tests_Service>("service").WithReplicas(2).WithHttpEndpoint(targetPort: targetPort, isProxied: isProxied);
        await using var app = _builder.Build();

        await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync(Cancelled));
    }

    IResourceBuilder<ProjectResource> AddService(int count = Count) =>
        _builder.AddHost<Projects.L2R_AppHost_Tests_Service>("service", TokenIssuer.Choose(_builder, _folder)).WithReplicas(count);

    /// <returns>The ids of the replicas.</returns>
    static async Task<List<string>> WaitForAllAsync(DistributedApplication app, IResource resource, Func<ResourceEvent, bool>? isWanted = null)
    {
        isWanted ??= change => change.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(Patience);
        HashSet<string> arrived = [];
        Dictionary<string, string> last = [];
        try
        {
            await foreach (var change in app.ResourceNotifications.WatchAsync(limit.Token))
            {
                if (change.Resource == resource)
                {
                    _ = isWanted(change) ? arrived.Add(change.ResourceId) : arrived.Remove(change.ResourceId);
                    last[change.ResourceId] = $"{change.Snapshot.State?.Text} {change.Snapshot.HealthStatus} {change.Snapshot.ExitCode}";
                }
                if (arrived.Count == resource.GetReplicaCount())
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!Cancelled.IsCancellationRequested)
        {
            Assert.Fail($"After {Patience.TotalSeconds} s: {string.Join(", ", last)}");
        }
        return [.. arrived];
    }

    /// <summary>Asks on a new connection each time.</summary>
    /// <returns>Which replica answered, by the id that it was given.</returns>
    static async Task<List<string>> AskAsync(EndpointReference endpoint, Version version, int times)
    {
        List<string> answers = [];
        for (var i = 0; i < times; i++)
        {
            using var client = new HttpClient { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
            var environment = await client.GetFromJsonAsync<Dictionary<string, string>>(new Uri($"{endpoint.Url}/environment"), Cancelled);
            answers.Add(environment!["OTEL_RESOURCE_ATTRIBUTES"]);
        }
        return answers;
    }
}
