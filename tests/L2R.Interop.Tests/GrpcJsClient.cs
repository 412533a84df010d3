using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace L2R.Interop.Tests;

/// <summary>Our server, and @grpc/grpc-js to call it.</summary>
public sealed class GrpcJsClient : IAsyncLifetime
{
    readonly ConcurrentDictionary<string, bool> _connections = new();
    NodeProcess? _node;
    EchoHost? _host;
    int _lastId;

    internal EchoHost Host => _host!;

    internal IEnumerable<string> Connections => _connections.Keys;

    public async ValueTask InitializeAsync()
    {
        _node = NodeProcess.Start("client.js");
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
        await _node!.DisposeAsync();
        await _host!.DisposeAsync();
    }

    internal Task<CallResult> CallAsync(CallOrder order) => Start(order).Result;

    internal RunningCall Start(CallOrder order) => new(_node!, _host!, $"call {Interlocked.Increment(ref _lastId)}", order);
}

sealed class RunningCall
{
    readonly NodeProcess _node;
    readonly string _id;

    public RunningCall(NodeProcess node, EchoHost host, string id, CallOrder order)
    {
        _node = node;
        _id = id;
        Result = RunAsync(host, order);
    }

    public Task<CallResult> Result { get; }

    public Task ResumeAsync() => _node.SendAsync(new { resume = _id });

    async Task<CallResult> RunAsync(EchoHost host, CallOrder order)
    {
        await _node.SendAsync(new
        {
            id = _id,
            address = host.Authority,
            method = order.Method,
            requests = order.Requests,
            metadata = order.Metadata,
            timeoutMs = order.TimeoutMs,
            cancelEarly = order.CancelEarly,
            pauseAfter = order.PauseAfter,
            options = order.Options,
        });
        JsonObject answer;
        do
        {
            answer = await _node.NextAsync(_id, TestContext.Current.CancellationToken);
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

    /// <summary>When the headers are there; with a stream of requests, when the first reply is.</summary>
    public bool CancelEarly { get; init; }

    public int? PauseAfter { get; init; }

    public Dictionary<string, int> Options { get; init; } = [];
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
