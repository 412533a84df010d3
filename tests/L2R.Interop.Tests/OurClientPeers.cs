using Grpc.Core;

namespace L2R.Interop.Tests;

/// <summary>A server of echo.proto, whoever wrote it.</summary>
public interface IEchoPeer : IAsyncLifetime
{
    Uri Address { get; }

    /// <returns>The number that the server said with the event.</returns>
    Task<int> WaitForAsync(string name, CancellationToken cancellationToken);
}

/// <summary>@grpc/grpc-js.</summary>
public sealed class GrpcJsServer() : ForeignServer("server.js");

/// <summary>Debian's python3-grpcio.</summary>
public sealed class GrpcioServer() : ForeignServer("server.py");

public abstract class ForeignServer(string script) : IEchoPeer
{
    PeerProcess? _process;

    public Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _process = PeerProcess.Start(script);
        var started = await _process.NextAsync("port", TestContext.Current.CancellationToken);
        Address = new Uri($"http://127.0.0.1:{started["port"]}");
    }

    public async Task<int> WaitForAsync(string name, CancellationToken cancellationToken) =>
        (int?)(await _process!.NextAsync(name, cancellationToken))["written"] ?? 0;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _process!.DisposeAsync();
    }
}

/// <summary>Ours.</summary>
public sealed class OurServer : IEchoPeer
{
    EchoHost? _host;

    public Uri Address => _host!.Address;

    public async ValueTask InitializeAsync() => _host = await EchoHost.StartAsync();

    public Task<int> WaitForAsync(string name, CancellationToken cancellationToken) => _host!.Events.WaitForAsync(name, cancellationToken);

    public ValueTask DisposeAsync() => _host!.DisposeAsync();
}

public sealed class OurClientAgainstGrpcJs(GrpcJsServer peer) : OurClientTests(peer), IClassFixture<GrpcJsServer>
{
    // A fact of this peer: grpcio 1.51 takes the values that HTTP joined for broken HTTP, and our server fails the call.
    [Fact]
    public async Task Repeated_binary_metadata_stays_apart()
    {
        var sent = new Metadata { { "x-many-bin", [0] }, { "x-many-bin", [1, 2] } };
        using var call = Client.UnaryAsync(new EchoRequest(), sent, cancellationToken: TestContext.Current.CancellationToken);
        await call;

        Assert.Equal([[0], [1, 2]], call.GetTrailers().GetAll("t-x-many-bin").Select(entry => entry.ValueBytes));
    }
}

public sealed class OurClientAgainstGrpcio(GrpcioServer peer) : OurClientTests(peer), IClassFixture<GrpcioServer>;

public sealed class OurClientAgainstOurServer(OurServer peer) : OurClientTests(peer), IClassFixture<OurServer>;
