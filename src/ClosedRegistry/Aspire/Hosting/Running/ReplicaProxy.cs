using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Running;

/// <summary>Listens where a resource is reached, and hands each connection to the next of its replicas that takes it.</summary>
/// <remarks>It passes bytes on and reads none, so HTTP/2 in plain text goes through; one connection with all its calls is with one replica.</remarks>
/// <param name="port">Of the loopback interface.</param>
/// <param name="targets">The ports of the replicas.</param>
sealed class ReplicaProxy(int port, IReadOnlyList<int> targets) : IAsyncDisposable
{
    const int Backlog = 512;

    readonly Socket _listener = Listen(port);
    readonly CancellationTokenSource _end = new();
    Task _accepting = Task.CompletedTask;
    uint _turn;

    public void Start() => _accepting = AcceptAsync();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_end.Token);
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(ForwardAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections); // they end with the same token
        }
    }

    async Task ForwardAsync(Socket client)
    {
        using (client)
        {
            using var server = await ConnectAsync();
            if (server is null)
            {
                return; // nobody is there: the caller sees a connection that ends at once
            }
            client.NoDelay = true;
            using var both = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            await Task.WhenAll(PumpAsync(client, server, both), PumpAsync(server, client, both));
        }
    }

    async Task<Socket?> ConnectAsync()
    {
        var first = Interlocked.Increment(ref _turn);
        for (uint tried = 0; tried < targets.Count; tried++)
        {
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, targets[(int)((first + tried) % (uint)targets.Count)]), _end.Token);
                return server;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                server.Dispose(); // not up, or down again: the next one
            }
        }
        return null;
    }

    /// <summary>Until one side has said all; a broken connection ends both ways.</summary>
    static async Task PumpAsync(Socket from, Socket to, CancellationTokenSource both)
    {
        try
        {
            using var source = new NetworkStream(from);
            using var target = new NetworkStream(to);
            await source.CopyToAsync(target, both.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            await both.CancelAsync();
        }
    }

    static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(Backlog);
        return listener;
    }
}
