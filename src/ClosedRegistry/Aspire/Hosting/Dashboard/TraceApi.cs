using Aspire.Hosting.Dashboard.Otlp;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aspire.Hosting.Dashboard;

/// <summary>Takes in spans by OTLP, and shows them as traces.</summary>
sealed class TraceApi(TraceStore store)
{
    const int MostTraces = 200;
    const int MostSpans = 2_000; // of one trace

    static readonly MessageParser<TraceRequest> Parser = TraceRequest.Parser.WithDiscardUnknownFields(true);

    public void Map(IEndpointRouteBuilder web)
    {
        web.MapPost("/v1/traces", TakeInAsync);
        web.MapPost("/v1/{signal}", IgnoreAsync); // logs are read from the output; nothing here shows metrics
        web.MapGet("/api/traces", List);
        web.MapGet("/api/traces/{id}", Find);
    }

    async Task<IResult> TakeInAsync(HttpRequest request)
    {
        try
        {
            store.Add(Parser.ParseFrom(await ReadAsync(request)));
            return Answer();
        }
        catch (InvalidProtocolBufferException exception)
        {
            return Results.Text(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    static async Task<IResult> IgnoreAsync(HttpRequest request)
    {
        await request.Body.CopyToAsync(Stream.Null, request.HttpContext.RequestAborted);
        return Answer();
    }

    // An empty message says that everything was taken.
    static IResult Answer() => Results.Bytes([], "application/x-protobuf");

    static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    /// <param name="several">Only those with spans of more than one service.</param>
    /// <param name="errors">Only those with a span that failed.</param>
    IResult List(string? service = null, string? text = null, bool several = false, bool errors = false) => Results.Json(new
    {
        state = store.State,
        traces = store.List(service, text, trace => (!several || trace.Services.Count > 1) && (!errors || trace.Errors > 0), MostTraces),
    });

    IResult Find(string id)
    {
        if (!store.TryFind(id, out var spans))
        {
            return Results.NotFound();
        }
        return Results.Json(new { trace = TraceSummary.Of(spans), spans = spans.Take(MostSpans).Select(span => ToView(span, spans[0].Start)) });
    }

    /// <summary>Times are milliseconds after the start of the trace.</summary>
    static object ToView(StoredSpan span, ulong zero) => new
    {
        span.Id,
        span.ParentId,
        span.Service,
        span.Scope,
        span.Name,
        span.Kind,
        start = (span.Start - zero) / 1e6,
        duration = (span.End - span.Start) / 1e6,
        span.Status,
        span.Message,
        attributes = span.Attributes.Select(pair => new[] { pair.Key, pair.Value }),
        events = span.Events.Select(one => new
        {
            at = ((double)one.Time - zero) / 1e6, // clocks of one machine, yet an event may be said to be earlier
            one.Name,
            attributes = one.Attributes.Select(pair => new[] { pair.Key, pair.Value }),
        }),
    };
}
