using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>Where the dashboard is and who may use it: the settings of the real one, by its names.</summary>
/// <param name="Url">Of the page.</param>
/// <param name="OtlpUrl">Where services send their spans by OTLP over HTTP.</param>
/// <param name="BrowserToken">Opens the page.</param>
/// <param name="OtlpApiKey">Goes with each request of a service.</param>
sealed record DashboardSettings(string Url, string OtlpUrl, string BrowserToken, string OtlpApiKey)
{
    public const string ApiKeyHeader = "x-otlp-api-key";

    /// <exception cref="DistributedApplicationException">An address is missing.</exception>
    public static DashboardSettings Read(IConfiguration configuration) => new(
        Address(configuration, "ASPNETCORE_URLS"),
        Address(configuration, "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"),
        configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? token : NewSecret(),
        configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key ? key : NewSecret());

    static string Address(IConfiguration configuration, string name) =>
        configuration[name] is { Length: > 0 } address
            ? address.Split(';')[0]
            : throw new DistributedApplicationException($"The dashboard needs an address: set {name}, or DisableDashboard.");

    static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
