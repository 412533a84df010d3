using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using L2R.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace L2R.Dashboard.Tests;

/// <summary>A small application that runs with its dashboard, and a browser that knows the token.</summary>
sealed class DashboardApp : IAsyncDisposable
{
    public const string Token = "open-sesame";
    public const string ApiKey = "key-of-this-run";

    readonly DistributedApplication _app;
    readonly Task _start;

    DashboardApp(DistributedApplication app, Task start)
    {
        (_app, _start) = (app, start);
        Login = new(app.Services.GetServices<IHostedService>().OfType<DashboardHost>().Single().Url);
        Root = new(Login.GetLeftPart(UriPartial.Authority));
        Stranger = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Root };
        Browser = new(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = Root };
    }

    /// <summary>The address with the token.</summary>
    public Uri Login { get; }

    public Uri Root { get; }

    /// <summary>Follows no redirect and keeps no cookie.</summary>
    public HttpClient Stranger { get; }

    /// <summary>Has logged in.</summary>
    public HttpClient Browser { get; }

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<DashboardApp> StartAsync(Action<IDistributedApplicationBuilder> addResources)
    {
        var builder = DistributedApplication.CreateBuilder();
        builder.Configuration["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        builder.Configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = "http://127.0.0.1:0";
        builder.Configuration["AppHost:BrowserToken"] = Token;
        builder.Configuration["AppHost:OtlpApiKey"] = ApiKey;
        addResources(builder);
        var app = builder.Build();
        var start = app.StartAsync(Cancelled); // until nothing waits any more
        await Eventually.IsTrueAsync("the dashboard and all resources", () => Task.FromResult(
            app.Services.GetServices<IHostedService>().OfType<DashboardHost>().Single().Url.Length > 0
            && app.Services.GetRequiredService<ResourceNotificationService>().GetCurrent().DistinctBy(state => state.Resource).Count() == builder.Resources.Count));
        var dashboard = new DashboardApp(app, start);
        (await dashboard.Browser.GetAsync(dashboard.Login, Cancelled)).EnsureSuccessStatusCode();
        return dashboard;
    }

    public async Task<JsonNode> GetAsync(string path) => (await Browser.GetFromJsonAsync<JsonNode>(path, Cancelled))!;

    public async Task<JsonNode> FindResourceAsync(string name) =>
        (await GetAsync("/api/resources"))["resources"]!.AsArray().Single(resource => (string?)resource!["name"] == name)!;

    /// <summary>Waits until a resource is in a state, and healthy where it runs.</summary>
    public async Task<JsonNode> WaitForAsync(string name, string state)
    {
        JsonNode found = new JsonObject();
        await Eventually.IsTrueAsync($"{name} to be {state}: {found}", async () =>
        {
            found = await FindResourceAsync(name);
            return (string?)found["state"] == state && (state != "Running" || (string?)found["health"] == "Healthy");
        });
        return found;
    }

    /// <summary>What a button of the page does.</summary>
    public async Task<JsonNode> CommandAsync(string name, string command)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/resources/{name}/{command}");
        request.Headers.Add("Origin", Root.GetLeftPart(UriPartial.Authority));
        using var response = await Browser.SendAsync(request, Cancelled);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await Task.WhenAny(_start); // where something waited, it was given up
        await _app.DisposeAsync();
        Stranger.Dispose();
        Browser.Dispose();
    }
}

/// <summary>The tests' service, which sends its spans where it is told.</summary>
sealed class SampleService : IProjectMetadata
{
    const string Project = "L2R.AppHost.Tests.Service";

    public string ProjectPath { get; } = Path.Combine(FindTests(AppContext.BaseDirectory), Project, $"{Project}.csproj");

    static string FindTests(string folder) =>
        Directory.Exists(Path.Combine(folder, Project)) ? folder : FindTests(Path.GetDirectoryName(folder)!);
}
