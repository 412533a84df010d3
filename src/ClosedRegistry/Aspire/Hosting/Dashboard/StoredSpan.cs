using System.Globalization;
using Aspire.Hosting.Dashboard.Otlp;

namespace Aspire.Hosting.Dashboard;

/// <summary>One span as the dashboard keeps it: texts are cut at 2,000 characters, attributes at 64, events at 16.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="ParentId">Null for the root of a trace.</param>
/// <param name="Scope">The name of the activity source.</param>
/// <param name="Kind">internal, server, client, producer, consumer; empty where not said.</param>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="End">Nanoseconds since 1970.</param>
/// <param name="Status">unset, ok, error.</param>
sealed record StoredSpan(
    string TraceId,
    string Id,
    string? ParentId,
    string Service,
    string Scope,
    string Name,
    string Kind,
    ulong Start,
    ulong End,
    string Status,
    string Message,
    IReadOnlyList<KeyValuePair<string, string>> Attributes,
    IReadOnlyList<StoredEvent> Events)
{
    const int LongestText = 2_000; // characters
    const int MostAttributes = 64;
    const int MostEvents = 16;
    const int IdLength = 8; // bytes
    const int TraceIdLength = 16; // bytes

    static readonly string[] Kinds = ["", "internal", "server", "client", "producer", "consumer"];

    /// <summary>What it takes in memory: about as many bytes.</summary>
    public int Weight { get; } = 600 + 2 * (Name.Length + Message.Length) + Weigh(Attributes) + Events.Sum(one => 150 + 2 * one.Name.Length + Weigh(one.Attributes));

    public bool IsError => Status == "error";

    /// <returns>Null for one that has no ids.</returns>
    public static StoredSpan? Read(Span span, string service, string scope) =>
        span.TraceId.Length != TraceIdLength || span.SpanId.Length != IdLength
            ? null
            : new(
                Hex(span.TraceId),
                Hex(span.SpanId),
                span.ParentSpanId.Length == IdLength ? Hex(span.ParentSpanId) : null,
                service,
                scope,
                Cut(span.Name),
                Kinds.ElementAtOrDefault(span.Kind) ?? "",
                span.StartTimeUnixNano,
                Math.Max(span.StartTimeUnixNano, span.EndTimeUnixNano),
                span.Status?.Code switch { 1 => "ok", 2 => "error", _ => "unset" },
                Cut(span.Status?.Message ?? ""),
                Read(span.Attributes),
                [.. span.Events.Take(MostEvents).Select(one => new StoredEvent(one.TimeUnixNano, Cut(one.Name), Read(one.Attributes)))]);

    public static string Text(Value? value) => Cut(value?.KindCase switch
    {
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        Value.KindOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        Value.KindOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        Value.KindOneofCase.ArrayValue => $"[{string.Join(", ", value.ArrayValue.Values.Select(Text))}]",
        Value.KindOneofCase.KvlistValue => $"{{{string.Join(", ", value.KvlistValue.Values.Select(pair => $"{pair.Key}: {Text(pair.Value)}"))}}}",
        Value.KindOneofCase.BytesValue => Hex(value.BytesValue),
        _ => "",
    });

    static List<KeyValuePair<string, string>> Read(IEnumerable<KeyValue> attributes) =>
        [.. attributes.Take(MostAttributes).Select(pair => KeyValuePair.Create(Cut(pair.Key), Text(pair.Value)))];

    static int Weigh(IEnumerable<KeyValuePair<string, string>> attributes) => attributes.Sum(pair => 80 + 2 * (pair.Key.Length + pair.Value.Length));

    static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    static string Cut(string text) => text.Length <= LongestText ? text : $"{text[..LongestText]}…";
}

/// <param name="Time">Nanoseconds since 1970.</param>
sealed record StoredEvent(ulong Time, string Name, IReadOnlyList<KeyValuePair<string, string>> Attributes);
