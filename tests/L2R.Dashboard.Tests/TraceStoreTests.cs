using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Otlp;
using Google.Protobuf;
using Xunit;

namespace L2R.Dashboard.Tests;

/// <summary>The ring: what stays, what goes, and how much it takes.</summary>
public sealed class TraceStoreTests
{
    const int Capacity = 100_000; // bytes

    readonly TraceStore _store = new(Capacity);

    [Fact]
    public void The_oldest_spans_make_room_and_a_trace_without_spans_is_gone()
    {
        for (var number = 0; number < 1_000; number++)
        {
            _store.Add(Request(trace: number / 2, span: number, parent: number % 2 == 0 ? null : number - 1));
        }

        var state = _store.State;
        var left = _store.List(null, null, _ => true, 1_000);
        Assert.InRange(state.Weight, Capacity - 2_000, Capacity);
        Assert.Equal((state.Traces, state.Spans), (left.Count, left.Sum(trace => trace.Spans)));
        Assert.Equal(Enumerable.Range(500 - left.Count, left.Count).Reverse().Select(TraceId), left.Select(trace => trace.Id));
        Assert.False(_store.TryFind(TraceId(0), out _));
        Assert.True(_store.TryFind(TraceId(499), out var spans));
        Assert.Equal([SpanId(998), SpanId(999)], spans.Select(span => span.Id));
    }

    [Fact]
    public void A_trace_whose_first_spans_are_gone_is_said_not_to_be_whole()
    {
        _store.Add(Request(trace: 1, span: 1, parent: null, name: "root"));
        _store.Add(Request(trace: 1, span: 2, parent: 1, name: "child"));
        Assert.Equal(("root", true), Summarize());

        for (var number = 100; _store.State.Spans > 0 && Summarize().IsWhole; number++)
        {
            _store.Add(Request(trace: number, span: number, parent: null));
        }

        Assert.Equal(("child", false), Summarize());

        (string Name, bool IsWhole) Summarize() => _store.List(null, TraceId(1), _ => true, 1) is [var trace] ? (trace.Name, trace.IsWhole) : ("", false);
    }

    [Fact]
    public void What_is_too_long_is_cut()
    {
        var request = Request(trace: 1, span: 1, parent: null, name: new('n', 5_000));
        var span = request.ResourceSpans[0].ScopeSpans[0].Spans[0];
        span.Attributes.AddRange(Enumerable.Range(0, 1_000).Select(number => new KeyValue { Key = $"{number}", Value = new() { StringValue = new('v', 5_000) } }));
        span.Events.AddRange(Enumerable.Range(0, 1_000).Select(_ => new Event { Name = "event" }));

        var stored = StoredSpan.Read(span, "service", "scope")!;

        Assert.Equal((2_001, 64, 2_001, 16), (stored.Name.Length, stored.Attributes.Count, stored.Attributes[0].Value.Length, stored.Events.Count));
    }

    [Fact]
    public void Every_kind_of_value_becomes_a_text()
    {
        var request = Request(trace: 1, span: 1, parent: null);
        var list = new ValueList { Values = { new Value { IntValue = 1 }, new Value { StringValue = "two" } } };
        var map = new KeyValueList { Values = { new KeyValue { Key = "three", Value = new() { DoubleValue = 3.5 } } } };
        request.ResourceSpans[0].ScopeSpans[0].Spans[0].Attributes.AddRange(
        [
            new() { Key = "text", Value = new() { StringValue = "t" } },
            new() { Key = "yes", Value = new() { BoolValue = true } },
            new() { Key = "number", Value = new() { IntValue = -5 } },
            new() { Key = "list", Value = new() { ArrayValue = list } },
            new() { Key = "map", Value = new() { KvlistValue = map } },
            new() { Key = "bytes", Value = new() { BytesValue = ByteString.CopyFrom(1, 255) } },
            new() { Key = "nothing" },
        ]);

        Assert.Equal(
            ["text t", "yes true", "number -5", "list [1, two]", "map {three: 3.5}", "bytes 01ff", "nothing "],
            Read(request).Attributes.Select(pair => $"{pair.Key} {pair.Value}"));
    }

    [Fact]
    public void A_span_without_ids_is_left_out_and_the_end_is_never_before_the_start()
    {
        var request = Request(trace: 1, span: 1, parent: null);
        var spans = request.ResourceSpans[0].ScopeSpans[0].Spans;
        spans[0].EndTimeUnixNano = 5;
        spans.Add(new Span { Name = "lost" });

        var stored = Read(request);

        Assert.Equal(stored.Start, stored.End);
    }

    [Fact]
    public void Traces_are_found_by_service_text_and_failure()
    {
        _store.Add(Request(trace: 1, span: 1, parent: null, name: "GET /leads", service: "intake"));
        _store.Add(Request(trace: 1, span: 2, parent: 1, name: "receive", service: "metrics", code: 2));
        _store.Add(Request(trace: 2, span: 3, parent: null, name: "poll", service: "metrics"));

        Assert.Equal([TraceId(1)], Find("intake", null));
        Assert.Equal([TraceId(2), TraceId(1)], Find("metrics", null));
        Assert.Equal([TraceId(1)], Find(null, "LEADS"));
        Assert.Equal([TraceId(2)], Find("", TraceId(2)[..31].ToUpperInvariant() + "2"));
        Assert.Empty(Find("intake", "poll"));
        var failed = Assert.Single(_store.List(null, null, trace => trace.Errors > 0, 10));
        Assert.Equal(
            (TraceId(1), "GET /leads", 2, 1, "intake 1 0, metrics 1 1"),
            (failed.Id, failed.Name, failed.Spans, failed.Errors, string.Join(", ", failed.Services.Select(one => $"{one.Name} {one.Spans} {one.Errors}"))));
        Assert.Equal(["intake", "metrics"], _store.State.Services);

        IEnumerable<string> Find(string? service, string? text) => _store.List(service, text, _ => true, 10).Select(trace => trace.Id);
    }

    StoredSpan Read(TraceRequest request)
    {
        _store.Add(TraceRequest.Parser.ParseFrom(request.ToByteArray()));
        Assert.True(_store.TryFind(TraceId(1), out var spans));
        return Assert.Single(spans);
    }

    static string TraceId(int number) => $"{number:x32}";

    static string SpanId(int number) => $"{number + 1:x16}";

    static TraceRequest Request(int trace, int span, int? parent, string name = "name", string service = "service", int code = 0) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new() { Attributes = { new KeyValue { Key = "service.name", Value = new() { StringValue = service } } } },
                ScopeSpans =
                {
                    new ScopeSpans
                    {
                        Scope = new() { Name = "scope" },
                        Spans =
                        {
                            new Span
                            {
                                TraceId = ByteString.CopyFrom(Convert.FromHexString(TraceId(trace))),
                                SpanId = ByteString.CopyFrom(Convert.FromHexString(SpanId(span))),
                                ParentSpanId = parent is { } id ? ByteString.CopyFrom(Convert.FromHexString(SpanId(id))) : ByteString.Empty,
                                Name = name,
                                Kind = 2,
                                StartTimeUnixNano = (ulong)(1_000_000 * (span + 1)),
                                EndTimeUnixNano = (ulong)(1_000_000 * (span + 2)),
                                Status = new() { Code = code },
                            },
                        },
                    },
                },
            },
        },
    };
}
