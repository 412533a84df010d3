namespace L2R.Interop.Tests;

/// <summary>A server of echo.proto, whoever wrote it.</summary>
public interface IEchoPeer : IAsyncLifetime
{
    Uri Address { get; }

    /// <returns>The number that the server said with the event.</returns>
    Task<int> WaitForAsync(string name, CancellationToken cancellationToken);
}

/// <summary>Our client, calling @grpc/grpc-js.</summary>
public sealed class OurClientAgainstGrpcJs(OurClientAgainstGrpcJs.Peer peer) : OurClientTests(peer), IClassFixture<OurClientAgainstGrpcJs.Peer>
{
    public sealed class Peer : IEchoPeer
    {
        NodeProcess? _node;

        public Uri Address { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _node = NodeProcess.Start("server.js");
            var started = await _node.NextAsync("port", TestContext.Current.CancellationToken);
            Address = new Uri($"http://127.0.0.1:{started["port"]}");
        }

        public async Task<int> WaitForAsync(string name, CancellationToken cancellationToken) =>
            (int?)(await _node!.NextAsync(name, cancellationToken))["written"] ?? 0;

        public ValueTask DisposeAsync() => _node!.DisposeAsync();
    }
}

/// <summary>Our client, calling our server.</summary>
public sealed class OurClientAgainstOurServer(OurClientAgainstOurServer.Peer peer) : OurClientTests(peer), IClassFixture<OurClientAgainstOurServer.Peer>
{
    public sealed class Peer : IEchoPeer
    {
        EchoHost? _host;

        public Uri Address => _host!.Address;

        public async ValueTask InitializeAsync() => _host = await EchoHost.StartAsync();

        public Task<int> WaitForAsync(string name, CancellationToken cancellationToken) => _host!.Events.WaitForAsync(name, cancellationToken);

        public ValueTask DisposeAsync() => _host!.DisposeAsync();
    }
}
