using System.Net;
using System.Net.Http.Headers;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace L2R.Interop.Tests;

/// <summary>What our server does that no peer asks for: bad requests, failing handlers, interceptors, scopes, metadata of endpoints.</summary>
public sealed partial class OurServerTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "Exception was thrown by handler.")]
    [InlineData(true, "Exception was thrown by handler. InvalidOperationException: outer ArgumentException: inner")]
    public async Task An_exception_is_unknown_and_told_only_on_request(bool detailed, string detail)
    {
        await using var host = await EchoHost.StartAsync<Throwing>(builder =>
            builder.Services.AddGrpc().AddServiceOptions<Throwing>(options => options.EnableDetailedErrors = detailed));
        using var channel = GrpcChannel.ForAddress(host.Address);

        var failure = await Assert.ThrowsAsync<RpcException>(() => UnaryAsync(channel));

        Assert.Equal(new Status(StatusCode.Unknown, detail), failure.Status);
    }

    [Fact]
    public async Task A_handler_without_answer_is_cancelled()
    {
        await using var host = await EchoHost.StartAsync<Answerless>();
        using var channel = GrpcChannel.ForAddress(host.Address);

        var failure = await Assert.ThrowsAsync<RpcException>(() => UnaryAsync(channel));

        Assert.Equal(new Status(StatusCode.Cancelled, "No message returned from method."), failure.Status);
    }

    [Fact]
    public async Task The_context_knows_the_call()
    {
        await using var host = await EchoHost.StartAsync<Describing>();
        using var channel = GrpcChannel.ForAddress(host.Address);

        var told = (await UnaryAsync(channel)).Text.Split('|');

        Assert.Equal("/l2r.interop.v1.EchoService/Unary", told[0]);
        Assert.Equal(host.Authority, told[1]);
        Assert.Matches(@"^ipv4:127\.0\.0\.1:\d+$", told[2]);
        Assert.Equal(["same http", "shared state", "no deadline"], told[3..]);
    }

    [Theory]
    [InlineData("client.js")]
    [InlineData("client.py")]
    public async Task The_context_knows_a_call_of_another_house(string script)
    {
        await using var host = await EchoHost.StartAsync<Describing>();
        await using var peer = PeerProcess.Start(script);

        var result = await new RunningCall(peer, host.Authority, "one", new() { Method = "Unary", Requests = [new { }] }).Result;

        var told = result.Texts.Single().Split('|');
        Assert.Equal(["/l2r.interop.v1.EchoService/Unary", host.Authority], told[..2]);
        Assert.Matches(@"^ipv4:127\.0\.0\.1:\d+$", told[2]);
        Assert.Equal(["same http", "shared state", "no deadline"], told[3..]);
    }

    [Fact]
    public async Task Interceptors_run_in_order_those_of_all_services_first_each_made_for_the_call()
    {
        var seen = new List<string>();
        await using var host = await EchoHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton(seen);
            builder.Services
                .AddGrpc(options => options.Interceptors.Add<Noting>("all"))
                .AddServiceOptions<EchoServer>(options => options.Interceptors.Add<Noting>("service"));
        });
        using var channel = GrpcChannel.ForAddress(host.Address);
        var client = new EchoService.EchoServiceClient(channel);

        await client.UnaryAsync(new EchoRequest { Text = "a" }, cancellationToken: Cancelled);
        using var serverStream = client.ServerStream(new EchoRequest(), cancellationToken: Cancelled);
        Assert.False(await serverStream.ResponseStream.MoveNext(Cancelled));
        using var clientStream = client.ClientStream(cancellationToken: Cancelled);
        await clientStream.RequestStream.CompleteAsync();
        await clientStream;
        using var duplex = client.Duplex(cancellationToken: Cancelled);
        await duplex.RequestStream.CompleteAsync();
        Assert.False(await duplex.ResponseStream.MoveNext(Cancelled));

        string[] around = ["in all", "in service", "out service", "gone service", "out all", "gone all"];
        Assert.Equal(Enumerable.Repeat(around, 4).SelectMany(one => one), seen);
    }

    [Fact]
    public async Task A_service_lives_in_the_scope_of_its_call()
    {
        await using var host = await EchoHost.StartAsync<Scoped>(builder => builder.Services.AddScoped<Disposables>().AddSingleton<Ledger>());
        using var channel = GrpcChannel.ForAddress(host.Address);

        await UnaryAsync(channel);
        await UnaryAsync(channel);

        var ledger = host.Services.GetRequiredService<Ledger>();
        await ledger.AllGone.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        Assert.Equal((2, 2), (ledger.ServicesGone, ledger.ScopesGone));
    }

    [Fact]
    public async Task Attributes_and_conventions_reach_each_endpoint()
    {
        await using var host = await EchoHost.StartAsync<Guarded>(map: app =>
            app.MapGroup("/also").MapGrpcService<Guarded>().RequireAuthorization("convention"));

        var endpoints = host.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType == typeof(Guarded))
            .ToLookup(
                endpoint => ((RouteEndpoint)endpoint).RoutePattern.RawText!,
                endpoint => string.Join(' ', endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy)));

        Assert.Equal(10, endpoints.Count);
        Assert.Equal(["type method"], endpoints["/l2r.interop.v1.EchoService/Unary"]);
        Assert.Equal(["type"], endpoints["/l2r.interop.v1.EchoService/Duplex"]);
        Assert.Equal(["type method convention"], endpoints["/also/l2r.interop.v1.EchoService/Unary"]);
        Assert.Equal(["type convention"], endpoints["/also/l2r.interop.v1.EchoService/Duplex"]);
    }

    [Theory]
    [InlineData("/l2r.interop.v1.EchoService/Nonsense", "application/grpc", 200, "12", "Method is unimplemented.")]
    [InlineData("/l2r.interop.v1.Nonsense/Unary", "application/grpc", 200, "12", "Service is unimplemented.")]
    [InlineData("/l2r.interop.v1.Nonsense/Unary", "application/grpc+proto", 200, "12", "Service is unimplemented.")]
    [InlineData("/l2r.interop.v1.Nonsense/Unary", "application/json", 404, null, null)]
    [InlineData("/l2r.interop.v1.EchoService/Unary", "application/json", 415, "13", "Content-Type 'application/json' is not supported.")]
    [InlineData("/l2r.interop.v1.EchoService/Unary", "application/grpcx", 415, "13", "Content-Type 'application/grpcx' is not supported.")]
    [InlineData("/l2r.interop.v1.EchoService/Unary", null, 415, "13", "Content-Type is missing from the request.")]
    public async Task Requests_that_are_no_call_are_refused(string path, string? contentType, int http, string? status, string? message)
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(host, path, contentType, []);

        Assert.Equal((http, status, message), ((int)response.StatusCode, Single(response.Headers, "grpc-status"), Single(response.Headers, "grpc-message")));
    }

    [Theory]
    [InlineData(new byte[] { }, "Incomplete message.")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "Incomplete message.")]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 10 }, "Incomplete message.")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "Additional data after the message received.")]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, "Request did not include grpc-encoding value with compressed message.")]
    public async Task Broken_frames_are_internal_errors(byte[] body, string message)
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(host, "/l2r.interop.v1.EchoService/Unary", "application/grpc", body);

        Assert.Equal((200, "13", message), ((int)response.StatusCode, Single(response.Headers, "grpc-status"), Single(response.Headers, "grpc-message")));
    }

    [Theory]
    [InlineData("1H", true)]
    [InlineData("99999999H", true)]
    [InlineData("60M", true)]
    [InlineData("3000000000u", false)]
    [InlineData("3600S", true)]
    [InlineData("-1S", false)]
    [InlineData("1x", false)]
    [InlineData("S", false)]
    public async Task Timeouts_that_cannot_be_read_are_ignored(string timeout, bool counts)
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions
        {
            HttpHandler = new RawHeader("grpc-timeout", timeout) { InnerHandler = new SocketsHttpHandler() },
            DisposeHttpClient = true,
        });

        Assert.Equal(counts, (await UnaryAsync(channel)).DeadlineMs > 0);
    }

    [Theory]
    [InlineData("AA")]
    [InlineData("AA==")]
    [InlineData("AAE")]
    public async Task Binary_metadata_is_read_with_and_without_padding(string value)
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions
        {
            HttpHandler = new RawHeader("x-raw-bin", value) { InnerHandler = new SocketsHttpHandler() },
            DisposeHttpClient = true,
        });

        using var call = new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest(), cancellationToken: Cancelled);
        await call;

        Assert.Equal(value.TrimEnd('='), Convert.ToBase64String(call.GetTrailers().GetValueBytes("t-x-raw-bin")!).TrimEnd('='));
    }

    static async Task<EchoReply> UnaryAsync(GrpcChannel channel) =>
        await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { Text = "a" }, cancellationToken: Cancelled);

    static async Task<HttpResponseMessage> PostAsync(EchoHost host, string path, string? contentType, byte[] body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        return await http.SendAsync(request, Cancelled);
    }

    static string? Single(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.Single() : null;
}
