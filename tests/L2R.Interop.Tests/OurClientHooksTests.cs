using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;

namespace L2R.Interop.Tests;

/// <summary>What stands around each call of our client: interceptors, credentials, traces.</summary>
public sealed class OurClientHooksTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Interceptors_see_a_call_in_order_and_may_change_it()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address);
        var seen = new List<string>();
        var invoker = channel
            .Intercept(new Noting(seen, "outer"), new Noting(seen, "inner"))
            .Intercept(metadata => [.. metadata, new Metadata.Entry("x-added", "by interceptor")]);
        var client = new EchoService.EchoServiceClient(invoker);

        using var unary = client.UnaryAsync(new EchoRequest(), cancellationToken: Cancelled);
        await unary;
        Assert.Equal("by interceptor", unary.GetTrailers().GetValue("t-x-added"));
        client.Unary(new EchoRequest(), cancellationToken: Cancelled);
        client.ServerStream(new EchoRequest(), cancellationToken: Cancelled).Dispose();
        client.ClientStream(cancellationToken: Cancelled).Dispose();
        client.Duplex(cancellationToken: Cancelled).Dispose();

        Assert.Equal(
            ["outer async", "inner async", "outer blocking", "inner blocking", "outer server", "inner server", "outer client", "inner client", "outer duplex", "inner duplex"],
            seen);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "token for http://HOST/l2r.interop.v1.EchoService Unary")]
    public async Task Credentials_go_over_plain_text_only_where_allowed(bool allowed, string? arrived)
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = allowed });
        var credentials = CallCredentials.FromInterceptor((context, metadata) =>
        {
            metadata.Add("x-token", $"token for {context.ServiceUrl} {context.MethodName}");
            return Task.CompletedTask;
        });

        using var call = new EchoService.EchoServiceClient(channel).UnaryAsync(
            new EchoRequest(), new CallOptions(cancellationToken: Cancelled, credentials: credentials));
        await call;

        Assert.Equal(arrived?.Replace("HOST", host.Authority, StringComparison.Ordinal), call.GetTrailers().GetValue("t-x-token"));
    }

    [Fact]
    public async Task The_trace_goes_on_at_the_server()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Grpc.Net.Client" or "System.Net.Http" or "Microsoft.AspNetCore" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        ActivityTraceId? atServer = null;
        await using var host = await EchoHost.StartAsync(map: app => app.Use((http, next) =>
        {
            atServer = Activity.Current?.TraceId;
            return next(http);
        }));
        using var channel = GrpcChannel.ForAddress(host.Address);
        using var source = new ActivitySource("test");
        using var activity = source.StartActivity("caller");

        await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest(), cancellationToken: Cancelled);

        Assert.NotNull(activity);
        Assert.Equal(activity.TraceId, atServer);
        Assert.Equal(activity, Activity.Current);
    }

    sealed class Noting(List<string> seen, string name) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} blocking");
            return continuation(request, context);
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} async");
            return continuation(request, context);
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} server");
            return continuation(request, context);
        }

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} client");
            return continuation(context);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} duplex");
            return continuation(context);
        }
    }
}
