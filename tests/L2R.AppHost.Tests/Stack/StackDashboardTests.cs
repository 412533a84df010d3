using System.Net;
using L2R.AppHost.Stack;
using L2R.AppHost.Tests.Aspire;

namespace L2R.AppHost.Tests.Stack;

/// <summary>The dashboard of a whole stack: its address, and what its commands mean for the stack.</summary>
public sealed class StackDashboardTests : IDisposable
{
    readonly string _folder = StackProcess.CreateStateDirectory();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Is_at_the_same_address_with_the_same_token_when_the_stack_runs_again()
    {
        string? first;
        await using (var stack = StackProcess.Start(StackProcess.ScriptedStack, _folder))
        {
            first = (await stack.WaitForAsync(state => state.Resources.Count == 4)).Dashboard;
            await stack.StopAsync("TERM");
        }

        await using var again = StackProcess.Start(StackProcess.ScriptedStack, _folder, [], ("ASPNETCORE_URLS", "http://127.0.0.1:1"));
        var second = (await again.WaitForAsync(state => state.Resources.Count == 4)).Dashboard;

        Assert.Matches("^http://127.0.0.1:[0-9]+/login\\?t=[0-9a-f]{32}$", first);
        Assert.Equal(first, second);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "dashboard.token")));
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        HttpStatusCode? login = null;
        await StackProcess.WaitUntilAsync(async () => (login = await TryAskAsync(client, new(second!))) is not null, () => $"nobody listens at {second}");
        Assert.Equal(HttpStatusCode.Redirect, login);
    }

    [Fact]
    public async Task What_is_stopped_there_stays_stopped_until_it_is_started_there()
    {
        Assert.SkipUnless(StandIn.IsUsed, "Aspire's own dashboard takes no commands by HTTP.");
        await using var stack = StackProcess.Start(StackProcess.ScriptedStack, _folder);
        stack.SetReady("postgres");
        stack.SetReady("rabbitmq");
        var ready = await stack.WaitForAsync(state => state.Ready);
        var dashboard = new Uri(ready.Dashboard!);
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = dashboard };
        browser.DefaultRequestHeaders.Add("Origin", dashboard.GetLeftPart(UriPartial.Authority));
        await browser.GetAsync(dashboard, Cancelled);

        using var stop = await browser.PostAsync("/api/resources/rabbitmq/stop", null, Cancelled);
        var stopped = await stack.WaitForAsync(state => Find(state).Summary == "stopped");
        using var start = await browser.PostAsync("/api/resources/rabbitmq/start", null, Cancelled);
        await stack.WaitForAsync(state => state.Ready && Starts() == 2); // it is healthy at once, also before it has written that it starts
        using var restart = await browser.PostAsync("/api/resources/rabbitmq/restart", null, Cancelled);
        var after = await stack.WaitForAsync(state => state.Ready && Starts() == 3);
        var end = await stack.StopAsync("TERM");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], new[] { stop, start, restart }.Select(answer => answer.StatusCode));
        Assert.Equal(("Exited", 0), (Find(stopped).State, Find(stopped).ExitCode));
        Assert.Equal(0, Find(after).Restarts);
        Assert.DoesNotContain("crashed", end.Output);

        int Starts() => File.ReadAllLines(Path.Combine(_folder, "events")).Count(line => line == "rabbitmq starts");
    }

    [Fact]
    public async Task Without_it_services_keep_their_telemetry()
    {
        await using var stack = StackProcess.Start(
            StackProcess.ScriptedStack, _folder, ["--no-dashboard"], ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
        stack.SetReady("postgres");
        stack.SetReady("rabbitmq");
        var state = await stack.WaitForAsync(state => state.Ready);

        var environment = await StackProcess.AskEnvironmentAsync(state.Resources.Single(resource => resource.Name == "intake"));

        Assert.Null(state.Dashboard);
        Assert.Equal("", environment.GetValueOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT", ""));
    }

    /// <returns>Null as long as nobody listens: the dashboard may start with the other resources.</returns>
    static async Task<HttpStatusCode?> TryAskAsync(HttpClient client, Uri url)
    {
        try
        {
            using var answer = await client.GetAsync(url, Cancelled);
            return answer.StatusCode;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return null;
        }
    }

    static ResourceState Find(StackState state) => state.Resources.Single(resource => resource.Name == "rabbitmq");
}
