using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using L2R.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace L2R.ServiceDefaults.Tests;

/// <summary>Tokens of an OIDC issuer, whose keys a service fetches from it.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    WebApplication _issuer = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _issuer = builder.Build();
        var key = TestTokens.PublicJsonWebKey();
        _issuer.MapGet("/.well-known/openid-configuration", (HttpRequest request) =>
            new { issuer = TestTokens.Issuer, jwks_uri = $"http://{request.Host}/keys" });
        _issuer.MapGet("/keys", () => new { keys = new[] { new { kty = key.Kty, crv = key.Crv, x = key.X, y = key.Y, use = "sig" } } });
        await _issuer.StartAsync(Cancelled);
    }

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();

    /// <summary>A host that says to callers which tenant they are of.</summary>
    WebApplication Service(string environment)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection([new("Authentication:Authority", _issuer.Urls.Single())]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        var service = builder.Build();
        service.MapDefaultEndpoints();
        service.MapGet("/tenant", (ClaimsPrincipal user) => user.FindFirstValue(Tenancy.TenantClaim)).RequireAuthorization();
        return service;
    }

    [Fact]
    public async Task A_token_is_checked_with_the_keys_and_the_name_that_its_issuer_publishes()
    {
        await using var service = Service("Development");
        await service.StartAsync(Cancelled);
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };

        async Task<(HttpStatusCode, string)> AskAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/tenant") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            using var answer = await http.SendAsync(request, Cancelled);
            return (answer.StatusCode, answer.IsSuccessStatusCode
                ? await answer.Content.ReadAsStringAsync(Cancelled)
                : (await answer.Content.ReadFromJsonAsync<Refusal>(Cancelled))!.Message);
        }

        Assert.Equal((HttpStatusCode.OK, "acme"), await AskAsync(TestTokens.Issue("acme", "sales")));
        foreach (var (token, words) in (IReadOnlyList<(string, string)>)[
            (TestTokens.Forged("acme", "sales"), "its signature does not verify"),
            (TestTokens.ByOthers("acme", "sales"), "it is from another issuer"),
            (TestTokens.ForOthers("acme", "sales"), "it is for another audience"),
        ])
        {
            Assert.Equal(
                (HttpStatusCode.Unauthorized, $"The bearer token is not valid ({words}). Get a new one from your issuer; in Development: ./l2r token."),
                await AskAsync(token));
        }
    }

    [Fact]
    public async Task Outside_Development_an_issuer_without_https_stops_the_start()
    {
        await using var service = Service("Production");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => service.StartAsync(Cancelled));

        Assert.Contains("HTTPS", error.Message, StringComparison.Ordinal);
    }

    sealed record Refusal(string Reason, string Message);
}
