using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using L2R.TestSupport;

namespace L2R.Interop.Tests;

/// <summary>What a channel does while its server is not there, goes away, or comes back.</summary>
public sealed class ConnectivityTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_waits_is_answered_when_the_server_comes_and_another_fails_at_once()
    {
        var port = FreePort();
        using var channel = Open(new Uri($"http://127.0.0.1:{port}"));
        var client = new EchoService.EchoServiceClient(channel);
        var options = new CallOptions(cancellationToken: Cancelled);

        using var waiting = client.UnaryAsync(new EchoRequest { Text = "a" }, options.WithWaitForReady());
        using var stream = client.ServerStream(new EchoRequest { Text = "b", Replies = 1 }, options.WithWaitForReady());
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest(), options));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.False(waiting.ResponseAsync.IsCompleted);

        await using var host = await StartAtAsync(port);
        Assert.Equal("a", (await waiting).Text);
        Assert.True(await stream.ResponseStream.MoveNext(Cancelled));
    }

    [Theory]
    [InlineData("server.js")]
    [InlineData("server.py")]
    public async Task A_server_of_another_house_is_waited_for_when_it_comes_and_when_it_comes_back(string script)
    {
        var port = FreePort();
        using var channel = Open(new Uri($"http://127.0.0.1:{port}"));
        var client = new EchoService.EchoServiceClient(channel);
        var options = new CallOptions(cancellationToken: Cancelled);

        foreach (var text in new[] { "first", "second" })
        {
            using var waiting = client.UnaryAsync(new EchoRequest { Text = text }, options.WithWaitForReady());
            var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest(), options));
            Assert.Equal(StatusCode.Unavailable, failure.StatusCode);

            await using (PeerProcess.Start(script, ("ECHO_PORT", $"{port}")))
            {
                Assert.Equal(text, (await waiting.ResponseAsync.WaitAsync(ServerEvents.Patience, Cancelled)).Text);
            }
            if (channel.State == ConnectivityState.Ready)
            {
                await channel.WaitForStateChangedAsync(ConnectivityState.Ready, Cancelled).WaitAsync(ServerEvents.Patience, Cancelled);
            }
        }
    }

    [Fact]
    public async Task A_call_that_waits_keeps_its_deadline()
    {
        using var channel = Open(new Uri($"http://127.0.0.1:{FreePort()}"));
        var options = new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1), cancellationToken: Cancelled);

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest(), options.WithWaitForReady()));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task A_channel_connects_when_told_to_and_says_how_it_is()
    {
        await using var host = await EchoHost.StartAsync();
        await using var proxy = new TcpProxy(host.Address);
        var channel = Open(proxy.Address);
        Assert.Equal(ConnectivityState.Idle, channel.State);

        await channel.ConnectAsync(Cancelled);
        Assert.Equal(ConnectivityState.Ready, channel.State);

        Assert.Equal("a", (await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { Text = "a" }, cancellationToken: Cancelled)).Text);
        Assert.Equal(1, proxy.Connections); // the one that it had opened

        var leaves = channel.WaitForStateChangedAsync(ConnectivityState.Ready, Cancelled);
        proxy.Cut();
        await leaves.WaitAsync(ServerEvents.Patience, Cancelled);

        channel.Dispose();
        Assert.Equal(ConnectivityState.Shutdown, channel.State);
    }

    [Fact]
    public async Task A_channel_goes_on_trying_to_connect()
    {
        var port = FreePort();
        using var channel = Open(new Uri($"http://127.0.0.1:{port}"));
        var connecting = channel.ConnectAsync(Cancelled);
        while (channel.State is var state and not ConnectivityState.TransientFailure)
        {
            await channel.WaitForStateChangedAsync(state, Cancelled);
        }
        Assert.False(connecting.IsCompleted);

        await using var host = await StartAtAsync(port);
        await connecting;

        Assert.Equal(ConnectivityState.Ready, channel.State);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled()
    {
        using var channel = Open(new Uri($"http://127.0.0.1:{FreePort()}"));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var connecting = channel.ConnectAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public void A_channel_on_a_transport_of_ones_own_does_not_know_how_it_is()
    {
        using var client = new HttpClient();
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpClient = client });

        Assert.Throws<InvalidOperationException>(() => channel.State);
    }

    [Fact]
    public async Task Calls_after_a_lost_connection_go_over_a_new_one()
    {
        await using var host = await EchoHost.StartAsync();
        await using var proxy = new TcpProxy(host.Address);
        using var channel = Open(proxy.Address);
        var client = new EchoService.EchoServiceClient(channel);
        using var broken = client.Duplex(cancellationToken: Cancelled);
        await broken.RequestStream.WriteAsync(new EchoRequest { Text = "a" }, Cancelled);
        Assert.True(await broken.ResponseStream.MoveNext(Cancelled));

        proxy.Cut();

        var failure = await Assert.ThrowsAsync<RpcException>(() => broken.ResponseStream.MoveNext(Cancelled));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal("b", (await client.UnaryAsync(new EchoRequest { Text = "b" }, cancellationToken: Cancelled)).Text);
        Assert.Equal(2, proxy.Connections);
    }

    [Fact]
    public async Task Keep_alive_pings_notice_a_silent_network()
    {
        await using var host = await EchoHost.StartAsync();
        await using var proxy = new TcpProxy(host.Address);
        using var channel = GrpcChannel.ForAddress(proxy.Address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                KeepAlivePingDelay = TimeSpan.FromSeconds(1),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
                EnableMultipleHttp2Connections = true,
            },
            DisposeHttpClient = true,
        });
        var client = new EchoService.EchoServiceClient(channel);
        using var call = client.UnaryAsync(new EchoRequest { Text = "silent", Hang = true }, cancellationToken: Cancelled);
        await host.Events.WaitForAsync("hanging silent", Cancelled);

        proxy.GoSilent();

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseAsync.WaitAsync(ServerEvents.Patience, Cancelled));
        // By gRPC's rules UNAVAILABLE; but HttpClient makes it an HTTP/2 protocol error, and the real package maps those by their code.
        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        proxy.Recover();
        Assert.Equal("b", (await client.UnaryAsync(new EchoRequest { Text = "b" }, cancellationToken: Cancelled)).Text);
    }

    static GrpcChannel Open(Uri address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
        MaxReconnectBackoff = TimeSpan.FromMilliseconds(100),
    });

    static Task<EchoHost> StartAtAsync(int port) => EchoHost.StartAsync(port: port);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
