using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;

namespace L2R.Interop.Tests;

/// <summary>Credentials of channels and calls, over TLS and in plain text.</summary>
public sealed class CredentialsTests(GrpcJsServer grpcJs, GrpcioServer grpcio) : IClassFixture<GrpcJsServer>, IClassFixture<GrpcioServer>
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_of_the_channel_and_of_the_call_go_with_it_over_tls()
    {
        using var certificate = CreateCertificate();
        await using var host = await EchoHost.StartAsync(certificate: certificate);
        using var channel = Open(host.Address, certificate, ChannelCredentials.Create(ChannelCredentials.SecureSsl, Adding("x-channel", "a")));
        var credentials = CallCredentials.Compose(Adding("x-first", "b"), Adding("x-second", "c"));

        using var call = new EchoService.EchoServiceClient(channel).UnaryAsync(
            new EchoRequest(), new CallOptions(cancellationToken: Cancelled, credentials: credentials));
        await call;

        Assert.Equal("https", host.Address.Scheme);
        Assert.Equal(
            ["a", "b", "c"], ((string[])["x-channel", "x-first", "x-second"]).Select(name => call.GetTrailers().GetValue($"t-{name}")));
    }

    [Fact]
    public async Task They_are_asked_for_each_call_and_each_attempt_waits_for_them()
    {
        using var certificate = CreateCertificate();
        await using var host = await EchoHost.StartAsync(certificate: certificate);
        var asked = 0;
        var credentials = CallCredentials.FromInterceptor(async (context, metadata) =>
        {
            await Task.Yield();
            metadata.Add("x-token", $"{++asked} {context.MethodName} {context.ServiceUrl}");
        });
        using var channel = Open(host.Address, certificate, ChannelCredentials.Create(new SslCredentials(), credentials));
        var client = new EchoService.EchoServiceClient(channel);

        foreach (var number in new[] { 1, 2 })
        {
            using var call = client.UnaryAsync(new EchoRequest(), cancellationToken: Cancelled);
            await call;
            Assert.Equal(
                $"{number} Unary https://{host.Authority}/l2r.interop.v1.EchoService", (await call.ResponseHeadersAsync).GetValue("x-token"));
        }
    }

    [Fact]
    public async Task A_token_that_cannot_be_had_fails_the_call()
    {
        using var channel = GrpcChannel.ForAddress(grpcJs.Address, new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });
        var credentials = CallCredentials.FromInterceptor((_, _) => Task.FromException(new InvalidOperationException("no token")));

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await new EchoService.EchoServiceClient(channel).UnaryAsync(
            new EchoRequest(), new CallOptions(cancellationToken: Cancelled, credentials: credentials)));

        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.Contains("no token", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_of_other_houses_see_them()
    {
        foreach (var address in new[] { grpcJs.Address, grpcio.Address })
        {
            using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });

            using var call = new EchoService.EchoServiceClient(channel).Duplex(
                new CallOptions(cancellationToken: Cancelled, credentials: Adding("x-token", "secret")));

            Assert.Equal("secret", (await call.ResponseHeadersAsync).GetValue("x-token"));
            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext(Cancelled));
        }
    }

    [Theory]
    [InlineData("server.js")]
    [InlineData("server.py")]
    public async Task Servers_of_other_houses_see_them_over_tls(string script)
    {
        using var certificate = CreateCertificate();
        using var key = certificate.GetECDsaPrivateKey()!;
        await using var peer = PeerProcess.Start(
            script, ("ECHO_CERTIFICATE", certificate.ExportCertificatePem()), ("ECHO_KEY", key.ExportPkcs8PrivateKeyPem()));
        var started = await peer.NextAsync("port", Cancelled);
        using var channel = Open(
            new Uri($"https://127.0.0.1:{started["port"]}"), certificate, ChannelCredentials.Create(ChannelCredentials.SecureSsl, Adding("x-token", "secret")));

        using var call = new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest { Text = "a" }, cancellationToken: Cancelled);

        Assert.Equal("a", (await call).Text);
        Assert.Equal("secret", (await call.ResponseHeadersAsync).GetValue("x-token"));
    }

    [Theory]
    [InlineData("client.js")]
    [InlineData("client.py")]
    public async Task Our_server_sees_those_of_other_houses_over_tls(string script)
    {
        using var certificate = CreateCertificate();
        await using var host = await EchoHost.StartAsync(certificate: certificate);
        await using var peer = PeerProcess.Start(script, ("ECHO_CERTIFICATE", certificate.ExportCertificatePem()));

        var result = await new RunningCall(peer, host.Authority, "one", new() { Method = "Unary", Requests = [new { text = "a" }] }).Result;

        Assert.Equal((0, ""), (result.Code, result.Detail));
        Assert.Equal(["secret"], result.Headers["x-token"]);
    }

    [Fact]
    public void They_do_not_mix_with_an_insecure_channel_unless_it_says_so()
    {
        var composed = ChannelCredentials.Create(ChannelCredentials.Insecure, Adding("x-token", "secret"));

        var failure = Assert.Throws<InvalidOperationException>(() =>
            GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { Credentials = composed }));
        Assert.Equal(
            "CallCredentials can't be composed with InsecureCredentials. CallCredentials must be used with secure channel credentials like SslCredentials or by enabling GrpcChannelOptions.UnsafeUseInsecureChannelCallCredentials on the channel.",
            failure.Message);
        GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { Credentials = composed, UnsafeUseInsecureChannelCallCredentials = true }).Dispose();
        Assert.Throws<InvalidOperationException>(() =>
            GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.SecureSsl }));
        Assert.Throws<InvalidOperationException>(() =>
            GrpcChannel.ForAddress("https://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure }));
    }

    static CallCredentials Adding(string name, string value) => CallCredentials.FromInterceptor((_, metadata) =>
    {
        metadata.Add(name, value);
        return Task.CompletedTask;
    });

    static GrpcChannel Open(Uri address, X509Certificate2 trusted, ChannelCredentials credentials) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            Credentials = credentials,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == trusted.GetCertHashString() },
            },
            DisposeHttpClient = true,
        });

    static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=interop", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
