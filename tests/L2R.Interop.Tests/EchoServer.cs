using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;

namespace L2R.Interop.Tests;

/// <summary>What happened on a server, for tests to wait for: "cancelled text", "stalled text".</summary>
sealed class ServerEvents
{
    /// <summary>Long for a test, so that only what never comes fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _events = new();

    public void Say(string name, int number = 0) => Of(name).TrySetResult(number);

    public Task<int> WaitForAsync(string name, CancellationToken cancellationToken) => Of(name).Task.WaitAsync(Patience, cancellationToken);

    TaskCompletionSource<int> Of(string name) =>
        _events.GetOrAdd(name, _ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>The service of echo.proto, as server.js has it too.</summary>
sealed class EchoServer(ServerEvents events, TimeProvider clock) : EchoService.EchoServiceBase
{
    static readonly TimeSpan StallTime = TimeSpan.FromMilliseconds(300);

    public override async Task<EchoReply> Unary(EchoRequest request, ServerCallContext context)
    {
        var deadline = await BeginAsync(context);
        if (request.Hang)
        {
            await HangAsync(request.Text, context.CancellationToken);
        }
        Fail(request);
        return Reply(request, request.Text, deadline);
    }

    public override async Task<EchoReply> ClientStream(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        var deadline = await BeginAsync(context);
        var texts = "";
        var last = new EchoRequest();
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            last = request;
            texts += request.Text;
            Fail(request);
        }
        return Reply(last, texts, deadline);
    }

    public override async Task ServerStream(EchoRequest request, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        var deadline = await BeginAsync(context);
        if (request.Hang)
        {
            await HangAsync(request.Text, context.CancellationToken);
        }
        for (var written = 0; written < request.Replies; written++)
        {
            var write = responseStream.WriteAsync(Reply(request, $"{request.Text}{written}", deadline), context.CancellationToken);
            if (await Task.WhenAny(write, Task.Delay(StallTime, clock, context.CancellationToken)) != write)
            {
                events.Say($"stalled {request.Text}", written);
            }
            await write;
        }
        Fail(request);
    }

    public override async Task Duplex(
        IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        var deadline = await BeginAsync(context);
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            Fail(request);
            if (request.Hang)
            {
                context.CancellationToken.Register(() => events.Say($"cancelled {request.Text}"));
            }
            await responseStream.WriteAsync(Reply(request, request.Text, deadline), context.CancellationToken);
            if (request.Hang)
            {
                await HangAsync(request.Text, context.CancellationToken);
            }
        }
    }

    static EchoReply Reply(EchoRequest request, string text, long deadline) =>
        new() { Text = text, Payload = ByteString.CopyFrom(new byte[request.ReplySize]), DeadlineMs = deadline };

    static void Fail(EchoRequest request)
    {
        if (request.Code == 0)
        {
            return;
        }
        var trailers = new Metadata();
        if (!request.Details.IsEmpty)
        {
            trailers.Add("grpc-status-details-bin", request.Details.ToByteArray());
        }
        throw new RpcException(new Status((StatusCode)request.Code, request.Detail), trailers);
    }

    static int Number(ServerCallContext context, string name, int missing = 0) =>
        context.RequestHeaders.GetValue(name) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : missing;

    async Task<long> BeginAsync(ServerCallContext context)
    {
        var previous = Number(context, "grpc-previous-rpc-attempts");
        if (previous < Number(context, "hang-attempts"))
        {
            await HangAsync("attempt", context.CancellationToken);
        }
        if (previous < Number(context, "fail-attempts"))
        {
            var pushback = context.RequestHeaders.GetValue("pushback");
            throw new RpcException(
                new Status((StatusCode)Number(context, "fail-code", 14), $"attempt {previous}"),
                pushback is null ? [] : new Metadata { { "grpc-retry-pushback-ms", pushback } });
        }
        var headers = new Metadata();
        if (previous > 0)
        {
            headers.Add("attempts-before", $"{previous}");
        }
        foreach (var entry in context.RequestHeaders.Where(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            headers.Add(entry);
            context.ResponseTrailers.Add(entry.IsBinary
                ? new Metadata.Entry($"t-{entry.Key}", entry.ValueBytes)
                : new Metadata.Entry($"t-{entry.Key}", entry.Value));
        }
        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }
        if (context.RequestHeaders.Get("deaf") is not null)
        {
            await HangAsync("deaf", context.CancellationToken);
        }
        return context.Deadline == DateTime.MaxValue ? 0 : (long)(context.Deadline - clock.GetUtcNow().UtcDateTime).TotalMilliseconds;
    }

    async Task HangAsync(string text, CancellationToken cancellationToken)
    {
        events.Say($"hanging {text}");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }
        finally
        {
            events.Say($"cancelled {text}");
        }
    }
}
