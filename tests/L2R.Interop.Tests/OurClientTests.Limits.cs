using Google.Protobuf;
using Grpc.Core;

namespace L2R.Interop.Tests;

// How calls are ended and held back: deadlines, cancellation, backpressure.
public abstract partial class OurClientTests
{
    [Fact]
    public async Task The_server_sees_the_deadline()
    {
        var reply = await _client.UnaryAsync(new EchoRequest(), deadline: In(TimeSpan.FromMinutes(1)), cancellationToken: Cancelled);

        Assert.InRange(reply.DeadlineMs, 1, 60_000);
    }

    [Fact]
    public async Task A_deadline_ends_each_kind_of_call_and_cancels_the_server()
    {
        var request = new EchoRequest { Text = "deadline", Hang = true };
        await _client.UnaryAsync(new EchoRequest(), cancellationToken: Cancelled); // connects
        var deadline = In(TimeSpan.FromSeconds(1));

        using var unary = _client.UnaryAsync(request, deadline: deadline, cancellationToken: Cancelled);
        using var serverStream = _client.ServerStream(request, deadline: deadline, cancellationToken: Cancelled);
        using var clientStream = _client.ClientStream(deadline: deadline, cancellationToken: Cancelled);
        using var duplex = _client.Duplex(deadline: deadline, cancellationToken: Cancelled);

        Assert.Equal(StatusCode.DeadlineExceeded, (await FailAsync(unary)).StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, unary.GetStatus().StatusCode);
        foreach (var read in new Func<Task>[] { () => serverStream.ResponseStream.MoveNext(Cancelled), () => clientStream.ResponseAsync, () => duplex.ResponseStream.MoveNext(Cancelled) })
        {
            Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(read)).StatusCode);
        }
        var write = await Assert.ThrowsAsync<RpcException>(() => duplex.RequestStream.WriteAsync(request, Cancelled));
        Assert.Equal(StatusCode.DeadlineExceeded, write.StatusCode);
        await _peer.WaitForAsync("cancelled deadline", Cancelled);
    }

    [Fact]
    public async Task A_deadline_in_the_past_sends_nothing()
    {
        var failure = await FailAsync(_client.UnaryAsync(
            new EchoRequest(), deadline: In(TimeSpan.FromSeconds(-1)), cancellationToken: Cancelled));

        Assert.Equal(new Status(StatusCode.DeadlineExceeded, ""), failure.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_ends_the_call_on_both_sides(bool byDisposal)
    {
        var text = byDisposal ? "disposed" : "by token";
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        using var call = _client.Duplex(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(new EchoRequest { Text = text, Hang = true }, Cancelled);
        Assert.True(await call.ResponseStream.MoveNext(Cancelled));
        var next = call.ResponseStream.MoveNext(Cancelled);

        if (byDisposal)
        {
            call.Dispose();
        }
        else
        {
            await cancel.CancelAsync();
        }

        var failure = await Assert.ThrowsAsync<RpcException>(() => next);
        Assert.Equal(
            (StatusCode.Cancelled, byDisposal ? "gRPC call disposed." : "Call canceled by the client."),
            (failure.StatusCode, failure.Status.Detail));
        await _peer.WaitForAsync($"cancelled {text}", Cancelled);
    }

    [Fact]
    public async Task Cancelling_a_unary_call_ends_it_on_both_sides()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        using var call = _client.UnaryAsync(
            new EchoRequest { Text = "unary", Hang = true }, new Metadata { { "x-seen", "yes" } }, cancellationToken: cancel.Token);
        await call.ResponseHeadersAsync;

        await cancel.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await FailAsync(call)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await _peer.WaitForAsync("cancelled unary", Cancelled);
    }

    [Fact]
    public async Task A_slow_reader_holds_the_server_back()
    {
        const int Replies = 2000;
        var request = new EchoRequest { Text = "slow", Replies = Replies, ReplySize = 16 * 1024 };
        using var call = _client.ServerStream(request, cancellationToken: Cancelled);
        Assert.True(await call.ResponseStream.MoveNext(Cancelled));

        var written = await _peer.WaitForAsync("stalled slow", Cancelled);
        var rest = await TextsOf(call.ResponseStream);

        Assert.InRange(written, 0, 1000); // a window and some buffers, not everything
        Assert.Equal(Enumerable.Range(1, Replies - 1).Select(number => $"slow{number}"), rest);
    }

    [Fact]
    public async Task A_deaf_server_holds_the_writer_back()
    {
        var message = new EchoRequest { Payload = ByteString.CopyFrom(new byte[16 * 1024]) };
        using var call = _client.Duplex(new Metadata { { "deaf", "yes" }, { "x-seen", "yes" } }, cancellationToken: Cancelled);
        await call.ResponseHeadersAsync;
        var written = 0;
        var write = call.RequestStream.WriteAsync(message, Cancelled);
        while (await Task.WhenAny(write, Task.Delay(TimeSpan.FromMilliseconds(300), Cancelled)) == write)
        {
            await write;
            Assert.InRange(++written, 1, 1000);
            write = call.RequestStream.WriteAsync(message, Cancelled);
        }

        call.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => write)).StatusCode);
        await _peer.WaitForAsync("cancelled deaf", Cancelled);
    }

    static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;
}
