using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

var app = WebApplication.CreateBuilder(args).Build();
using var traces = app.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }
    ? Sdk.CreateTracerProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateDefault().AddEnvironmentVariableDetector())
        .AddSource("Microsoft.AspNetCore", "System.Net.Http")
        .AddOtlpExporter()
        .Build()
    : null;
using var client = new HttpClient();

app.MapGet("/health/ready", () => "ready");
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapGet("/protocol", (HttpRequest request) => request.Protocol);
app.MapGet("/call", (Uri url) => client.GetStringAsync(url));

await app.RunAsync();
