using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace L2R.Interop.Tests;

/// <summary>Our server, called by <c>buf curl</c>, which learns the contract from the server's reflection.</summary>
public sealed class BufCurlTests : IAsyncLifetime
{
    EchoHost? _host;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _host = await EchoHost.StartAsync(builder => builder.Services.AddGrpcReflection(), app => app.MapGrpcReflectionService());

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    [Theory]
    [InlineData("Unary", """{"text": "a"}""", new[] { "a" })]
    [InlineData("ClientStream", """{"text": "a"} {"text": "b"}""", new[] { "ab" })]
    [InlineData("ServerStream", """{"text": "a", "replies": 3}""", new[] { "a0", "a1", "a2" })]
    [InlineData("Duplex", """{"text": "a"} {"text": "b"}""", new[] { "a", "b" })]
    public async Task Each_kind_of_call_gets_its_replies(string method, string requests, string[] texts)
    {
        var (exitCode, output, errors) = await CurlAsync("--data", requests, $"{_host!.Address}l2r.interop.v1.EchoService/{method}");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(texts, ReadAll(output).Select(reply => (string)reply["text"]!));
    }

    [Fact]
    public async Task A_failure_arrives_with_code_and_detail()
    {
        var (exitCode, _, errors) = await CurlAsync(
            "--data", """{"code": 9, "detail": "not now"}""", $"{_host!.Address}l2r.interop.v1.EchoService/Unary");

        Assert.NotEqual(0, exitCode);
        var failure = JsonNode.Parse(errors)!;
        Assert.Equal(("failed_precondition", "not now"), ((string)failure["code"]!, (string)failure["message"]!));
    }

    [Theory]
    [InlineData("grpc-v1")]
    [InlineData("grpc-v1alpha")]
    public async Task The_services_and_methods_of_the_server_are_listed(string protocol)
    {
        var services = await CurlAsync("--reflect-protocol", protocol, "--list-services", $"{_host!.Address}");
        Assert.Equal(
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "l2r.interop.v1.EchoService"],
            Lines(services.Output).Order());

        var methods = await CurlAsync("--reflect-protocol", protocol, "--list-methods", $"{_host.Address}");
        Assert.Superset(
            ((string[])["ClientStream", "Duplex", "Missing", "ServerStream", "Unary"]).Select(method => $"l2r.interop.v1.EchoService/{method}").ToHashSet(),
            Lines(methods.Output));
    }

    [Theory]
    [InlineData("grpc-v1")]
    [InlineData("grpc-v1alpha")]
    public async Task What_the_server_does_not_have_is_not_found(string protocol)
    {
        var (exitCode, _, errors) = await CurlAsync("--reflect-protocol", protocol, "--data", "{}", $"{_host!.Address}l2r.interop.v1.NoService/Unary");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("l2r.interop.v1.NoService", errors, StringComparison.Ordinal);
    }

    static HashSet<string> Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>One JSON value after the other, as buf prints them.</summary>
    static IEnumerable<JsonNode> ReadAll(string output) =>
        output.Split("\n}", StringSplitOptions.RemoveEmptyEntries).Where(part => part.Trim().Length > 0).Select(part =>
            JsonNode.Parse(part.TrimEnd().EndsWith('}') ? part : part + "}")!);

    static async Task<(int ExitCode, string Output, string Errors)> CurlAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(PeerProcess.NodeModules, ".bin", "buf"), ["curl", "--protocol", "grpc", "--http2-prior-knowledge", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return (process.ExitCode, await output, await errors);
    }
}
