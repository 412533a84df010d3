using System.Text.Json.Nodes;
using Aspire.Hosting;
using L2R.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace L2R.Dashboard.Tests;

/// <summary>What runs, its output, and commands: with real processes.</summary>
public sealed class ResourcesTests
{
    [Fact]
    public async Task Each_resource_is_shown_with_its_state_health_and_addresses()
    {
        await using var app = await DashboardApp.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("ill", () => HealthCheckResult.Unhealthy("a fever"));
            var service = builder.AddProject<SampleService>("service").WithHttpEndpoint(name: "http").WithHttpHealthCheck("/health/ready");
            builder.AddExecutable("ill", "sleep", "/", "600").WithHealthCheck("ill").WithEndpoint(port: 12345, name: "tcp");
            builder.AddExecutable("later", "sleep", "/", "600").WithExplicitStart();
            builder.AddExecutable("wrong", "sh", "/", "-c", "exit 3");
            builder.AddExecutable("waiting", "sleep", "/", "600").WaitFor(service.ApplicationBuilder.CreateResourceBuilder(builder.Resources.Single(one => one.Name == "ill")));
            builder.AddParameter("secret", "hidden", secret: true);
        });
        await app.WaitForAsync("service", "Running");
        await app.WaitForAsync("wrong", "Finished");
        await Eventually.EqualAsync("Unhealthy", async () => (string?)(await app.FindResourceAsync("ill"))["health"]);

        var shown = (await app.GetAsync("/api/resources"))["resources"]!.AsArray();

        Assert.Equal(
            [
                ("ill", "Executable", "Running", "Unhealthy", null, 0),
                ("later", "Executable", "NotStarted", null, null, 0),
                ("service", "Project", "Running", "Healthy", null, 0),
                ("waiting", "Executable", "Waiting", null, null, 0),
                ("wrong", "Executable", "Finished", null, 3, 0),
            ],
            shown.Select(one => (
                (string?)one!["name"], (string?)one["type"], (string?)one["state"], (string?)one["health"], (int?)one["exitCode"], (int)one["restarts"]!)));
        Assert.Equal("""[{"name":"ill","status":"Unhealthy","description":"a fever"}]""", shown[0]!["checks"]!.ToJsonString());
        Assert.Equal("""[{"name":"tcp","url":"tcp://127.0.0.1:12345"}]""", shown[0]!["urls"]!.ToJsonString());
        Assert.StartsWith("http://127.0.0.1:", (string?)shown[2]!["urls"]![0]!["url"], StringComparison.Ordinal);
        Assert.True(Directory.Exists($"/proc/{(int?)shown[2]!["pid"]}"));
    }

    [Fact]
    public async Task A_resource_is_stopped_started_and_restarted()
    {
        await using var app = await DashboardApp.StartAsync(builder => builder.AddExecutable("server", "sleep", "/", "600"));
        var first = await app.WaitForAsync("server", "Running");

        var stopped = await app.CommandAsync("server", "stop");
        var down = await app.FindResourceAsync("server");
        await app.CommandAsync("server", "start");
        var second = await app.WaitForAsync("server", "Running");
        await app.CommandAsync("server", "restart");
        await Eventually.IsTrueAsync("the third process", async () =>
            await app.FindResourceAsync("server") is var now && (string?)now["state"] == "Running" && Pid(now) != Pid(second));
        var third = await app.FindResourceAsync("server");

        Assert.Equal("""{"success":true,"message":null}""", stopped.ToJsonString());
        Assert.Equal(("Finished", 143), ((string?)down["state"], (int?)down["exitCode"]));
        Assert.False(Directory.Exists($"/proc/{Pid(first)}"));
        Assert.False(Directory.Exists($"/proc/{Pid(second)}"));
        Assert.Equal([0, 1, 2], new[] { first, second, third }.Select(one => (int)one["restarts"]!));
    }

    [Theory]
    [InlineData("nobody", "stop", "Resource 'nobody' not found.")]
    [InlineData("server", "sing", "Command 'sing' not available for resource 'server-")]
    public async Task What_cannot_be_done_is_said(string resource, string command, string message)
    {
        await using var app = await DashboardApp.StartAsync(builder => builder.AddExecutable("server", "sleep", "/", "600"));

        var result = await app.CommandAsync(resource, command);

        Assert.False((bool)result["success"]!);
        Assert.StartsWith(message, (string?)result["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_followed_from_the_last_line_that_is_known()
    {
        await using var app = await DashboardApp.StartAsync(builder =>
            builder.AddExecutable("talker", "sh", "/", "-c", """echo first; echo '{"Message":"second"}'; echo third >&2; sleep 600"""));
        JsonNode log = new JsonObject();
        await Eventually.IsTrueAsync("three lines", async () => (int)(log = await app.GetAsync("/api/resources/talker/log"))["last"]! == 3);
        // What goes to the two outputs may overtake each other.
        Assert.Equal(
            [("first", false), ("third", true), ("{\"Message\":\"second\"}", false)],
            log["lines"]!.AsArray().Select(line => ((string?)line!["text"], (bool)line["isError"]!)).Order());

        Assert.Empty((await app.GetAsync("/api/resources/talker/log?after=3"))["lines"]!.AsArray());
        await app.CommandAsync("talker", "restart");

        await Eventually.EqualAsync(6, async () => (int)(await app.GetAsync("/api/resources/talker/log?after=3"))["last"]!);
        var more = await app.GetAsync("/api/resources/talker/log?after=4");
        Assert.Equal([5, 6], more["lines"]!.AsArray().Select(line => (int)line!["number"]!));
    }

    [Fact]
    public async Task Of_a_long_log_the_last_lines_are_shown()
    {
        await using var app = await DashboardApp.StartAsync(builder => builder.AddExecutable("talker", "sh", "/", "-c", "seq 25000; sleep 600"));
        JsonNode log = new JsonObject();
        await Eventually.IsTrueAsync("all lines", async () => (int)(log = await app.GetAsync("/api/resources/talker/log"))["last"]! == 25_000);

        Assert.Equal(Enumerable.Range(24_001, 1_000).Select(number => $"{number}"), log["lines"]!.AsArray().Select(line => (string?)line!["text"]));
    }

    static int? Pid(JsonNode resource) => (int?)resource["pid"];
}
