using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2R.AppHost.Stack;

/// <summary>Runs a graph from its start to its end, and keeps the promises of the command line.</summary>
static class StackHost
{
    const int Failure = 1;
    const int WrongUsage = 2;
    const int Unavailable = 69; // sysexits.h: EX_UNAVAILABLE

    /// <param name="addResources">Adds the resources, and tells the servers whose connection strings others ask for.</param>
    /// <returns>The exit code: 0 stopped as told, 1 another stack holds the state folder, 2 usage, 69 something is not installed.</returns>
    public static async Task<int> RunAsync(string[] args, Func<IDistributedApplicationBuilder, StackOptions, Infrastructure> addResources)
    {
        if (AppHostOptions.TryParse(args) is not { } asked)
        {
            Console.Error.WriteLine($"Usage: {AppHostOptions.Usage}");
            return WrongUsage;
        }
        IDistributedApplicationBuilder builder;
        try
        {
            builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
            {
                Args = [.. asked.Rest],
                DisableDashboard = !asked.HasDashboard,
                AllowUnsecuredTransport = true, // on the loopback interface
            });
        }
        catch (DistributedApplicationException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return Unavailable;
        }
        var root = FindRepositoryRoot(builder.AppHostDirectory);
        var options = new StackOptions(asked.InfrastructureOnly, asked.StateDirectory ?? Path.Combine(root, "artifacts", "run"), root);
        if (builder.ExecutionContext.IsPublishMode)
        {
            addResources(builder, options);
            await using var publishing = builder.Build();
            await publishing.RunAsync();
            return 0;
        }

        using var stackLock = StackLock.TryTake(options.StateDirectory);
        if (stackLock is null)
        {
            Console.Error.WriteLine($"A stack runs on {options.StateDirectory} already. Stop it first (./l2r down), or give another --state-dir.");
            return Failure;
        }
        File.Delete(options.StackFile); // of a stack that was killed
        try
        {
            var infrastructure = addResources(builder, options);
            GivePorts(builder, options.Ports);
            string? dashboard = null;
            if (asked.HasDashboard)
            {
                dashboard = StackDashboard.Configure(builder, options);
            }
            else
            {
                StackDashboard.KeepTelemetryBack(builder);
            }
            return await RunAsync(builder, options, infrastructure, dashboard);
        }
        catch (MissingSoftwareException missing)
        {
            Console.Error.WriteLine(missing.Message);
            return Unavailable;
        }
    }

    /// <summary>An endpoint without a port of its own gets the one that it had before.</summary>
    static void GivePorts(IDistributedApplicationBuilder builder, StackPorts ports)
    {
        foreach (var resource in builder.Resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.Port is null))
            {
                endpoint.Port = ports.Of($"{resource.Name}/{endpoint.Name}");
            }
        }
    }

    static string FindRepositoryRoot(string folder) =>
        File.Exists(Path.Combine(folder, "L2R.slnx"))
            ? folder
            : FindRepositoryRoot(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The AppHost is not in a checkout of L2R."));

    static async Task<int> RunAsync(IDistributedApplicationBuilder builder, StackOptions options, Infrastructure infrastructure, string? dashboard)
    {
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical) // a start that fails says so by its exception, and one that is told to stop has not failed
            .AddFilter("Aspire.Hosting.Dcp.DcpHost", LogLevel.Error)); // it warns of a certificate that nothing here needs
        builder.Services.AddSingleton<OrderedStop>();
        builder.Services.AddSingleton<IHostLifetime>(services => services.GetRequiredService<OrderedStop>());
        builder.Configuration["DcpPublisher:WaitForResourceCleanup"] = "true"; // else Aspire's orchestrator ends the last processes after this one

        await using var app = builder.Build();
        await using (var reporter = new StackReporter(
            options, dashboard, app, app.Services.GetRequiredService<ResourceLoggerService>(), Console.Out, TimeProvider.System))
        {
            var stop = app.Services.GetRequiredService<OrderedStop>();
            stop.Reporter = reporter;
            var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            try
            {
                await app.StartAsync(); // returns when everything has been started, which may be never
                reporter.SetConnections(ImmutableDictionary<string, string>.Empty
                    .Add("postgres", $"{await infrastructure.Postgres.Resource.GetConnectionStringAsync()};Database=postgres")
                    .Add("rabbitmq", await infrastructure.RabbitMQ.Resource.GetConnectionStringAsync() ?? ""));
                await Task.WhenAny(reporter.Following, Task.Delay(Timeout.Infinite, stopping)); // blind, it should not go on; the reporter's end says why
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Told to stop before everything had been started.
            }
            await stop.StopResourcesAsync(); // where no signal asked for it
            await app.StopAsync();
        }
        File.Delete(options.StackFile);
        return 0;
    }
}
