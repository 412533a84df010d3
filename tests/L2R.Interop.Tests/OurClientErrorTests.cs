using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace L2R.Interop.Tests;

/// <summary>What our client makes of answers that are no gRPC, of a network that fails, and of calls that are given up.</summary>
public sealed class OurClientErrorTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(418, StatusCode.Unknown)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    public async Task Http_errors_become_codes(int http, StatusCode code)
    {
        var failure = await FailAsync(answer =>
        {
            answer.Response.StatusCode = http;
            return Task.CompletedTask;
        });

        Assert.Equal(new Status(code, $"Bad gRPC response. HTTP status code: {http}"), failure.Status);
    }

    [Fact]
    public async Task An_answer_without_status_is_cancelled()
    {
        var failure = await FailAsync(async answer =>
        {
            answer.Response.ContentType = "application/grpc";
            await answer.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 0 }, Cancelled);
        });

        Assert.Equal(new Status(StatusCode.Cancelled, "No grpc-status found on response."), failure.Status);
    }

    [Fact]
    public async Task An_answer_without_message_is_internal()
    {
        var failure = await FailAsync(async answer =>
        {
            answer.Response.ContentType = "application/grpc";
            await answer.Response.StartAsync(Cancelled);
            answer.Response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(new Status(StatusCode.Internal, "Failed to deserialize response message."), failure.Status);
    }

    [Theory]
    [InlineData("text/html", "Bad gRPC response. Invalid content-type value: text/html")]
    [InlineData(null, "Bad gRPC response. Response did not have a content-type header.")]
    public async Task An_answer_of_another_type_is_cancelled(string? contentType, string detail)
    {
        var failure = await FailAsync(answer =>
        {
            answer.Response.ContentType = contentType;
            return Task.CompletedTask;
        });

        Assert.Equal(new Status(StatusCode.Cancelled, detail), failure.Status);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 7, 0, 0, 0, 0 })]
    public async Task Broken_frames_are_internal_errors(byte[] body) => Assert.Equal(StatusCode.Internal, (await FailAsync(body)).StatusCode);

    [Fact]
    public async Task A_message_that_cannot_be_parsed_is_unavailable() =>
        // As with the real package: protobuf's exception is an IOException, and so taken for one of the network.
        Assert.Equal(StatusCode.Unavailable, (await FailAsync([0, 0, 0, 0, 1, 255])).StatusCode);

    [Theory]
    [InlineData(0x0, StatusCode.Internal)] // NO_ERROR
    [InlineData(0x1, StatusCode.Internal)] // PROTOCOL_ERROR
    [InlineData(0x2, StatusCode.Internal)] // INTERNAL_ERROR
    [InlineData(0x7, StatusCode.Unavailable)] // REFUSED_STREAM
    [InlineData(0x8, StatusCode.Cancelled)] // CANCEL
    [InlineData(0xb, StatusCode.ResourceExhausted)] // ENHANCE_YOUR_CALM
    [InlineData(0xc, StatusCode.PermissionDenied)] // INADEQUATE_SECURITY
    public async Task A_reset_of_the_stream_becomes_the_status_of_its_code(int http2, StatusCode code)
    {
        var failure = await FailAsync(answer =>
        {
            answer.Features.GetRequiredFeature<IHttpResetFeature>().Reset(http2);
            return Task.CompletedTask;
        });

        Assert.Equal(code, failure.StatusCode);
    }

    [Fact]
    public async Task The_innermost_http2_error_decides()
    {
        var error = new HttpProtocolException(0x1, "outer", new HttpProtocolException(0xb, "inner", new SocketException()));
        using var channel = GrpcChannel.ForAddress(
            "http://localhost", new GrpcChannelOptions { HttpHandler = new Deaf(Task.FromException<HttpResponseMessage>(error)), DisposeHttpClient = true });

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest(), cancellationToken: Cancelled));

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://{listener.LocalEndpoint}");
        listener.Stop();
        using var channel = GrpcChannel.ForAddress(address);
        var client = new EchoService.EchoServiceClient(channel);

        var unary = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest(), cancellationToken: Cancelled));
        Assert.Equal(StatusCode.Unavailable, unary.StatusCode);
        Assert.IsType<SocketException>(unary.Status.DebugException);

        using var stream = client.Duplex(cancellationToken: Cancelled);
        var write = await Assert.ThrowsAsync<RpcException>(() => stream.RequestStream.WriteAsync(new EchoRequest(), Cancelled));
        Assert.Equal(StatusCode.Unavailable, write.StatusCode);
        var read = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancelled));
        Assert.Equal(StatusCode.Unavailable, read.StatusCode);
        var headers = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseHeadersAsync);
        Assert.Equal(StatusCode.Unavailable, headers.StatusCode);
    }

    [Fact]
    public async Task Status_and_trailers_are_there_only_after_the_end()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address);
        using var call = new EchoService.EchoServiceClient(channel).Duplex(cancellationToken: Cancelled);

        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(call.GetTrailers);

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancelled));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.NotNull(call.GetTrailers());
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoRequest(), Cancelled));
    }

    [Fact]
    public async Task Disposing_the_channel_cancels_its_calls()
    {
        await using var host = await EchoHost.StartAsync();
        var channel = GrpcChannel.ForAddress(host.Address);
        var client = new EchoService.EchoServiceClient(channel);
        using var call = client.UnaryAsync(new EchoRequest { Text = "closing", Hang = true }, new Metadata { { "x-seen", "yes" } }, cancellationToken: Cancelled);
        await call.ResponseHeadersAsync;

        channel.Dispose();

        await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync); // the real client says Internal where it has not begun to read
        Assert.Equal(new Status(StatusCode.Cancelled, "gRPC call disposed."), call.GetStatus());
        await host.Events.WaitForAsync("cancelled closing", Cancelled);
        Assert.Throws<ObjectDisposedException>(() => client.UnaryAsync(new EchoRequest(), cancellationToken: Cancelled));
    }

    [Fact]
    public async Task Cancellation_is_an_OperationCanceledException_where_the_channel_says_so()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { ThrowOperationCanceledOnCancellation = true });
        var client = new EchoService.EchoServiceClient(channel);
        using var cancel = new CancellationTokenSource();
        using var call = client.UnaryAsync(
            new EchoRequest { Text = "b", Hang = true }, new Metadata { { "x-seen", "yes" } }, cancellationToken: cancel.Token);
        await call.ResponseHeadersAsync;

        await cancel.CancelAsync();

        Assert.Equal(cancel.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.ResponseAsync)).CancellationToken);
    }

    [Fact]
    public async Task A_write_under_way_fails_when_the_server_answers_without_reading()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        using var channel = GrpcChannel.ForAddress(
            "http://localhost", new GrpcChannelOptions { HttpHandler = new Deaf(answer.Task), DisposeHttpClient = true });
        using var call = new EchoService.EchoServiceClient(channel).Duplex(cancellationToken: Cancelled);
        var write = call.RequestStream.WriteAsync(new EchoRequest(), Cancelled);
        Assert.False(write.IsCompleted);

        answer.SetResult(new HttpResponseMessage
        {
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([]) { Headers = { { "Content-Type", "application/grpc" } } },
            Headers = { { "grpc-status", "14" } },
        });

        var failure = await Assert.ThrowsAsync<RpcException>(() => write.WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    static Task<RpcException> FailAsync(byte[] body) => FailAsync(async answer =>
    {
        answer.Response.ContentType = "application/grpc";
        await answer.Response.Body.WriteAsync(body, Cancelled);
        answer.Response.AppendTrailer("grpc-status", "0");
    });

    static async Task<RpcException> FailAsync(Func<HttpContext, Task> answer)
    {
        await using var host = await EchoHost.StartAsync(map: app => app.Run(new RequestDelegate(answer)));
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions
        {
            HttpHandler = new Elsewhere { InnerHandler = new SocketsHttpHandler() },
            DisposeHttpClient = true,
        });
        return await Assert.ThrowsAsync<RpcException>(async () =>
            await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest(), cancellationToken: Cancelled));
    }

    /// <summary>A server, as the transport shows it, that answers and never takes the request.</summary>
    sealed class Deaf(Task<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer;
    }

    /// <summary>Sends each request to a path where no gRPC is.</summary>
    sealed class Elsewhere : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(request.RequestUri!, "/elsewhere");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
