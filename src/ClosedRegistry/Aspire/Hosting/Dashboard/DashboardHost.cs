using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>Serves the page and what it asks for, and takes in the spans of the services. Up before the first resource, down after the last.</summary>
sealed class DashboardHost(
    IConfiguration configuration,
    IHostEnvironment environment,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    ResourceCommandService commands,
    ServiceTelemetry telemetry,
    ILoggerFactory loggerFactory,
    ILogger<DistributedApplication> logger,
    TimeProvider clock) : IHostedService
{
    readonly DashboardSettings _settings = DashboardSettings.Read(configuration);
    readonly TraceStore _traces = new();
    WebApplication? _web;

    /// <summary>The page's address, token included. Known once it has started.</summary>
    public string Url { get; private set; } = "";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new()); // reads no settings: those of the environment are for others
        builder.WebHost.UseKestrelCore().UseUrls(_settings.Url, _settings.OtlpUrl);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggerFactory);
        builder.Services.AddSingleton<IHostLifetime, ThatOfTheAppHost>();
        _web = builder.Build();
        var door = new DashboardDoor(_settings);
        _web.Use(door.GuardAsync);
        _web.UseRouting();
        _web.MapPage();
        new ResourceApi(environment.ApplicationName, notifications, loggers, commands, clock).Map(_web);
        new TraceApi(_traces).Map(_web);
        await _web.StartAsync(cancellationToken);

        // Those that are listened on: a port may have been left to the system.
        string[] urls = [.. _web.Urls];
        telemetry.Variables = VariablesFor(urls[^1], _settings.OtlpApiKey);
        Url = $"{urls[0]}/login?t={_settings.BrowserToken}";
        logger.LogInformation("Login to the dashboard at {Url}", Url);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_web is not null)
        {
            await _web.StopAsync(cancellationToken);
            await _web.DisposeAsync();
        }
    }

    // What makes a service send its spans here, as often as in Aspire: every second.
    static Dictionary<string, string> VariablesFor(string url, string key) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = url,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = $"{DashboardSettings.ApiKeyHeader}={key}",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000", // milliseconds
        ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        ["OTEL_TRACES_SAMPLER"] = "always_on",
        ["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based",
    };

    /// <summary>Signals are for the AppHost: the page stays until its resources have stopped.</summary>
    sealed class ThatOfTheAppHost : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
