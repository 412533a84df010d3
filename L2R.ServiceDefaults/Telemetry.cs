using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace L2R.ServiceDefaults;

/// <summary>Traces, metrics and logs by OTLP, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to; JSON logs on the console always.</summary>
/// <remarks>
/// The providers are built by hand: .NET, Npgsql and MassTransit emit by themselves, and the sources and meters named here
/// are all that is needed.
/// </remarks>
static class Telemetry
{
    static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "L2R.*"];
    static readonly string[] Meters =
        ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql", "MassTransit", "L2R.*"];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var resource = ResourceBuilder.CreateDefault()
            .AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName)
            .AddEnvironmentVariableDetector();
        var exports = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

        builder.Logging.ClearProviders();
        builder.Logging.AddJsonConsole(console =>
        {
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            console.UseUtcTimestamp = true;
            console.IncludeScopes = true; // they hold the trace, the path and ids of connection and request; nothing of a message
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (!exports)
        {
            return;
        }
        builder.Logging.AddOpenTelemetry(logs => logs.SetResourceBuilder(resource).AddOtlpExporter());
        builder.Services.AddHostedService(_ => new Providers(
            () => Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build(),
            () => Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build()));
    }

    /// <summary>Names the span of a request after what was asked. A probe leaves no spans: it comes every few seconds and tells nothing.</summary>
    public static async Task DescribeAsync(HttpContext context, RequestDelegate next)
    {
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            if (context.Request.Path.StartsWithSegments("/health"))
            {
                span.IsAllDataRequested = false;
                span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                using var quiet = SuppressInstrumentationScope.Begin();
                await next(context);
                return;
            }
            span.DisplayName = context.Request.Path; // of gRPC: the service and the method
        }
        await next(context);
    }

    sealed class Providers(Func<IDisposable?> traces, Func<IDisposable?> metrics) : IHostedService
    {
        IDisposable? _traces;
        IDisposable? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            (_traces, _metrics) = (traces(), metrics());
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _traces?.Dispose();
            _metrics?.Dispose();
            return Task.CompletedTask;
        }
    }
}
