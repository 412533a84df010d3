using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace L2R.Interop.Tests;

/// <summary>Stands between a client and a server: counts the bytes, and can go silent the way a lost network does.</summary>
sealed class TcpProxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentBag<Socket> _sockets = [];
    readonly Uri _server;
    readonly Task _accepting;
    long _fromClient;
    long _fromServer;
    volatile TaskCompletionSource _flow = Done();

    public TcpProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public long BytesFromClient => Interlocked.Read(ref _fromClient);

    public long BytesFromServer => Interlocked.Read(ref _fromServer);

    public int Connections { get; private set; }

    /// <summary>Passes nothing on any more, of no connection, and closes none.</summary>
    public void GoSilent() => _flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Recover() => _flow.TrySetResult();

    /// <summary>Closes the connections that there are.</summary>
    public void Cut()
    {
        while (_sockets.TryTake(out var socket))
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(client);
                _sockets.Add(server);
                Connections++;
                await server.ConnectAsync(IPEndPoint.Parse(_server.Authority), _stop.Token);
                _ = PassAsync(client, server, bytes => Interlocked.Add(ref _fromClient, bytes));
                _ = PassAsync(server, client, bytes => Interlocked.Add(ref _fromServer, bytes));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: the only way that this ends.
        }
    }

    async Task PassAsync(Socket from, Socket to, Action<int> count)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                count(read);
                await _flow.Task.WaitAsync(_stop.Token);
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side hung up, or the test is over.
        }
        from.Dispose();
        to.Dispose();
    }
}
