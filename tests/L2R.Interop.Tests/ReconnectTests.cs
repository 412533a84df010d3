using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace L2R.Interop.Tests;

/// <summary>How a channel tries again where its server cannot be reached: on its own, with pauses between, and never at the cost of a call.</summary>
public sealed class ReconnectTests
{
    // Longer than any test, with all its spread.
    static readonly TimeSpan Long = TimeSpan.FromMinutes(3);
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_fail_until_the_pause_is_over_unless_the_channel_is_told_to_connect()
    {
        var port = FreePort();
        using var channel = Open(port, first: Long, most: Long);
        var first = await FailAsync(channel);
        Assert.Equal((StatusCode.Unavailable, "Error connecting to subchannel."), (first.StatusCode, first.Detail));
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(first.DebugException).SocketErrorCode);
        Assert.Equal(ConnectivityState.TransientFailure, channel.State);

        await using var host = await EchoHost.StartAsync(port: port);
        Assert.Same(first.DebugException, (await FailAsync(channel)).DebugException);

        await channel.ConnectAsync(Cancelled).WaitAsync(ServerEvents.Patience, Cancelled);
        Assert.Equal("a", await EchoAsync(channel, "a"));
    }

    [Fact]
    public async Task A_channel_comes_back_without_a_call()
    {
        var port = FreePort();
        using var channel = Open(port, first: Short, most: Short);
        await FailAsync(channel);

        await using var host = await EchoHost.StartAsync(port: port);
        while (channel.State is var state and not ConnectivityState.Ready)
        {
            await channel.WaitForStateChangedAsync(state, Cancelled).WaitAsync(ServerEvents.Patience, Cancelled);
        }

        Assert.Equal("a", await EchoAsync(channel, "a"));
    }

    [Fact]
    public async Task A_server_that_went_away_is_waited_for_with_pauses_too()
    {
        var port = FreePort();
        using var channel = Open(port, first: Long, most: Long);
        await using (await EchoHost.StartAsync(port: port))
        {
            Assert.Equal("a", await EchoAsync(channel, "a"));
        }
        while (channel.State is var state and ConnectivityState.Ready)
        {
            await channel.WaitForStateChangedAsync(state, Cancelled).WaitAsync(ServerEvents.Patience, Cancelled);
        }
        Assert.Equal(ConnectivityState.Idle, channel.State);

        var failure = await FailAsync(channel);
        await using var host = await EchoHost.StartAsync(port: port);
        Assert.Same(failure.DebugException, (await FailAsync(channel)).DebugException);

        await channel.ConnectAsync(Cancelled).WaitAsync(ServerEvents.Patience, Cancelled);
        Assert.Equal("b", await EchoAsync(channel, "b"));
    }

    [Fact]
    public async Task The_pauses_grow_up_to_their_limit()
    {
        var port = FreePort();
        using var steady = Open(port, first: Short, most: Short);
        using var growing = Open(port, first: Short, most: null);
        var attempts = (Steady: new HashSet<Exception>(), Growing: new HashSet<Exception>());
        var start = TimeProvider.System.GetTimestamp();

        while (attempts.Steady.Count < 100)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1), $"{attempts.Steady.Count} attempts in a minute");
            attempts.Steady.Add((await FailAsync(steady)).DebugException!);
            attempts.Growing.Add((await FailAsync(growing)).DebugException!);
        }

        // The thirtieth would come after twenty minutes.
        Assert.InRange(attempts.Growing.Count, 2, 30);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_tried_again_by_the_next_call()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        await using var full = await Crowd.FillAsync((IPEndPoint)listener.LocalEndPoint!, Cancelled);
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndPoint}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromMilliseconds(100) },
            DisposeHttpClient = true,
            InitialReconnectBackoff = Long,
        });

        var first = await FailAsync(channel);
        Assert.Equal(StatusCode.Unavailable, first.StatusCode);
        Assert.IsType<TimeoutException>(first.DebugException);
        Assert.NotSame(first.DebugException, (await FailAsync(channel)).DebugException);
    }

    [Fact]
    public void Pauses_that_make_no_sense_are_refused()
    {
        var options = new GrpcChannelOptions();
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(120)), (options.InitialReconnectBackoff, options.MaxReconnectBackoff));

        Assert.Throws<ArgumentException>(() => options.InitialReconnectBackoff = TimeSpan.Zero);
        Assert.Throws<ArgumentException>(() => options.MaxReconnectBackoff = TimeSpan.Zero);
        options.MaxReconnectBackoff = null;
    }

    static GrpcChannel Open(int port, TimeSpan first, TimeSpan? most) => GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new GrpcChannelOptions
    {
        InitialReconnectBackoff = first,
        MaxReconnectBackoff = most,
    });

    static async Task<Status> FailAsync(GrpcChannel channel) =>
        (await Assert.ThrowsAsync<RpcException>(() => EchoAsync(channel, ""))).Status;

    static async Task<string> EchoAsync(GrpcChannel channel, string text) =>
        (await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { Text = text }, cancellationToken: Cancelled)).Text;

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Connections that wait to be accepted, so many that the next one gets no answer.</summary>
    sealed class Crowd : IAsyncDisposable
    {
        readonly List<Socket> _waiting = [];

        public static async Task<Crowd> FillAsync(IPEndPoint server, CancellationToken cancellationToken)
        {
            var crowd = new Crowd();
            while (true)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                crowd._waiting.Add(socket);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(TimeSpan.FromMilliseconds(500));
                try
                {
                    await socket.ConnectAsync(server, patience.Token);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    return crowd;
                }
            }
        }

        public ValueTask DisposeAsync()
        {
            _waiting.ForEach(socket => socket.Dispose());
            return ValueTask.CompletedTask;
        }
    }
}
