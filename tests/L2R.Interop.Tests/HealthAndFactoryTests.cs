using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace L2R.Interop.Tests;

/// <summary>The standard health service, and clients from the service collection.</summary>
public sealed class HealthAndFactoryTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_is_that_of_the_checks_mapped_to_the_name()
    {
        var isWell = true;
        await using var host = await EchoHost.StartAsync(builder => builder.Services
            .AddGrpcHealthChecks(options =>
            {
                options.Services.Map("database", check => check.Tags.Contains("database"));
                options.Services.Map("nothing", _ => false);
            })
            .AddCheck("degraded", () => HealthCheckResult.Degraded())
            .AddCheck("database", () => isWell ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(), ["database"]));
        using var channel = GrpcChannel.ForAddress(host.Address);
        var health = new Health.HealthClient(channel);
        async Task<ServingStatus> Check(string service) =>
            (await health.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: Cancelled)).Status;

        Assert.Equal([ServingStatus.Serving, ServingStatus.Serving, ServingStatus.Unknown], [await Check(""), await Check("database"), await Check("nothing")]);
        isWell = false;
        Assert.Equal([ServingStatus.NotServing, ServingStatus.NotServing], [await Check(""), await Check("database")]);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Check("unknown"))).StatusCode);
    }

    [Fact]
    public async Task Watching_shows_each_change_and_ends_when_the_host_stops()
    {
        await using var host = await EchoHost.StartAsync(builder =>
            builder.Services.AddGrpcHealthChecks(options => options.UseHealthChecksCache = true));
        var states = host.Services.GetRequiredService<HealthServiceImpl>();
        using var channel = GrpcChannel.ForAddress(host.Address);
        using var watch = new Health.HealthClient(channel).Watch(new HealthCheckRequest { Service = "later" }, cancellationToken: Cancelled);
        async Task<ServingStatus> Next() =>
            await watch.ResponseStream.MoveNext(Cancelled) ? watch.ResponseStream.Current.Status : throw new InvalidOperationException("The watch ended.");

        Assert.Equal(ServingStatus.ServiceUnknown, await Next());
        states.SetStatus("later", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await Next());
        states.SetStatus("later", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, await Next());
        states.ClearStatus("later");
        Assert.Equal(ServingStatus.ServiceUnknown, await Next());

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal(ServingStatus.NotServing, await Next());
        Assert.False(await watch.ResponseStream.MoveNext(Cancelled));
    }

    [Fact]
    public async Task A_registered_client_has_its_address_interceptors_and_credentials()
    {
        await using var host = await EchoHost.StartAsync();
        var services = new ServiceCollection();
        services.AddTransient(_ => new Adding("x-second", "2"));
        services
            .AddGrpcClient<EchoService.EchoServiceClient>(options => options.Address = host.Address)
            .ConfigureChannel(options => options.UnsafeUseInsecureChannelCallCredentials = true)
            .AddInterceptor(() => new Adding("x-first", "1"))
            .AddInterceptor<Adding>()
            .AddCallCredentials((_, metadata) =>
            {
                metadata.Add("x-token", "secret");
                return Task.CompletedTask;
            });
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var client = provider.GetRequiredService<EchoService.EchoServiceClient>();

        using var call = client.UnaryAsync(new EchoRequest { Text = "a" }, cancellationToken: Cancelled);

        Assert.Equal("a", (await call).Text);
        Assert.Equal(
            ["1", "2", "secret"],
            new[] { "t-x-first", "t-x-second", "t-x-token" }.Select(call.GetTrailers().GetValue));
    }

    [Fact]
    public async Task A_client_without_address_says_so()
    {
        var services = new ServiceCollection();
        services.AddGrpcClient<EchoService.EchoServiceClient>(_ => { });
        await using var provider = services.BuildServiceProvider();

        var failure = Assert.Throws<InvalidOperationException>(provider.GetRequiredService<EchoService.EchoServiceClient>);

        Assert.StartsWith("Could not resolve the address for gRPC client 'EchoServiceClient'.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_made_while_serving_inherits_deadline_and_cancellation()
    {
        await using var last = await EchoHost.StartAsync();
        await using var first = await EchoHost.StartAsync<Forwarding>(builder => builder.Services
            .AddGrpcClient<EchoService.EchoServiceClient>(options => options.Address = last.Address)
            .EnableCallContextPropagation());
        using var channel = GrpcChannel.ForAddress(first.Address);
        var client = new EchoService.EchoServiceClient(channel);

        var reply = await client.UnaryAsync(
            new EchoRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1), cancellationToken: Cancelled);
        Assert.InRange(reply.DeadlineMs, 1, 60_000);

        using var cancel = new CancellationTokenSource();
        using var hanging = client.UnaryAsync(new EchoRequest { Text = "far", Hang = true }, cancellationToken: cancel.Token);
        await last.Events.WaitForAsync("hanging far", Cancelled);
        await cancel.CancelAsync();
        await last.Events.WaitForAsync("cancelled far", Cancelled);
    }

    sealed class Forwarding(EchoService.EchoServiceClient next) : EchoService.EchoServiceBase
    {
        public override async Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) => await next.UnaryAsync(request);
    }

    sealed class Adding(string key, string value) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, new(context.Method, context.Host, context.Options.WithHeaders([.. context.Options.Headers ?? [], new(key, value)])));
    }
}
