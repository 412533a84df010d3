using Aspire.Hosting.Testing;
using L2R.AppHost.Tests.Stack;

namespace L2R.AppHost.Tests.Aspire;

/// <summary>An AppHost's program, run inside a test: with the scripted stack.</summary>
public sealed class TestingTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _folder = StackProcess.CreateStateDirectory();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Its_resources_are_reached_by_name_and_all_of_it_ends_with_the_test()
    {
        SetReady();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.L2R_AppHost_Tests_Stack>(["--state-dir", _folder], Cancelled);
        // A test may change what the program has added.
        var intake = builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == "intake"))
            .WithEnvironment("X_TEST", "changed");
        string pid;
        await using (var app = await builder.BuildAsync(Cancelled))
        {
            await app.StartAsync(Cancelled).WaitAsync(Patience, Cancelled);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", Cancelled).WaitAsync(Patience, Cancelled);

            using var http = app.CreateHttpClient("intake");
            using var named = app.CreateHttpClient("intake", "grpc");
            Assert.Equal("ready", await http.GetStringAsync("/health/ready", Cancelled));
            Assert.Contains("\"X_TEST\":\"changed\"", await http.GetStringAsync("/environment", Cancelled));
            Assert.Equal(intake.GetEndpoint("http").Url, app.GetEndpoint("intake").ToString().TrimEnd('/'));
            Assert.Equal((app.GetEndpoint("intake", "grpc"), app.GetEndpoint("intake", "http")), (named.BaseAddress!, http.BaseAddress!));
            Assert.Equal("Server=postgres", await app.GetConnectionStringAsync("postgres", Cancelled));
            Assert.Throws<ArgumentException>(() => app.GetEndpoint("intake", "nowhere"));
            Assert.Throws<ArgumentException>(() => app.CreateHttpClient("nobody"));
            await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("intake", Cancelled));
            var running = await app.ResourceNotifications.WaitForResourceAsync("intake", _ => true, Cancelled);
            pid = $"{running.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value}";
            Assert.True(Directory.Exists($"/proc/{pid}"));
        }

        Assert.False(Directory.Exists($"/proc/{pid}"));
        Assert.False(File.Exists(Path.Combine(_folder, "stack.json"))); // the program came to its own end
    }

    [Fact]
    public async Task An_application_is_built_once()
    {
        SetReady();
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.L2R_AppHost_Tests_Stack>(["--state-dir", _folder], Cancelled);
        Assert.Equal(
            ["gateway", "intake", "intakedb", "postgres", "rabbitmq"],
            builder.Resources.Where(resource => !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any()).Select(resource => resource.Name).Order());
        var app = await builder.BuildAsync(Cancelled);

        var second = await builder.BuildAsync(Cancelled);

        Assert.Same(app.Services, second.Services);
        await app.StartAsync(Cancelled).WaitAsync(Patience, Cancelled);
        await app.StopAsync(Cancelled).WaitAsync(Patience, Cancelled);
    }

    [Fact]
    public async Task A_program_that_ends_first_says_so()
    {
        var failed = await Assert.ThrowsAnyAsync<Exception>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.L2R_AppHost_Tests_Stack>(["--state-dir"], Cancelled));

        Assert.IsNotType<OperationCanceledException>(failed);
    }

    void SetReady()
    {
        foreach (var name in new[] { "postgres", "rabbitmq" })
        {
            File.WriteAllText(Path.Combine(_folder, $"{name}.ready"), "");
        }
    }
}
