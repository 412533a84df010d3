using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace L2R.Interop.Tests;

public sealed class RetryAgainstGrpcJs(GrpcJsServer peer) : RetryTests(peer), IClassFixture<GrpcJsServer>;

public sealed class RetryAgainstGrpcio(GrpcioServer peer) : RetryTests(peer), IClassFixture<GrpcioServer>;

public sealed class RetryAgainstOurServer(OurServer peer) : RetryTests(peer), IClassFixture<OurServer>;

/// <summary>Calls of ours that are tried again, by any server that refuses the first attempts.</summary>
public abstract class RetryTests(IEchoPeer peer)
{
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);

    // Times a random number below 1, and still longer than any test.
    static readonly TimeSpan Never = TimeSpan.FromDays(20);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_kind_of_call_is_tried_until_it_works_with_all_its_requests()
    {
        using var channel = Open(Retry(attempts: 4, Soon));
        var client = new EchoService.EchoServiceClient(channel);
        var headers = new Metadata { { "fail-attempts", "3" } };
        var request = new EchoRequest { Text = "a", Replies = 2 };

        using var unary = client.UnaryAsync(request, headers, cancellationToken: Cancelled);
        Assert.Equal("a", (await unary).Text);
        Assert.Equal("3", (await unary.ResponseHeadersAsync).GetValue("attempts-before"));
        Assert.Equal(StatusCode.OK, unary.GetStatus().StatusCode);
        Assert.Empty(unary.GetTrailers());

        using var serverStream = client.ServerStream(request, headers, cancellationToken: Cancelled);
        Assert.Equal(["a0", "a1"], await serverStream.ResponseStream.ReadAllAsync(Cancelled).Select(reply => reply.Text).ToListAsync(Cancelled));
        Assert.Equal("3", (await serverStream.ResponseHeadersAsync).GetValue("attempts-before"));

        using var clientStream = client.ClientStream(headers, cancellationToken: Cancelled);
        foreach (var text in new[] { "a", "b", "c" })
        {
            await clientStream.RequestStream.WriteAsync(new EchoRequest { Text = text }, Cancelled);
        }
        await clientStream.RequestStream.CompleteAsync();
        Assert.Equal("abc", (await clientStream).Text);
        Assert.Equal("3", (await clientStream.ResponseHeadersAsync).GetValue("attempts-before"));

        using var duplex = client.Duplex(headers, cancellationToken: Cancelled);
        foreach (var text in new[] { "a", "b", "c" })
        {
            await duplex.RequestStream.WriteAsync(new EchoRequest { Text = text }, Cancelled);
            Assert.True(await duplex.ResponseStream.MoveNext(Cancelled));
            Assert.Equal(text, duplex.ResponseStream.Current.Text);
        }
        await duplex.RequestStream.CompleteAsync();
        Assert.False(await duplex.ResponseStream.MoveNext(Cancelled));
        Assert.Equal(StatusCode.OK, duplex.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData(3, 14, "attempt 2")] // every attempt that the policy allows
    [InlineData(9, 14, "attempt 4")] // the channel's own limit
    [InlineData(3, 3, "attempt 0")] // a code that another attempt would not change
    public async Task The_last_failure_is_the_calls_own(int attempts, int code, string detail)
    {
        using var channel = Open(Retry(attempts, Soon));
        var headers = new Metadata { { "fail-attempts", "100" }, { "fail-code", $"{code}" } };

        using var call = new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest(), headers, cancellationToken: Cancelled);

        Assert.Equal(new Status((StatusCode)code, detail), (await FailAsync(call)).Status);
        Assert.Equal(new Status((StatusCode)code, detail), call.GetStatus());
    }

    [Fact]
    public async Task The_server_says_when_to_try_again_and_when_to_stop()
    {
        using var patient = Open(Retry(attempts: 3, Never));
        using var call = new EchoService.EchoServiceClient(patient).UnaryAsync(
            new EchoRequest { Text = "a" }, new Metadata { { "fail-attempts", "1" }, { "pushback", "0" } }, cancellationToken: Cancelled);
        Assert.Equal("a", (await InTime(call.ResponseAsync)).Text);

        using var quick = Open(Retry(attempts: 3, Soon));
        var failure = await FailAsync(new EchoService.EchoServiceClient(quick).UnaryAsync(
            new EchoRequest(), new Metadata { { "fail-attempts", "100" }, { "pushback", "-1" } }, cancellationToken: Cancelled));
        Assert.Equal(new Status(StatusCode.Unavailable, "attempt 0"), failure.Status);
    }

    [Fact]
    public async Task A_call_that_fails_after_its_headers_is_not_tried_again()
    {
        using var channel = Open(Retry(attempts: 3, Soon));
        var request = new EchoRequest { Text = "a", Replies = 1, Code = 14, Detail = "late" };

        using var call = new EchoService.EchoServiceClient(channel).ServerStream(request, cancellationToken: Cancelled);

        Assert.True(await call.ResponseStream.MoveNext(Cancelled));
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancelled));
        Assert.Equal(new Status(StatusCode.Unavailable, "late"), failure.Status);
        Assert.Null((await call.ResponseHeadersAsync).GetValue("attempts-before"));
    }

    [Fact]
    public async Task Requests_that_outgrow_the_buffer_are_sent_once()
    {
        using var channel = Open(Retry(attempts: 3, Soon), options => options.MaxRetryBufferPerCallSize = 1000);
        var client = new EchoService.EchoServiceClient(channel);
        var headers = new Metadata { { "fail-attempts", "1" } };

        Assert.Equal("a", (await client.UnaryAsync(new EchoRequest { Text = "a", Payload = Bytes(900) }, headers, cancellationToken: Cancelled)).Text);
        var failure = await FailAsync(client.UnaryAsync(new EchoRequest { Payload = Bytes(1000) }, headers, cancellationToken: Cancelled));

        Assert.Equal(new Status(StatusCode.Unavailable, "attempt 0"), failure.Status);
    }

    [Fact]
    public async Task A_channels_buffer_is_given_back_when_its_calls_end()
    {
        using var channel = Open(Retry(attempts: 3, Soon), options => options.MaxRetryBufferSize = 1000);
        var client = new EchoService.EchoServiceClient(channel);
        var headers = new Metadata { { "fail-attempts", "1" } };

        for (var call = 0; call < 5; call++)
        {
            await client.UnaryAsync(new EchoRequest { Payload = Bytes(900) }, headers, cancellationToken: Cancelled);
        }
        var failure = await FailAsync(client.UnaryAsync(new EchoRequest { Payload = Bytes(1000) }, headers, cancellationToken: Cancelled));

        Assert.Equal(new Status(StatusCode.Unavailable, "attempt 0"), failure.Status);
    }

    [Fact]
    public async Task A_long_stream_goes_on_after_its_buffer_is_full()
    {
        using var channel = Open(Retry(attempts: 3, Soon), options => options.MaxRetryBufferPerCallSize = 1000);
        using var call = new EchoService.EchoServiceClient(channel).Duplex(cancellationToken: Cancelled);

        for (var number = 0; number < 50; number++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = $"{number}", Payload = Bytes(100) }, Cancelled);
            Assert.True(await call.ResponseStream.MoveNext(Cancelled));
            Assert.Equal($"{number}", call.ResponseStream.Current.Text);
        }
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancelled));
    }

    [Fact]
    public async Task A_deadline_ends_the_wait_for_the_next_attempt()
    {
        using var channel = Open(Retry(attempts: 3, Never));

        var failure = await FailAsync(new EchoService.EchoServiceClient(channel).UnaryAsync(
            new EchoRequest(), new Metadata { { "fail-attempts", "1" } },
            TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1), Cancelled));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_ends_the_wait_for_the_next_attempt(bool byDisposal)
    {
        using var channel = Open(Retry(attempts: 3, Never));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        using var call = new EchoService.EchoServiceClient(channel).Duplex(new Metadata { { "fail-attempts", "1" } }, cancellationToken: cancel.Token);
        var next = call.ResponseStream.MoveNext(Cancelled);

        if (byDisposal)
        {
            call.Dispose();
        }
        else
        {
            await cancel.CancelAsync();
        }

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => InTime(next))).StatusCode);
    }

    [Fact]
    public async Task Many_failures_stop_the_retries_of_a_channel()
    {
        var config = Retry(attempts: 5, Soon);
        config.RetryThrottling = new RetryThrottlingPolicy { MaxTokens = 4, TokenRatio = 1 };
        using var channel = Open(config);
        var client = new EchoService.EchoServiceClient(channel);
        var failing = new Metadata { { "fail-attempts", "100" } };

        // Four tokens: the second failure leaves half of them.
        Assert.Equal("attempt 1", (await FailAsync(client.UnaryAsync(new EchoRequest(), failing, cancellationToken: Cancelled))).Status.Detail);
        Assert.Equal("attempt 0", (await FailAsync(client.UnaryAsync(new EchoRequest(), failing, cancellationToken: Cancelled))).Status.Detail);
        for (var success = 0; success < 4; success++)
        {
            await client.UnaryAsync(new EchoRequest(), cancellationToken: Cancelled);
        }
        Assert.Equal("attempt 1", (await FailAsync(client.UnaryAsync(new EchoRequest(), failing, cancellationToken: Cancelled))).Status.Detail);
    }

    [Fact]
    public async Task A_hedged_call_takes_the_first_answer_and_cancels_the_rest()
    {
        using var channel = Open(Hedge(attempts: 3, TimeSpan.FromMilliseconds(500))); // enough for the first attempt to get there
        var client = new EchoService.EchoServiceClient(channel);
        var headers = new Metadata { { "hang-attempts", "1" } };
        await client.UnaryAsync(new EchoRequest(), cancellationToken: Cancelled); // connects

        using var unary = client.UnaryAsync(new EchoRequest { Text = "a" }, headers, cancellationToken: Cancelled);
        Assert.Equal("a", (await unary).Text);
        Assert.Contains((await unary.ResponseHeadersAsync).GetValue("attempts-before"), (string[])["1", "2"]);
        await peer.WaitForAsync("cancelled attempt", Cancelled);

        using var clientStream = client.ClientStream(headers, cancellationToken: Cancelled);
        await clientStream.RequestStream.WriteAsync(new EchoRequest { Text = "a" }, Cancelled);
        await clientStream.RequestStream.WriteAsync(new EchoRequest { Text = "b" }, Cancelled);
        await clientStream.RequestStream.CompleteAsync();
        Assert.Equal("ab", (await clientStream).Text);
    }

    [Fact]
    public async Task A_hedged_call_goes_on_at_once_after_a_failure_that_is_not_fatal_and_ends_with_one_that_is()
    {
        using var channel = Open(Hedge(attempts: 3, Never));
        var client = new EchoService.EchoServiceClient(channel);

        using var call = client.UnaryAsync(new EchoRequest { Text = "a" }, new Metadata { { "fail-attempts", "2" } }, cancellationToken: Cancelled);
        Assert.Equal("a", (await InTime(call.ResponseAsync)).Text);
        Assert.Equal("2", (await call.ResponseHeadersAsync).GetValue("attempts-before"));

        var all = await FailAsync(client.UnaryAsync(new EchoRequest(), new Metadata { { "fail-attempts", "100" } }, cancellationToken: Cancelled));
        Assert.Equal("attempt 2", all.Status.Detail);

        var fatal = await FailAsync(client.UnaryAsync(
            new EchoRequest(), new Metadata { { "fail-attempts", "100" }, { "fail-code", "3" } }, cancellationToken: Cancelled));
        Assert.Equal(new Status(StatusCode.InvalidArgument, "attempt 0"), fatal.Status);
    }

    [Fact]
    public async Task The_closest_name_decides()
    {
        var config = Retry(attempts: 2, Soon);
        config.MethodConfigs.Add(new MethodConfig { Names = { new MethodName { Service = "l2r.interop.v1.EchoService" } }, RetryPolicy = Policy(3, Soon) });
        config.MethodConfigs.Add(new MethodConfig { Names = { new MethodName { Service = "l2r.interop.v1.EchoService", Method = "Unary" } } });
        using var channel = Open(config);
        var client = new EchoService.EchoServiceClient(channel);
        var headers = new Metadata { { "fail-attempts", "100" } };

        Assert.Equal("attempt 0", (await FailAsync(client.UnaryAsync(new EchoRequest(), headers, cancellationToken: Cancelled))).Status.Detail);

        using var stream = client.ServerStream(new EchoRequest(), headers, cancellationToken: Cancelled);
        var failure = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancelled));
        Assert.Equal("attempt 2", failure.Status.Detail);
    }

    static ServiceConfig Retry(int attempts, TimeSpan backoff) => new()
    {
        MethodConfigs = { new MethodConfig { Names = { MethodName.Default }, RetryPolicy = Policy(attempts, backoff) } },
    };

    static RetryPolicy Policy(int attempts, TimeSpan backoff) => new()
    {
        MaxAttempts = attempts,
        InitialBackoff = backoff,
        MaxBackoff = backoff,
        BackoffMultiplier = 2,
        RetryableStatusCodes = { StatusCode.Unavailable },
    };

    static ServiceConfig Hedge(int attempts, TimeSpan delay) => new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                HedgingPolicy = new HedgingPolicy { MaxAttempts = attempts, HedgingDelay = delay, NonFatalStatusCodes = { StatusCode.Unavailable } },
            },
        },
    };

    static ByteString Bytes(int count) => ByteString.CopyFrom(new byte[count]);
    // A wait that should have ended fails the test, and does not hold it for days.
    static Task<T> InTime<T>(Task<T> task) => task.WaitAsync(ServerEvents.Patience, Cancelled);

    static async Task<RpcException> FailAsync(AsyncUnaryCall<EchoReply> call) => await Assert.ThrowsAsync<RpcException>(() => InTime(call.ResponseAsync));

    GrpcChannel Open(ServiceConfig config, Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions { ServiceConfig = config };
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(peer.Address, options);
    }
}
