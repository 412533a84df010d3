using System.Net;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>The connections of a channel to its server: opens them for the transport, and knows how they are.</summary>
sealed class Connections : IDisposable
{
    readonly Lock _lock = new();
    readonly CancellationTokenSource _disposed = new();
    readonly DnsEndPoint _server;
    readonly TimeSpan _initialBackoff;
    readonly TimeSpan _maxBackoff;
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ConnectivityState _state = ConnectivityState.Idle;
    Socket? _spare;
    Task? _connecting;
    int _open;
    int _dialling;
    bool _hasFailed;

    Connections(Uri address, GrpcChannelOptions options)
    {
        _server = new DnsEndPoint(address.IdnHost, address.Port);
        _initialBackoff = options.InitialReconnectBackoff;
        _maxBackoff = options.MaxReconnectBackoff ?? TimeSpan.MaxValue;
    }

    public ConnectivityState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <returns>Null where the transport opens its connections in a way of its own.</returns>
    public static Connections? Of(HttpMessageHandler? handler, Uri address, GrpcChannelOptions options)
    {
        while (handler is DelegatingHandler outer)
        {
            handler = outer.InnerHandler;
        }
        if (handler is not SocketsHttpHandler { ConnectCallback: null } sockets)
        {
            return null;
        }
        var connections = new Connections(address, options);
        try
        {
            sockets.ConnectCallback = connections.OpenAsync;
            return connections;
        }
        catch (InvalidOperationException)
        {
            return null; // it is in use already, and nothing else tells
        }
    }

    /// <summary>Done when there is a connection. Until then it is tried again and again, once for all who wait.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, typeof(GrpcChannel));
                if (_state == ConnectivityState.Ready)
                {
                    return;
                }
                if (_connecting is null or { IsCompleted: true })
                {
                    _connecting = ConnectAsync();
                }
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    public Task WaitForChangeAsync(ConnectivityState last, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _state == last ? _changed.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
        }
    }

    public void Dispose()
    {
        _disposed.Cancel();
        lock (_lock)
        {
            _spare?.Dispose();
            _spare = null;
            Update();
        }
    }

    async Task ConnectAsync()
    {
        var backoff = _initialBackoff;
        while (State != ConnectivityState.Ready && !_disposed.IsCancellationRequested)
        {
            try
            {
                Keep(await DialAsync(_server, _disposed.Token));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The state tells. Not all clients of a server that comes back come at once.
                var wait = backoff * (0.8 + 0.4 * Random.Shared.NextDouble());
                await Task.Delay(wait, TimeProvider.System, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = backoff * 1.6 < _maxBackoff ? backoff * 1.6 : _maxBackoff;
            }
        }
    }

    async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = context.DnsEndPoint.Equals(_server) ? TakeSpare() : null;
        return new Connection(this, socket ?? await DialAsync(context.DnsEndPoint, cancellationToken));
    }

    async Task<Socket> DialAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        Change(() => _dialling++);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            Change(() => (_dialling, _open, _hasFailed) = (_dialling - 1, _open + 1, false));
            return socket;
        }
        catch
        {
            socket.Dispose();
            Change(() => (_dialling, _hasFailed) = (_dialling - 1, true));
            throw;
        }
    }

    void Keep(Socket socket)
    {
        lock (_lock)
        {
            if (_spare is null && !_disposed.IsCancellationRequested)
            {
                _spare = socket;
                return;
            }
        }
        socket.Dispose();
        OnClosed();
    }

    /// <returns>A connection that was opened ahead; null where there is none, or the server has closed it meanwhile.</returns>
    Socket? TakeSpare()
    {
        Socket? spare;
        lock (_lock)
        {
            (spare, _spare) = (_spare, null);
        }
        if (spare is null || !spare.Poll(TimeSpan.Zero, SelectMode.SelectRead) || spare.Available > 0)
        {
            return spare;
        }
        spare.Dispose();
        OnClosed();
        return null;
    }

    void OnClosed() => Change(() => _open--);

    void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Update();
        }
    }

    void Update()
    {
        var state = _disposed.IsCancellationRequested ? ConnectivityState.Shutdown
            : _open > 0 ? ConnectivityState.Ready
            : _dialling > 0 ? ConnectivityState.Connecting
            : _hasFailed ? ConnectivityState.TransientFailure
            : ConnectivityState.Idle;
        if (state != _state)
        {
            _state = state;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    sealed class Connection(Connections connections, Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        int _isClosed;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
            {
                connections.OnClosed();
            }
        }
    }
}
