using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace L2R.Interop.Tests;

/// <summary>What our client does with any server.</summary>
public abstract partial class OurClientTests : IDisposable
{
    const int Mebibyte = 1024 * 1024;

    readonly IEchoPeer _peer;
    readonly GrpcChannel _channel;
    readonly EchoService.EchoServiceClient _client;

    protected OurClientTests(IEchoPeer peer)
    {
        _peer = peer;
        _channel = GrpcChannel.ForAddress(peer.Address);
        _client = new EchoService.EchoServiceClient(_channel);
    }

    public static TheoryData<StatusCode> Failures => [.. Enumerable.Range(1, 16).Select(code => (StatusCode)code)];

    protected EchoService.EchoServiceClient Client => _client;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unary_calls_are_answered()
    {
        using var call = _client.UnaryAsync(new EchoRequest { Text = "a" }, cancellationToken: Cancelled);

        Assert.Equal(new EchoReply { Text = "a" }, await call);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal(new EchoReply { Text = "b" }, _client.Unary(new EchoRequest { Text = "b" }, cancellationToken: Cancelled));
    }

    [Fact]
    public async Task Client_streams_are_answered()
    {
        using var call = _client.ClientStream(cancellationToken: Cancelled);
        foreach (var text in new[] { "a", "b", "c" })
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = text }, Cancelled);
        }
        await call.RequestStream.CompleteAsync();

        Assert.Equal(new EchoReply { Text = "abc" }, await call);
    }

    [Fact]
    public async Task Server_streams_are_read_to_their_end()
    {
        using var call = _client.ServerStream(new EchoRequest { Text = "a", Replies = 3 }, cancellationToken: Cancelled);

        Assert.Equal(["a0", "a1", "a2"], await TextsOf(call.ResponseStream));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.False(await call.ResponseStream.MoveNext(Cancelled));
    }

    [Fact]
    public async Task Empty_server_streams_end_well()
    {
        using var call = _client.ServerStream(new EchoRequest { Replies = 0 }, cancellationToken: Cancelled);

        Assert.Empty(await TextsOf(call.ResponseStream));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Duplex_calls_answer_each_message_at_once()
    {
        using var call = _client.Duplex(cancellationToken: Cancelled);
        foreach (var text in new[] { "a", "b", "c" })
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = text }, Cancelled);
            Assert.True(await call.ResponseStream.MoveNext(Cancelled));
            Assert.Equal(text, call.ResponseStream.Current.Text);
        }
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext(Cancelled));
    }

    [Fact]
    public async Task Headers_arrive_before_the_first_message_of_either_side()
    {
        using var call = _client.Duplex(new Metadata { { "x-text", "early" } }, cancellationToken: Cancelled);

        var headers = await call.ResponseHeadersAsync;

        Assert.Equal("early", headers.GetValue("x-text"));
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancelled));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Each_status_arrives_with_its_detail(StatusCode code)
    {
        var request = new EchoRequest { Text = "a", Replies = 1, Code = (int)code, Detail = $"detail of {code}" };
        var expected = new Status(code, $"detail of {code}");

        using var unary = _client.UnaryAsync(request, cancellationToken: Cancelled);
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(async () => await unary)).Status);
        Assert.Equal(expected, unary.GetStatus());

        using var clientStream = _client.ClientStream(cancellationToken: Cancelled);
        await clientStream.RequestStream.WriteAsync(request, Cancelled);
        await clientStream.RequestStream.CompleteAsync();
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(async () => await clientStream)).Status);

        using var serverStream = _client.ServerStream(request, cancellationToken: Cancelled);
        Assert.True(await serverStream.ResponseStream.MoveNext(Cancelled));
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => serverStream.ResponseStream.MoveNext(Cancelled))).Status);
        Assert.Equal(expected, serverStream.GetStatus());

        using var duplex = _client.Duplex(cancellationToken: Cancelled);
        await duplex.RequestStream.WriteAsync(request, Cancelled);
        await duplex.RequestStream.CompleteAsync();
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => duplex.ResponseStream.MoveNext(Cancelled))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("100% naïve, 漢字 and 🦀")]
    [InlineData("two\r\nlines\tand a tab")]
    public async Task Any_text_survives_as_detail(string detail)
    {
        var failure = await FailAsync(_client.UnaryAsync(new EchoRequest { Code = 9, Detail = detail }, cancellationToken: Cancelled));

        Assert.Equal(new Status(StatusCode.FailedPrecondition, detail), failure.Status);
    }

    [Fact]
    public async Task Status_details_arrive_as_binary_trailer()
    {
        byte[] details = [0, 1, 2, 253, 254];
        var request = new EchoRequest { Code = 3, Replies = 1, Details = ByteString.CopyFrom(details) };

        var failure = await FailAsync(_client.UnaryAsync(request, cancellationToken: Cancelled));
        Assert.Equal(details, failure.Trailers.GetValueBytes("grpc-status-details-bin"));

        using var stream = _client.ServerStream(request, cancellationToken: Cancelled);
        failure = await Assert.ThrowsAsync<RpcException>(() => TextsOf(stream.ResponseStream));
        Assert.Equal(details, failure.Trailers.GetValueBytes("grpc-status-details-bin"));
    }

    [Fact]
    public async Task Metadata_comes_back_as_headers_and_trailers()
    {
        var sent = new Metadata
        {
            { "x-text", "some text; with, signs" }, { "x-1-bin", [0] }, { "x-2-bin", [0, 1] }, { "x-3-bin", [0, 1, 2] },
        };
        using var call = _client.UnaryAsync(new EchoRequest(), sent, cancellationToken: Cancelled);
        await call;

        foreach (var (prefix, received) in new[] { ("", await call.ResponseHeadersAsync), ("t-", call.GetTrailers()) })
        {
            Assert.Equal("some text; with, signs", received.GetValue($"{prefix}x-text"));
            Assert.Equal([0], received.GetValueBytes($"{prefix}x-1-bin"));
            Assert.Equal([0, 1], received.GetValueBytes($"{prefix}x-2-bin"));
            Assert.Equal([0, 1, 2], received.GetValueBytes($"{prefix}x-3-bin"));
        }
    }

    [Fact]
    public async Task Mebibytes_go_both_ways()
    {
        var request = new EchoRequest { Text = "big", Payload = ByteString.CopyFrom(new byte[Mebibyte]), ReplySize = Mebibyte };
        var expected = new EchoReply { Text = "big", Payload = request.Payload };

        Assert.Equal(expected, await _client.UnaryAsync(request, cancellationToken: Cancelled));

        using var duplex = _client.Duplex(cancellationToken: Cancelled);
        for (var i = 0; i < 3; i++)
        {
            await duplex.RequestStream.WriteAsync(request, Cancelled);
            Assert.True(await duplex.ResponseStream.MoveNext(Cancelled));
            Assert.Equal(expected, duplex.ResponseStream.Current);
        }
    }

    [Fact]
    public async Task Replies_over_the_limit_are_refused()
    {
        var request = new EchoRequest { ReplySize = 4 * Mebibyte, Replies = 1 };
        var expected = new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.");

        Assert.Equal(expected, (await FailAsync(_client.UnaryAsync(request, cancellationToken: Cancelled))).Status);

        using var stream = _client.ServerStream(request, cancellationToken: Cancelled);
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancelled))).Status);
    }

    [Fact]
    public async Task Requests_over_the_limit_are_not_sent()
    {
        using var channel = GrpcChannel.ForAddress(_peer.Address, new GrpcChannelOptions { MaxSendMessageSize = 1000 });
        var client = new EchoService.EchoServiceClient(channel);
        var request = new EchoRequest { Payload = ByteString.CopyFrom(new byte[1000]) };
        var expected = new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size.");

        Assert.Equal(expected, (await FailAsync(client.UnaryAsync(request, cancellationToken: Cancelled))).Status);

        using var stream = client.Duplex(cancellationToken: Cancelled);
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => stream.RequestStream.WriteAsync(request, Cancelled))).Status);
    }

    [Fact]
    public async Task Requests_over_the_servers_limit_are_refused()
    {
        var request = new EchoRequest { Payload = ByteString.CopyFrom(new byte[4 * Mebibyte]) };

        Assert.Equal(StatusCode.ResourceExhausted, (await FailAsync(_client.UnaryAsync(request, cancellationToken: Cancelled))).StatusCode);
    }

    [Fact]
    public async Task Unknown_methods_are_unimplemented()
    {
        var failure = await FailAsync(_client.MissingAsync(new EchoRequest(), cancellationToken: Cancelled));

        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
    }

    [Fact]
    public async Task Three_hundred_calls_at_once_get_each_its_own_reply()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
            (await _client.UnaryAsync(new EchoRequest { Text = $"{number}", ReplySize = 1000 }, cancellationToken: Cancelled)).Text));

        Assert.Equal(Enumerable.Range(0, 300).Select(number => $"{number}"), replies);
    }

    public void Dispose()
    {
        _channel.Dispose();
        GC.SuppressFinalize(this);
    }

    static async Task<RpcException> FailAsync(AsyncUnaryCall<EchoReply> call) => await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

    static async Task<List<string>> TextsOf(IAsyncStreamReader<EchoReply> replies)
    {
        var texts = new List<string>();
        await foreach (var reply in replies.ReadAllAsync(Cancelled))
        {
            texts.Add(reply.Text);
        }
        return texts;
    }
}
