using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace L2R.AppHost.Tests.Aspire;

/// <summary>The hosting API as L2R's AppHost relies on it.</summary>
public sealed class HostingTests
{
    readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        AssemblyName = "L2R.AppHost.Tests.Stack",
        DisableDashboard = true,
    });

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_a_resource_the_values_that_are_known_when_it_starts()
    {
        var secret = _builder.AddParameter("secret", () => "s3{c}ret", secret: true);
        var database = _builder.AddConnectionString("leadsdb", ReferenceExpression.Create($"Password={secret};Braces={"{x}"}"));
        var server = _builder.AddExecutable("server", "sleep", "/", "60").WithHttpEndpoint(name: "http", env: "PORT").WithHttpEndpoint(name: "grpc");
        var client = _builder.AddExecutable("client", "sh", "/", "-c", "env; echo \"argument=$0\"")
            .WithArgs(secret.Resource)
            .WithReference(database)
            .WithReference(database, connectionName: "other")
            .WithReference(server.GetEndpoint("grpc"))
            .WithEnvironment("X_TEXT", "text")
            .WithEnvironment("X_CALLBACK", () => "later")
            .WithEnvironment("X_PARAMETER", secret)
            .WithEnvironment("X_ENDPOINT", server.GetEndpoint("http"))
            .WithEnvironment("X_MIXED", $"[{server.GetEndpoint("http").Property(EndpointProperty.Port)}|{secret}]");

        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);
        var output = await Log(app, client.Resource).ReadUntilAsync(lines => lines.Any(line => line.StartsWith("argument=", StringComparison.Ordinal)));

        var port = server.GetEndpoint("http").Port.ToString(CultureInfo.InvariantCulture);
        string[] expected =
        [
            "ConnectionStrings__leadsdb=Password=s3{c}ret;Braces={x}",
            "ConnectionStrings__other=Password=s3{c}ret;Braces={x}",
            "X_CALLBACK=later",
            $"X_ENDPOINT={server.GetEndpoint("http").Url}",
            $"X_MIXED=[{port}|s3{{c}}ret]",
            "X_PARAMETER=s3{c}ret",
            "X_TEXT=text",
            "argument=s3{c}ret",
            $"services__server__grpc__0={server.GetEndpoint("grpc").Url}",
        ];
        Assert.Equal(
            expected,
            output.Where(line => new[] { "ConnectionStrings__", "X_", "argument=", "services__server__" }.Any(start => line.StartsWith(start, StringComparison.Ordinal)))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Gives_no_port_twice_before_its_process_listens()
    {
        const int count = 250; // drawn from 10,000 at random, two of so many would be the same in 95 of 100 runs
        var server = _builder.AddExecutable("server", "sleep", "/", "60").WithExplicitStart();
        for (var number = 0; number < count; number++)
        {
            server.WithHttpEndpoint(name: $"http{number}");
        }

        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);

        Assert.Equal(count, Enumerable.Range(0, count).Select(number => server.GetEndpoint($"http{number}").Port).Distinct().Count());
    }

    [Fact]
    public async Task Waits_for_completion_with_the_wanted_exit_code()
    {
        var right = _builder.AddExecutable("right", "sh", "/", "-c", "exit 4");
        var wrong = _builder.AddExecutable("wrong", "sh", "/", "-c", "exit 5");
        _builder.AddExecutable("glad", "true", "/").WaitForCompletion(right, exitCode: 4);
        _builder.AddExecutable("sad", "true", "/").WaitForCompletion(wrong, exitCode: 4);

        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);

        await WaitForStateAsync(app, "glad", KnownResourceStates.Finished);
        await WaitForStateAsync(app, "sad", KnownResourceStates.FailedToStart);
    }

    [Theory]
    [InlineData(WaitBehavior.StopOnResourceUnavailable, "FailedToStart")]
    [InlineData(WaitBehavior.WaitOnResourceUnavailable, "Waiting")]
    public async Task Gives_up_on_a_dependency_that_ended_or_waits_on(WaitBehavior behavior, string state)
    {
        _builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        var server = _builder.AddExecutable("server", "false", "/").WithHealthCheck("never");
        _builder.AddExecutable("client", "sleep", "/", "60").WaitFor(server, behavior);

        await using var app = _builder.Build();
        var start = app.StartAsync(Cancelled); // as long as one waits, it has not all been started
        await WaitForStateAsync(app, "server", KnownResourceStates.Finished);

        await WaitForStateAsync(app, "client", state);
        var hasAllStarted = state != KnownResourceStates.Waiting;
        if (hasAllStarted)
        {
            await start.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        }
        Assert.Equal(hasAllStarted, start.IsCompleted);
        await app.StopAsync(Cancelled);
        await Task.WhenAny(start); // else given up by now
    }

    [Fact]
    public async Task Starts_and_stops_on_command()
    {
        var server = _builder.AddExecutable("server", "sleep", "/", "60").WithExplicitStart().Resource;
        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);
        await WaitForStateAsync(app, "server", KnownResourceStates.NotStarted);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(server, KnownResourceCommands.StartCommand, Cancelled)).Success);
        var first = await app.ResourceNotifications.WaitForResourceHealthyAsync("server", Cancelled);
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(first.ResourceId, KnownResourceCommands.RestartCommand, Cancelled)).Success);
        await app.ResourceNotifications.WaitForResourceAsync(
            "server", change => change.Snapshot.HealthStatus is not null && GetPid(change) != GetPid(first), Cancelled);
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(server, KnownResourceCommands.StopCommand, Cancelled)).Success);
        await WaitForStateAsync(app, "server", KnownResourceStates.Finished);
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("nobody", KnownResourceCommands.StartCommand, Cancelled)).Success);
    }

    [Fact]
    public async Task Says_that_a_command_is_not_there()
    {
        var server = _builder.AddExecutable("server", "no-such-command", "/").Resource;
        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);

        await WaitForStateAsync(app, "server", KnownResourceStates.FailedToStart);

        var log = await Log(app, server).ReadUntilAsync(lines => lines.Any(line => line.Contains("no-such-command", StringComparison.Ordinal)));
        Assert.Contains(log, line => line.Contains("not found", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kills_what_does_not_stop_and_what_it_started()
    {
        Assert.SkipUnless(StandIn.IsUsed, "Aspire's own orchestrator has a clock and a grace of its own.");
        _builder.Services.AddSingleton<TimeProvider>(new HurriedClock());
        var server = _builder.AddExecutable(
            "server", "sh", "/", "-c", "trap '' TERM; sleep 1000 & echo $!; while :; do sleep 0.1; done").Resource;
        await using var app = _builder.Build();
        await app.StartAsync(Cancelled);
        var child = "";
        await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(server).WithCancellation(Cancelled))
        {
            child = lines[0].Content.Split(' ')[1]; // after the time
            break;
        }

        await app.StopAsync(Cancelled);

        var last = await app.ResourceNotifications.WaitForResourceAsync("server", change => change.Snapshot.ExitCode is not null, Cancelled);
        Assert.Equal((KnownResourceStates.Finished, 137), (last.Snapshot.State?.Text, last.Snapshot.ExitCode));
        Assert.True(!Directory.Exists($"/proc/{child}") || File.ReadAllText($"/proc/{child}/status").Contains("State:\tZ"));
    }

    [Fact]
    public void Says_that_containers_need_an_engine()
    {
        Assert.SkipUnless(StandIn.IsUsed, "The real packages have containers.");

        Assert.Equal(
            "'postgres' is a container: it needs a container engine and the real Aspire packages, which this package registry does not serve.",
            Assert.Throws<DistributedApplicationException>(() => _builder.AddPostgres("postgres")).Message);
    }

    static IAsyncEnumerable<IReadOnlyList<LogLine>> Log(DistributedApplication app, IResource resource) =>
        app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(resource);

    static object? GetPid(ResourceEvent change) =>
        change.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value;

    static Task WaitForStateAsync(DistributedApplication app, string name, string state) =>
        app.ResourceNotifications.WaitForResourceAsync(name, state, Cancelled).WaitAsync(TimeSpan.FromSeconds(60), Cancelled);

    /// <summary>Half a minute is over in a third of a second.</summary>
    sealed class HurriedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 100 : dueTime, period);
    }
}
