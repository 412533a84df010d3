using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace L2R.Interop.Tests;

/// <summary>A gRPC server in this process, on the loopback, HTTP/2 in plain text unless it gets a certificate.</summary>
sealed class EchoHost : IAsyncDisposable
{
    /// <summary>In bytes. Above the 4 MiB at which the peers stop to receive.</summary>
    public const int MaxSendSize = 6 * 1024 * 1024;

    readonly WebApplication _app;

    EchoHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public string Authority => Address.Authority;

    public IServiceProvider Services => _app.Services;

    public ServerEvents Events => Services.GetRequiredService<ServerEvents>();

    public static Task<EchoHost> StartAsync(
        Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null, int port = 0, X509Certificate2? certificate = null) =>
        StartAsync<EchoServer>(configure, map, port, certificate);

    /// <summary>With another service in place of <see cref="EchoServer"/>.</summary>
    public static async Task<EchoHost> StartAsync<TService>(
        Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null, int port = 0, X509Certificate2? certificate = null)
        where TService : class
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        builder.Services.AddSingleton<ServerEvents>().AddSingleton(TimeProvider.System);
        builder.Services.AddGrpc(options => options.MaxSendMessageSize = MaxSendSize);
        builder.Services.AddGrpcHealthChecks();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapGrpcService<TService>();
        app.MapGrpcHealthChecksService();
        map?.Invoke(app);
        await app.StartAsync();
        return new EchoHost(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
