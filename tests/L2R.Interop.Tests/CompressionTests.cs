using System.IO.Compression;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using L2R.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace L2R.Interop.Tests;

public sealed class CompressionAgainstGrpcJs(GrpcJsServer peer) : CompressionTests(peer), IClassFixture<GrpcJsServer>;

public sealed class CompressionAgainstGrpcio(GrpcioServer peer) : CompressionTests(peer), IClassFixture<GrpcioServer>
{
    [Fact]
    public async Task Gzipped_replies_are_read()
    {
        await using var proxy = new TcpProxy(Peer.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);

        var reply = await new EchoService.EchoServiceClient(channel).UnaryAsync(
            new EchoRequest { Text = "a", ReplySize = Size }, cancellationToken: Cancelled);

        Assert.Equal(("a", Size), (reply.Text, reply.Payload.Length));
        Assert.InRange(proxy.BytesFromServer, 1, Size / 10);
    }
}

public sealed class CompressionAgainstOurServer(OurServer peer) : CompressionTests(peer), IClassFixture<OurServer>;

/// <summary>What our client compresses.</summary>
public abstract class CompressionTests(IEchoPeer peer)
{
    /// <summary>In bytes, of zeros: a thousandth when compressed.</summary>
    protected const int Size = 1024 * 1024;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected IEchoPeer Peer => peer;

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Each_kind_of_call_compresses_its_requests_when_asked_to(string encoding)
    {
        await using var proxy = new TcpProxy(peer.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var client = new EchoService.EchoServiceClient(channel);
        var headers = new Metadata { { "grpc-internal-encoding-request", encoding } };
        var request = new EchoRequest { Text = "a", Payload = ByteString.CopyFrom(new byte[Size]), Replies = 1 };

        Assert.Equal("a", (await client.UnaryAsync(request, headers, cancellationToken: Cancelled)).Text);

        using var serverStream = client.ServerStream(request, headers, cancellationToken: Cancelled);
        Assert.True(await serverStream.ResponseStream.MoveNext(Cancelled));
        Assert.Equal("a0", serverStream.ResponseStream.Current.Text);

        using var duplex = client.Duplex(headers, cancellationToken: Cancelled);
        await duplex.RequestStream.WriteAsync(request, Cancelled);
        Assert.True(await duplex.ResponseStream.MoveNext(Cancelled));
        Assert.Equal("a", duplex.ResponseStream.Current.Text);

        Assert.InRange(proxy.BytesFromClient, 1, Size / 10);
    }

    [Fact]
    public async Task A_message_that_asks_not_to_be_compressed_is_not()
    {
        await using var proxy = new TcpProxy(peer.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var client = new EchoService.EchoServiceClient(channel);
        var headers = new Metadata { { "grpc-internal-encoding-request", "gzip" } };
        var request = new EchoRequest { Text = "a", Payload = ByteString.CopyFrom(new byte[Size]) };
        var plain = new WriteOptions(WriteFlags.NoCompress);

        var options = new CallOptions(headers, cancellationToken: Cancelled, writeOptions: plain);
        Assert.Equal("a", (await client.UnaryAsync(request, options)).Text);
        Assert.InRange(proxy.BytesFromClient, Size, 2 * Size);

        using var duplex = client.Duplex(headers, cancellationToken: Cancelled);
        foreach (var write in new[] { plain, WriteOptions.Default })
        {
            duplex.RequestStream.WriteOptions = write;
            await duplex.RequestStream.WriteAsync(request, Cancelled);
            Assert.True(await duplex.ResponseStream.MoveNext(Cancelled));
        }
        Assert.InRange(proxy.BytesFromClient, 2 * Size, 3 * Size);
    }

    [Fact]
    public async Task An_encoding_without_provider_fails_the_call()
    {
        using var channel = GrpcChannel.ForAddress(peer.Address, new GrpcChannelOptions { CompressionProviders = [] });
        var client = new EchoService.EchoServiceClient(channel);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(
            new EchoRequest(), new Metadata { { "grpc-internal-encoding-request", "gzip" } }, cancellationToken: Cancelled));

        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.Contains("Could not find compression provider for 'gzip'.", failure.Status.Detail, StringComparison.Ordinal);
    }
}

/// <summary>What our server compresses, read by @grpc/grpc-js and by our client.</summary>
public sealed class ResponseCompressionTests
{
    const int Size = 1024 * 1024;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Each_kind_of_call_compresses_its_replies_where_the_server_says_so(string encoding)
    {
        await using var host = await EchoHost.StartAsync(builder => builder.Services.AddGrpc(options =>
        {
            options.ResponseCompressionAlgorithm = encoding;
            options.ResponseCompressionLevel = CompressionLevel.Optimal;
        }));
        await using var proxy = new TcpProxy(host.Address);
        foreach (var script in new[] { "client.js", "client.py" })
        {
            await using var peer = PeerProcess.Start(script);
            foreach (var method in new[] { "Unary", "ClientStream", "ServerStream", "Duplex" })
            {
                var result = await new RunningCall(
                    peer, proxy.Address.Authority, method, new() { Method = method, Requests = [new { text = "a", replies = 1, reply_size = Size }] }).Result;

                Assert.Equal((0, ""), (result.Code, result.Detail));
                Assert.Equal([Size], result.Replies.Select(reply => reply.Size));
            }
        }
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var reply = await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { ReplySize = Size }, cancellationToken: Cancelled);

