using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L2R.TestSupport;

/// <summary>Stands between a client and a server: counts the bytes, and can go silent the way a lost network does, or away.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentBag<Socket> _sockets = [];
    readonly Uri _server;
    readonly Task _accepting;
    long _fromClient;
    long _fromServer;
    long _silentAfter = long.MaxValue;
    volatile bool _away;
    volatile byte[]? _last;
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

    /// <summary>Goes silent by itself once so many bytes came from the server.</summary>
    public void GoSilentAfter(long bytesFromServer) => Interlocked.Exchange(ref _silentAfter, bytesFromServer);

    public void Recover() => _flow.TrySetResult();

    /// <summary>Closes the connections that there are.</summary>
    public void Cut()
    {
        while (_sockets.TryTake(out var socket))
        {
            socket.Dispose();
        }
    }

    /// <summary>Closes every connection, and each new one at once, as a server that is down.</summary>
    public void Leave()
    {
        _away = true;
        Cut();
    }

    public void Return() => _away = false;

    /// <summary>Closes the connections after the next bytes from a client that have that text: the server gets them, and nobody its answer.</summary>
    public void CutAfter(string text) => _last = Encoding.UTF8.GetBytes(text);

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
                if (_away)
                {
                    client.Dispose();
                    continue;
                }
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(client);
                _sockets.Add(server);
                Connections++;
                await server.ConnectAsync(IPEndPoint.Parse(_server.Authority), _stop.Token);
                _ = PassAsync(client, server, bytes => Interlocked.Add(ref _fromClient, bytes.Length), CutIfLast);
                _ = PassAsync(server, client, CountFromServer, _ => { });
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: the only way that this ends.
        }
    }

    void CountFromServer(ReadOnlyMemory<byte> bytes)
    {
        if (Interlocked.Add(ref _fromServer, bytes.Length) >= Interlocked.Read(ref _silentAfter))
        {
            GoSilent();
        }
    }

    void CutIfLast(ReadOnlyMemory<byte> sent)
    {
        if (_last is { } last && sent.Span.IndexOf(last) >= 0)
        {
            _last = null;
            Cut();
        }
    }

    async Task PassAsync(Socket from, Socket to, Action<ReadOnlyMemory<byte>> count, Action<ReadOnlyMemory<byte>> sentAll)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                count(buffer.AsMemory(0, read));
                await _flow.Task.WaitAsync(_stop.Token);
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
                sentAll(buffer.AsMemory(0, read));
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
