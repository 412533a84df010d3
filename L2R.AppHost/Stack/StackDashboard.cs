using System.Security.Cryptography;

namespace L2R.AppHost.Stack;

/// <summary>Tells Aspire's dashboard, or that of the stand-in, where to be: at the same address with the same token in every run.</summary>
static class StackDashboard
{
    const string UrlSetting = "ASPNETCORE_URLS";
    const string OtlpSetting = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";
    const string ResourcesSetting = "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"; // by default https, which needs a certificate that nobody has to have
    const string TokenSetting = "AppHost:BrowserToken";

    /// <returns>The address that opens it, token included.</returns>
    public static string Configure(IDistributedApplicationBuilder builder, StackOptions options)
    {
        // Whatever the environment says: ASPNETCORE_URLS may be there for other programs, and two stacks would meet on it.
        var url = $"http://127.0.0.1:{options.Ports.Of("dashboard/http")}";
        var token = LoadOrCreateToken(Path.Combine(options.StateDirectory, "dashboard.token"));
        builder.Configuration[UrlSetting] = url;
        builder.Configuration[OtlpSetting] = $"http://127.0.0.1:{options.Ports.Of("dashboard/otlp")}";
        builder.Configuration[ResourcesSetting] = $"http://127.0.0.1:{options.Ports.Of("dashboard/resources")}";
        builder.Configuration[TokenSetting] = token;
        return $"{url}/login?t={token}";
    }

    /// <summary>Services then send their telemetry to nobody.</summary>
    public static void KeepTelemetryBack(IDistributedApplicationBuilder builder)
    {
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            builder.CreateResourceBuilder(project).WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", "");
        }
    }

    static string LoadOrCreateToken(string path)
    {
        if (!File.Exists(path))
        {
            PrivateFile.WriteOnce(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        }
        return File.ReadAllText(path);
    }
}
