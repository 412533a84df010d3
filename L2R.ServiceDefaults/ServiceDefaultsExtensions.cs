using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace L2R.ServiceDefaults;

/// <summary>What every host does first, and the endpoints that every host has.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Telemetry, health, tokens, the clock, and the gRPC policy.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.AddTelemetry();
        builder.AddTokens();
        // Nothing here is sealed with data-protection keys, so none is written under $HOME.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<CallGuard>());
        builder.Services.AddGrpcHealthChecks();
        builder.Services.AddGrpcReflection();
        // A replica that is told to go finishes what it has begun.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
        return builder;
    }

    /// <summary>
    /// Authentication before everything, <c>/health/live</c> and <c>/health/ready</c> in every environment, and gRPC reflection in Development.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.Use(Telemetry.DescribeAsync);
        app.Use(FrameworkErrors.ExplainAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGrpcHealthChecksService(); // grpc.health.v1, for orchestrators that probe by gRPC
        if (app.Environment.IsDevelopment())
        {
            app.MapGrpcReflectionService(); // the contract, for tools such as buf curl and grpcurl
        }
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live"), ResponseWriter = WriteAsync });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync });
        return app;
    }

    /// <summary>Which check says what, without exceptions: those may hold addresses and stay in the log.</summary>
    static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { status = entry.Value.Status.ToString(), entry.Value.Description }),
        },
        context.RequestAborted);
}
