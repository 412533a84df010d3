using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    readonly HostApplicationBuilder _host;
    readonly ResourceCollection _resources = [];

    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    /// <exception cref="DistributedApplicationException">It is to be published.</exception>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        var settings = new HostApplicationBuilderSettings { Args = options.Args, ContentRootPath = AppContext.BaseDirectory };
        EntryPointHooks.Current?.Constructing(options, settings);
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory
            ?? AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
                .FirstOrDefault(data => data.Key == "apphostprojectpath")?.Value
            ?? Directory.GetCurrentDirectory();

        _host = Host.CreateApplicationBuilder(settings);
        if (_host.Configuration["operation"] is "publish" or "Publish" || _host.Configuration["publisher"] is not null)
        {
            throw new DistributedApplicationException(
                "Publishing needs the real Aspire packages, which this package registry does not serve: publish on a machine that reaches them.");
        }
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None); // a resource that starts is unhealthy for a while
        _host.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning); // of the dashboard's own requests
        _host.Logging.AddFilter("System.Net.Http", LogLevel.Warning); // of the health checks
        Services.AddHealthChecks();
        Services.AddHttpClient();
        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(new DistributedApplicationModel(_resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton<ResourceLoggerService>();
        if (!options.DisableDashboard)
        {
            Configuration["AppHost:BrowserToken"] ??= Configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"];
            Services.AddHostedService<DashboardHost>(); // before the runner, so it is there first and goes last
        }
        Services.AddSingleton<ServiceTelemetry>();
        Services.AddSingleton<LocalRunner>();
        Services.AddSingleton(services => new ResourceCommandService(services.GetRequiredService<LocalRunner>()));
        Services.AddHostedService(services => services.GetRequiredService<LocalRunner>());
        Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(1)); // each resource has half a minute
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);

    public IResourceCollection Resources => _resources;

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (_resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There is a resource named '{resource.Name}' already.");
        }
        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        EntryPointHooks.Current?.Building(this);
        var app = new DistributedApplication(_host.Build());
        EntryPointHooks.Current?.Built(app);
        return app;
    }
}
