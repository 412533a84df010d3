using System.Collections.Concurrent;
using Google.Protobuf;
using L2R.Gateway.Tests.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace L2R.Gateway.Tests;

/// <summary>Takes what services export by OTLP over HTTP, and keeps it.</summary>
sealed class TelemetryReceiver : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly ConcurrentQueue<(string Service, string Source, string TraceId)> _spans = new();
    readonly ConcurrentDictionary<(string Service, string Metric), double> _values = new();

    TelemetryReceiver(WebApplication app) => _app = app;

    public static async Task<TelemetryReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear(); // the services' own settings lie beside the tests
        builder.Configuration.AddInMemoryCollection([new("urls", "http://127.0.0.1:0")]);
        builder.Logging.ClearProviders();
        var receiver = new TelemetryReceiver(builder.Build());
        receiver._app.MapPost("/v1/traces", async (HttpRequest request) => receiver.Keep(await ReadAsync(Traces.Parser, request)));
        receiver._app.MapPost("/v1/metrics", async (HttpRequest request) => receiver.Keep(await ReadAsync(Otlp.Metrics.Parser, request)));
        receiver._app.MapPost("/v1/logs", () => { });
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Makes a service export to here, soon.</summary>
    public (string Key, string Value)[] SettingsOf(string service) =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", _app.Urls.Single()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_SERVICE_NAME", service),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
    ];

    /// <summary>Which sources of which services have spans of the trace: <c>intake Npgsql</c>.</summary>
    public IReadOnlySet<string> SourcesOf(string traceId) =>
        _spans.Where(span => span.TraceId == traceId).Select(span => $"{span.Service} {span.Source}").ToHashSet();

    /// <summary>The metric's last value, of a histogram its sum; 0 without one.</summary>
    public double ValueOf(string service, string metric) => _values.GetValueOrDefault((service, metric));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    static async Task<T> ReadAsync<T>(MessageParser<T> parser, HttpRequest request)
        where T : IMessage<T>
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return parser.ParseFrom(body.ToArray());
    }

    static string NameOf(Resource resource) => resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue;

    void Keep(Traces traces)
    {
        foreach (var resource in traces.ResourceSpans)
        {
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    _spans.Enqueue((NameOf(resource.Resource), scope.Scope.Name, Convert.ToHexStringLower(span.TraceId.Span)));
                }
            }
        }
    }

    void Keep(Otlp.Metrics metrics)
    {
        foreach (var resource in metrics.ResourceMetrics)
        {
            foreach (var metric in resource.ScopeMetrics.SelectMany(scope => scope.Metrics))
            {
                IEnumerable<Number> numbers = [.. metric.Gauge?.DataPoints ?? [], .. metric.Sum?.DataPoints ?? []];
                _values[(NameOf(resource.Resource), metric.Name)] =
                    numbers.Sum(number => number.AsDouble + number.AsInt) + (metric.Histogram?.DataPoints ?? []).Sum(histogram => histogram.Sum);
            }
        }
    }
}
