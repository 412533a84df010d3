using System.Net;
using System.Net.Http.Headers;
using Aspire.Hosting;
using Xunit;

namespace L2R.Dashboard.Tests;

/// <summary>Who is let in.</summary>
public sealed class DoorTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/common.js")]
    [InlineData("GET", "/api/resources")]
    [InlineData("GET", "/api/resources/server/log")]
    [InlineData("GET", "/api/traces")]
    [InlineData("POST", "/api/resources/server/stop")]
    [InlineData("GET", "/login")]
    [InlineData("GET", "/login?t=wrong")]
    [InlineData("GET", "/login?t=")]
    [InlineData("POST", "/v1/traces")]
    public async Task Nobody_comes_in_without_the_token_or_the_key(string method, string path)
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(new(method), path);
        request.Headers.Add("Origin", app.Root.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Cookie", $"aspire-dashboard-{app.Root.Port}={DashboardApp.Token}");

        using var response = await app.Stranger.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Running", (string?)(await app.FindResourceAsync("server"))["state"]);
    }

    [Fact]
    public async Task The_token_opens_it_and_a_cookie_that_scripts_cannot_read_keeps_it_open()
    {
        await using var app = await StartAsync();

        using var login = await app.Stranger.GetAsync(app.Login, Cancelled);

        Assert.Equal((HttpStatusCode.Redirect, "/"), (login.StatusCode, login.Headers.Location?.ToString()));
        var cookie = Assert.Single(login.Headers.GetValues("Set-Cookie")).Split("; ");
        Assert.StartsWith($"aspire-dashboard-{app.Root.Port}=", cookie[0], StringComparison.Ordinal);
        Assert.DoesNotContain(DashboardApp.Token, cookie[0]);
        Assert.Equal(["httponly", "max-age=2592000", "path=/", "samesite=strict"], cookie[1..].Order(StringComparer.Ordinal));
        using var page = await app.Browser.GetAsync("/", Cancelled);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://example.com")]
    [InlineData("null")]
    public async Task A_command_comes_from_the_page_itself(string? origin)
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/resources/server/stop");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await app.Browser.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("Running", (string?)(await app.FindResourceAsync("server"))["state"]);
    }

    [Fact]
    public async Task The_page_asks_nobody_else_for_anything()
    {
        await using var app = await StartAsync();
        var page = await app.Browser.GetStringAsync("/", Cancelled);
        string[] files = [.. page.Split('"').Where(part => part.EndsWith(".js", StringComparison.Ordinal) || part.EndsWith(".css", StringComparison.Ordinal))];

        Assert.Equal(["/dashboard.css", "/common.js", "/resources.js", "/logs.js", "/traces.js", "/main.js"], files);
        foreach (var file in files)
        {
            using var response = await app.Browser.GetAsync(file, Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.StartsWith("default-src 'self';", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.DoesNotContain("://", await response.Content.ReadAsStringAsync(Cancelled));
        }
    }

    [Fact]
    public async Task What_is_no_request_of_OTLP_is_refused()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new ByteArrayContent([0xff, 0xff]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        request.Headers.Add("x-otlp-api-key", DashboardApp.ApiKey);

        using var response = await app.Stranger.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Says_which_address_is_missing()
    {
        var builder = DistributedApplication.CreateBuilder();
        builder.Configuration["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        await using var app = builder.Build();

        Assert.Equal(
            "The dashboard needs an address: set ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL, or DisableDashboard.",
            (await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(Cancelled))).Message);
    }

    static async Task<DashboardApp> StartAsync()
    {
        var app = await DashboardApp.StartAsync(builder => builder.AddExecutable("server", "sleep", "/", "600"));
        await app.WaitForAsync("server", "Running");
        return app;
    }
}