        Assert.Equal(Size, reply.Payload.Length);
        Assert.InRange(proxy.BytesFromServer, 1, Size);
    }

    [Fact]
    public async Task A_handler_may_ask_for_compression_and_for_none()
    {
        await using var host = await EchoHost.StartAsync<Choosing>();
        await using var proxy = new TcpProxy(host.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var client = new EchoService.EchoServiceClient(channel);

        Assert.Equal(Size, (await client.UnaryAsync(new EchoRequest { Text = "compress" }, cancellationToken: Cancelled)).Payload.Length);
        Assert.InRange(proxy.BytesFromServer, 1, Size / 10);

        Assert.Equal(Size, (await client.UnaryAsync(new EchoRequest { Text = "do not" }, cancellationToken: Cancelled)).Payload.Length);
        Assert.InRange(proxy.BytesFromServer, Size, 2 * Size);
    }

    [Fact]
    public async Task A_caller_that_does_not_accept_the_encoding_gets_plain_replies()
    {
        await using var host = await EchoHost.StartAsync(builder => builder.Services.AddGrpc(options => options.ResponseCompressionAlgorithm = "gzip"));
        await using var proxy = new TcpProxy(host.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address, new GrpcChannelOptions { CompressionProviders = [] });

        var reply = await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { ReplySize = Size }, cancellationToken: Cancelled);

        Assert.Equal(Size, reply.Payload.Length);
        Assert.InRange(proxy.BytesFromServer, Size, 2 * Size);
    }

    [Fact]
    public async Task A_provider_of_ones_own_works_both_ways()
    {
        await using var host = await EchoHost.StartAsync(builder => builder.Services.AddGrpc(options =>
        {
            options.CompressionProviders.Add(new Brotli());
            options.ResponseCompressionAlgorithm = "br";
        }));
        await using var proxy = new TcpProxy(host.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address, new GrpcChannelOptions { CompressionProviders = [new Brotli()] });
        var request = new EchoRequest { Payload = ByteString.CopyFrom(new byte[Size]), ReplySize = Size };

        var reply = await new EchoService.EchoServiceClient(channel).UnaryAsync(
            request, new Metadata { { "grpc-internal-encoding-request", "br" } }, cancellationToken: Cancelled);

        Assert.Equal(Size, reply.Payload.Length);
        Assert.InRange(proxy.BytesFromClient + proxy.BytesFromServer, 1, Size / 10);
    }

    [Fact]
    public async Task An_encoding_that_the_server_does_not_know_is_unimplemented_and_the_known_ones_are_named()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { CompressionProviders = [new Brotli()] });

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await new EchoService.EchoServiceClient(channel).UnaryAsync(
            new EchoRequest(), new Metadata { { "grpc-internal-encoding-request", "br" } }, cancellationToken: Cancelled));

        Assert.Equal(
            new Status(StatusCode.Unimplemented, "Unsupported grpc-encoding value 'br'. Supported encodings: identity, gzip, deflate"), failure.Status);
    }

    [Fact]
    public async Task An_algorithm_without_provider_stops_the_start()
    {
        var failure = await Assert.ThrowsAnyAsync<InvalidOperationException>(() =>
            EchoHost.StartAsync(builder => builder.Services.AddGrpc(options => options.ResponseCompressionAlgorithm = "none such")));

        Assert.Equal(
            "The configured response compression algorithm 'none such' does not have a matching compression provider.", failure.GetBaseException().Message);
    }

    sealed class Choosing : EchoService.EchoServiceBase
    {
        public override async Task<EchoReply> Unary(EchoRequest request, ServerCallContext context)
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
            context.WriteOptions = new WriteOptions(request.Text == "compress" ? default : WriteFlags.NoCompress);
            return new EchoReply { Payload = ByteString.CopyFrom(new byte[Size]) };
        }
    }

    sealed class Brotli : ICompressionProvider
    {
        public string EncodingName => "br";

        public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
            new BrotliStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

        public Stream CreateDecompressionStream(Stream stream) => new BrotliStream(stream, CompressionMode.Decompress, leaveOpen: true);
    }
}
