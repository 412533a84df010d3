using System.Net;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>The connections of a channel to its server: opens them for the transport, and knows how they are.</summary>
/// <remarks>
/// A call goes to the transport only while there is a connection. Where there is none it asks for one and waits. Where the server cannot be
/// reached, calls fail at once with the reason, and one attempt after the other is made behind their backs, with growing pauses.
/// </remarks>
sealed class Connections : IDisposable
{
    const double Growth = 1.6;
    const double Spread = 0.2; // not all clients of a server that comes back come at once

    // As the real client has it: pauses are counted in ticks, and an int holds no more.
    static readonly TimeSpan LongestPause = TimeSpan.FromTicks(int.MaxValue);

    readonly Lock _lock = new();
    readonly CancellationTokenSource _disposed = new();
    readonly DnsEndPoint _server;
    readonly TimeSpan _timeout;
    readonly TimeSpan _firstPause;
    readonly TimeSpan _maxPause;
    volatile Condition _now = new(ConnectivityState.Idle);
    TaskCompletionSource? _hurry;
    Socket? _spare;
    int _open;

    Connections(Uri address, TimeSpan timeout, GrpcChannelOptions options)
    {
        _server = new DnsEndPoint(address.IdnHost, address.Port);
        _timeout = timeout;
        _firstPause = Shorter(options.InitialReconnectBackoff, LongestPause);
        _maxPause = Shorter(options.MaxReconnectBackoff ?? LongestPause, LongestPause);
    }

    public ConnectivityState State => _now.State;

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
        var connections = new Connections(address, sockets.ConnectTimeout, options);
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

    /// <summary>Done when there is a connection.</summary>
    /// <param name="patient">Whether to wait on where the server cannot be reached.</param>
    /// <exception cref="RpcException">The server cannot be reached, and the call does not wait.</exception>
    public Task AdmitAsync(bool patient, CancellationToken cancellationToken) =>
        _now.State == ConnectivityState.Ready ? Task.CompletedTask : WaitAsync(patient, cancellationToken);

    /// <summary>Done when there is a connection. Tries to get one at once, even where a pause is not over.</summary>
    public Task ConnectAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _hurry?.TrySetResult();
        }
        return AdmitAsync(patient: true, cancellationToken);
    }

    public Task WaitForChangeAsync(ConnectivityState last, CancellationToken cancellationToken) =>
        _now is var now && now.State == last ? now.Next.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    public void Dispose()
    {
        _disposed.Cancel();
        lock (_lock)
        {
            Become(ConnectivityState.Shutdown);
            _spare?.Dispose();
            _spare = null;
        }
    }

    async Task WaitAsync(bool patient, CancellationToken cancellationToken)
    {
        for (var now = _now; now.State != ConnectivityState.Ready; now = await now.Next.Task.WaitAsync(cancellationToken))
        {
            ObjectDisposedException.ThrowIf(now.State == ConnectivityState.Shutdown, typeof(GrpcChannel));
            if (now.State == ConnectivityState.TransientFailure && !patient)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "Error connecting to subchannel.", now.Failure));
            }
            if (now.State == ConnectivityState.Idle)
            {
                Start();
            }
        }
    }

    void Start()
    {
        lock (_lock)
        {
            if (_now.State != ConnectivityState.Idle)
            {
                return;
            }
            Become(ConnectivityState.Connecting);
        }
        using (ExecutionContext.SuppressFlow()) // for all calls, and after the one that came first
        {
            _ = Task.Run(ConnectUntilReadyAsync);
        }
    }

    async Task ConnectUntilReadyAsync()
    {
        for (var pause = _firstPause; !_disposed.IsCancellationRequested;)
        {
            TaskCompletionSource hurry;
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
            timeout.CancelAfter(_timeout);
            try
            {
                Keep(await DialAsync(_server, timeout.Token));
                return;
            }
            catch (Exception exception) // told to the calls
            {
                lock (_lock)
                {
                    if (_open > 0) // the transport was luckier
                    {
                        Become(ConnectivityState.Ready);
                        return;
                    }
                    if (exception is OperationCanceledException)
                    {
                        Become(ConnectivityState.TransientFailure, new TimeoutException("A connection could not be established within the configured ConnectTimeout.", exception));
                        Become(ConnectivityState.Idle);
                        return;
                    }
                    Become(ConnectivityState.TransientFailure, exception);
                    _hurry = hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            var spread = 1 + Spread * (2 * Random.Shared.NextDouble() - 1);
            await hurry.Task.WaitAsync(pause * spread, TimeProvider.System, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_lock)
            {
                pause = hurry.Task.IsCompleted ? _firstPause : Shorter(pause * Growth, _maxPause);
                Become(ConnectivityState.Connecting);
            }
        }
    }

    async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = context.DnsEndPoint.Equals(_server) ? TakeSpare() : null;
        if (socket is null)
        {
            socket = await DialAsync(context.DnsEndPoint, cancellationToken);
            lock (_lock)
            {
                OnOpen();
            }
        }
        return new Connection(this, socket);
    }

    static async Task<Socket> DialAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return socket;
    }

    /// <summary>Keeps a connection for the transport, which asks for one as soon as there is a call.</summary>
    void Keep(Socket socket)
    {
        lock (_lock)
        {
            if (_spare is null && _now.State != ConnectivityState.Shutdown)
            {
                _spare = socket;
                OnOpen();
                return;
            }
        }
        socket.Dispose();
    }

    /// <summary>Call it in the lock.</summary>
    void OnOpen()
    {
        _open++;
        Become(ConnectivityState.Ready);
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

    void OnClosed()
    {
        lock (_lock)
        {
            if (--_open == 0 && _now.State == ConnectivityState.Ready)
            {
                Become(ConnectivityState.Idle);
            }
        }
    }

    /// <summary>Call it in the lock.</summary>
    void Become(ConnectivityState state, Exception? failure = null)
    {
        var last = _now;
        if (last.State != state && last.State != ConnectivityState.Shutdown)
        {
            _now = new Condition(state, failure);
            last.Next.SetResult(_now);
        }
    }

    static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>A chain, so that whoever waits sees each state, however short it was.</summary>
    /// <param name="Failure">Why the last attempt failed, in the state that says so.</param>
    sealed record Condition(ConnectivityState State, Exception? Failure = null)
    {
        public TaskCompletionSource<Condition> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
