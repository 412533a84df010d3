using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace L2R.Interop.Tests;

public sealed class GrpcJsClient() : ForeignClient("client.js");

public sealed class GrpcioClient() : ForeignClient("client.py");

/// <summary>Our server, and a client of another house to call it.</summary>
public abstract class ForeignClient(string script) : IAsyncLifetime
{
    readonly ConcurrentDictionary<string, bool> _connections = new();
    PeerProcess? _peer;
    EchoHost? _host;
    int _lastId;

    internal EchoHost Host => _host!;

    internal IEnumerable<string> Connections => _connections.Keys;

    public async ValueTask InitializeAsync()
    {
        _peer = PeerProcess.Start(script);
        _host = await EchoHost.StartAsync(map: app => app.Use((http, next) =>
        {
            if (http.Request.Headers.ContainsKey("x-connection"))
            {
                _connections.TryAdd(http.Connection.Id, true);
            }
            return next(http);
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await _peer!.DisposeAsync();
        await _host!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal Task<CallResult> CallAsync(CallOrder order) => Start(order).Result;

    internal RunningCall Start(CallOrder order) => new(_peer!, _host!.Authority, $"call {Interlocked.Increment(ref _lastId)}", order);
}

sealed class RunningCall
{
    readonly PeerProcess _peer;
    readonly string _id;

    public RunningCall(PeerProcess peer, string authority, string id, CallOrder order)
    {
        _peer = peer;
        _id = id;
        Result = RunAsync(authority, order);
    }

    public Task<CallResult> Result { get; }

    public Task CancelAsync() => _peer.SendAsync(new { cancel = _id });

    public Task ResumeAsync() => _peer.SendAsync(new { resume = _id });

    async Task<CallResult> RunAsync(string authority, CallOrder order)
    {
        await _peer.SendAsync(new
        {
            id = _id,
            address = authority,
            method = order.Method,
            requests = order.Requests,
            metadata = order.Metadata,
            timeoutMs = order.TimeoutMs,
            pauseAfter = order.PauseAfter,
            options = order.Options,
        });
        JsonObject answer;
        do
        {
            answer = await _peer.NextAsync(_id, TestContext.Current.CancellationToken);
        }
        while (answer.ContainsKey("event"));
        return new CallResult(answer);
    }
}

sealed record CallOrder
{
    public required string Method { get; init; }

    public required object[] Requests { get; init; }

    public string[][] Metadata { get; init; } = [];

    public int? TimeoutMs { get; init; }

    public int? PauseAfter { get; init; }

    public Dictionary<string, object> Options { get; init; } = [];
}

sealed class CallResult(JsonObject answer)
{
    public int Code => (int)answer["code"]!;

    public string Detail => (string)answer["detail"]!;

    public (string Text, int Size, long DeadlineMs)[] Replies { get; } =
        [.. answer["replies"]!.AsArray().Select(reply => ((string)reply!["text"]!, (int)reply["size"]!, (long)reply["deadlineMs"]!))];

    public IReadOnlyList<string> Texts => [.. Replies.Select(reply => reply.Text)];

    public IReadOnlyDictionary<string, string[]> Headers { get; } = ToMetadata(answer["headers"]!);

    public IReadOnlyDictionary<string, string[]> Trailers { get; } = ToMetadata(answer["trailers"]!);

    static Dictionary<string, string[]> ToMetadata(JsonNode node) =>
        node.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.AsArray().Select(value => (string)value!).ToArray());
}
