namespace L2R.Interop.Tests;

public sealed class OurServerAgainstGrpcJs(GrpcJsClient peers) : ForeignClientTests(peers), IClassFixture<GrpcJsClient>;

public sealed class OurServerAgainstGrpcio(GrpcioClient peers) : ForeignClientTests(peers), IClassFixture<GrpcioClient>;

/// <summary>Our server, called by a client of another house.</summary>
public abstract class ForeignClientTests(ForeignClient peers)
{
    static readonly string[] AllMethods = ["Unary", "ClientStream", "ServerStream", "Duplex"];

    public static TheoryData<string, int> Failures =>
        [.. AllMethods.SelectMany(method => Enumerable.Range(1, 16).Select(code => new TheoryDataRow<string, int>(method, code)))];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Unary", new[] { "a" }, new[] { "a" })]
    [InlineData("ClientStream", new[] { "a", "b", "c" }, new[] { "abc" })]
    [InlineData("ServerStream", new[] { "a" }, new[] { "a0", "a1", "a2" })]
    [InlineData("Duplex", new[] { "a", "b", "c" }, new[] { "a", "b", "c" })]
    public async Task Each_kind_of_call_gets_its_replies(string method, string[] texts, string[] replies)
    {
        var result = await peers.CallAsync(new() { Method = method, Requests = [.. texts.Select(text => new { text, replies = 3 })] });

        Assert.Equal((0, ""), (result.Code, result.Detail));
        Assert.Equal(replies, result.Texts);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Each_status_arrives_with_its_detail(string method, int code)
    {
        var result = await peers.CallAsync(new() { Method = method, Requests = [new { text = "a", replies = 1, code, detail = $"code {code}" }] });

        Assert.Equal((code, $"code {code}"), (result.Code, result.Detail));
        Assert.Equal(method == "ServerStream" ? ["a0"] : [], result.Texts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("100% naïve, 漢字 and 🦀")]
    [InlineData("two\r\nlines\tand a tab")]
    public async Task Any_text_survives_as_detail(string detail)
    {
        var result = await peers.CallAsync(new() { Method = "Unary", Requests = [new { code = 9, detail }] });

        Assert.Equal((9, detail), (result.Code, result.Detail));
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ServerStream")]
    public async Task Status_details_arrive_as_binary_trailer(string method)
    {
        var details = Convert.ToBase64String([0, 1, 2, 253, 254]);

        var result = await peers.CallAsync(new() { Method = method, Requests = [new { code = 3, replies = 1, details }] });

        Assert.Equal(3, result.Code);
        Assert.Equal([details], result.Trailers["grpc-status-details-bin"]);
    }

    [Fact]
    public async Task Metadata_comes_back_as_headers_and_trailers()
    {
        var result = await peers.CallAsync(new()
        {
            Method = "Unary",
            Requests = [new { text = "a" }],
            Metadata = [["x-text", "some text; with, signs"], ["x-1-bin", "AA=="], ["x-2-bin", "AAE="], ["x-3-bin", "AAEC"]],
        });

        Assert.Equal(0, result.Code);
        foreach (var (prefix, received) in new[] { ("", result.Headers), ("t-", result.Trailers) })
        {
            Assert.Equal(["some text; with, signs"], received[$"{prefix}x-text"]);
            Assert.Equal(["AA=="], received[$"{prefix}x-1-bin"]);
            Assert.Equal(["AAE="], received[$"{prefix}x-2-bin"]);
            Assert.Equal(["AAEC"], received[$"{prefix}x-3-bin"]);
        }
    }

    // HTTP joins its values, and the joined one is no base64.
    [Fact]
    public async Task Repeated_binary_metadata_fails_the_call_that_reads_it()
    {
        var result = await peers.CallAsync(new()
        {
            Method = "Unary",
            Requests = [new { text = "a" }],
            Metadata = [["x-many-bin", "AA=="], ["x-many-bin", "AAEC"]],
        });

        Assert.Equal((2, "Exception was thrown by handler."), (result.Code, result.Detail));
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("Duplex")]
    public async Task Mebibytes_go_both_ways(string method)
    {
        const int Mebibyte = 1024 * 1024;

        var result = await peers.CallAsync(new() { Method = method, Requests = [new { payload_size = Mebibyte, reply_size = Mebibyte }] });

        Assert.Equal((0, ""), (result.Code, result.Detail));
        Assert.Equal([Mebibyte], result.Replies.Select(reply => reply.Size));
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ClientStream")]
    [InlineData("ServerStream")]
    [InlineData("Duplex")]
    public async Task Requests_over_4_MiB_are_refused(string method)
    {
        var result = await peers.CallAsync(new() { Method = method, Requests = [new { payload_size = 4 * 1024 * 1024 }] });

        Assert.Equal((8, "Received message exceeds the maximum configured message size."), (result.Code, result.Detail));
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ServerStream")]
    public async Task Replies_over_the_limit_for_sending_are_not_sent(string method)
    {
        var result = await peers.CallAsync(new()
        {
            Method = method,
            Requests = [new { reply_size = EchoHost.MaxSendSize, replies = 1 }],
            Options = new() { ["grpc.max_receive_message_length"] = -1 },
        });

        Assert.Equal((8, "Sending message exceeds the maximum configured message size."), (result.Code, result.Detail));
    }

    [Fact]
    public async Task Compressed_requests_are_understood()
    {
        foreach (var algorithm in new[] { 1, 2 }) // deflate, gzip
        {
            var result = await peers.CallAsync(new()
            {
                Method = "Duplex",
                Requests = [new { text = new string('a', 1000) }, new { text = "b" }],
                Options = new() { ["grpc.default_compression_algorithm"] = algorithm },
            });

            Assert.Equal((0, ""), (result.Code, result.Detail));
            Assert.Equal([new string('a', 1000), "b"], result.Texts);
        }
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ClientStream")]
    [InlineData("ServerStream")]
    [InlineData("Duplex")]
    public async Task A_client_tries_again_by_its_own_policy_and_stops_where_the_server_says_so(string method)
    {
        var order = new CallOrder
        {
            Method = method,
            Requests = [new { text = "a", replies = 1 }],
            Options = new()
            {
                ["grpc.service_config"] = """
                    {"methodConfig": [{"name": [{"service": "l2r.interop.v1.EchoService"}], "retryPolicy": {"maxAttempts": 4,
                     "initialBackoff": "0.01s", "maxBackoff": "0.01s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}
                    """,
            },
        };

        var answered = await peers.CallAsync(order with { Metadata = [["fail-attempts", "2"]] });
        Assert.Equal((0, ""), (answered.Code, answered.Detail));
        Assert.Equal(["2"], answered.Headers["attempts-before"]);

        var stopped = await peers.CallAsync(order with { Metadata = [["fail-attempts", "2"], ["pushback", "-1"]] });
        Assert.Equal((14, "attempt 0"), (stopped.Code, stopped.Detail));
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ClientStream")]
    [InlineData("ServerStream")]
    [InlineData("Duplex")]
    public async Task The_handler_sees_the_deadline(string method)
    {
        var result = await peers.CallAsync(new() { Method = method, Requests = [new { text = "a", replies = 1 }], TimeoutMs = 60_000 });

        Assert.InRange(Assert.Single(result.Replies).DeadlineMs, 1, 61_000); // grpcio rounds up to three digits
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ServerStream")]
    [InlineData("Duplex")]
    public async Task The_server_ends_a_call_at_its_deadline_and_cancels_the_handler(string method)
    {
        var text = $"deadline {method}";

        // As plain metadata the timeout is unknown to the client's own timers: what arrives is the server's answer.
        var result = await peers.CallAsync(new() { Method = method, Requests = [new { text, hang = true }], Metadata = [["grpc-timeout", "500m"]] });

        Assert.Equal((4, "Deadline Exceeded"), (result.Code, result.Detail));
        Assert.Equal(method == "Duplex" ? [text] : [], result.Texts);
        await peers.Host.Events.WaitForAsync($"cancelled {text}", Cancelled);
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ServerStream")]
    [InlineData("Duplex")]
    public async Task The_clients_own_deadline_cancels_the_handler(string method)
    {
        var text = $"timeout {method}";

        var result = await peers.CallAsync(new() { Method = method, Requests = [new { text, hang = true }], TimeoutMs = 1000 });

        Assert.Equal(4, result.Code);
        await peers.Host.Events.WaitForAsync($"cancelled {text}", Cancelled);
    }

    [Theory]
    [InlineData("Unary")]
    [InlineData("ServerStream")]
    [InlineData("Duplex")]
    public async Task A_cancelled_call_cancels_the_handler(string method)
    {
        var text = $"cancel {method}";

        var call = peers.Start(new() { Method = method, Requests = [new { text, hang = true }] });
        await peers.Host.Events.WaitForAsync($"hanging {text}", Cancelled);
        await call.CancelAsync();

        Assert.Equal(1, (await call.Result).Code);
        await peers.Host.Events.WaitForAsync($"cancelled {text}", Cancelled);
    }

    [Fact]
    public async Task Methods_without_handler_and_services_unknown_are_unimplemented()
    {
        var missing = await peers.CallAsync(new() { Method = "Missing", Requests = [new { }] });

        Assert.Equal((12, ""), (missing.Code, missing.Detail));
    }

    [Fact]
    public async Task Two_hundred_streams_share_one_connection()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(stream => peers.CallAsync(new()
        {
            Method = "Duplex",
            Requests = [.. Enumerable.Range(0, 5).Select(message => new { text = $"{stream}.{message}", reply_size = 1000 })],
            Metadata = [["x-connection", "show"]],
        })));

        for (var stream = 0; stream < 200; stream++)
        {
            Assert.Equal(0, results[stream].Code);
            Assert.Equal(Enumerable.Range(0, 5).Select(message => $"{stream}.{message}"), results[stream].Texts);
        }
        Assert.Single(peers.Connections);
    }

    [Fact]
    public async Task A_slow_reader_holds_the_handler_back()
    {
        // 64 MiB. grpcio lets its window grow to over 20 MiB where reading was fast so far.
        const int Replies = 1000;
        const int Size = 64 * 1024;
        var reading = peers.Start(new()
        {
            Method = "ServerStream",
            Requests = [new { text = "slow", replies = Replies, reply_size = Size }],
            PauseAfter = 1,
        });

        var written = await peers.Host.Events.WaitForAsync("stalled slow", Cancelled);
        await reading.ResumeAsync();
        var result = await reading.Result;

        Assert.InRange(written, 0, 800); // a window and some buffers, not everything
        Assert.Equal((0, Replies), (result.Code, result.Replies.Length));
        Assert.Equal($"slow{Replies - 1}", result.Texts[^1]);
    }
}
