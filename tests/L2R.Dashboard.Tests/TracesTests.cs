using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using L2R.TestSupport;
using Xunit;

namespace L2R.Dashboard.Tests;

/// <summary>Spans of real services, sent by OpenTelemetry's own exporter.</summary>
public sealed class TracesTests
{
    const string Parent = "4bf92f3577b34da6a3ce929d0e0e4736"; // of the W3C Trace Context recommendation's examples

    [Fact]
    public async Task The_spans_of_two_services_are_one_trace()
    {
        EndpointReference alpha = null!;
        EndpointReference beta = null!;
        await using var app = await DashboardApp.StartAsync(builder =>
        {
            alpha = builder.AddProject<SampleService>("alpha").WithHttpEndpoint(name: "http").WithHttpHealthCheck("/health/ready").GetEndpoint("http");
            beta = builder.AddProject<SampleService>("beta").WithHttpEndpoint(name: "http").WithHttpHealthCheck("/health/ready").GetEndpoint("http");
        });
        await app.WaitForAsync("alpha", "Running");
        await app.WaitForAsync("beta", "Running");

        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{alpha.Url}/call?url={Uri.EscapeDataString($"{beta.Url}/protocol")}");
        request.Headers.Add("traceparent", $"00-{Parent}-00f067aa0ba902b7-01");
        Assert.Equal("HTTP/1.1", await (await client.SendAsync(request, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        JsonArray traces = [];
        await Eventually.IsTrueAsync("three spans", async () =>
        {
            traces = (await app.GetAsync($"/api/traces?several=true&service=beta&text={Parent}"))["traces"]!.AsArray();
            return traces.Count == 1 && (int)traces[0]!["spans"]! == 3;
        });
        Assert.Equal(
            """[{"name":"alpha","spans":2,"errors":0},{"name":"beta","spans":1,"errors":0}]""", traces[0]!["services"]!.ToJsonString());
        Assert.False((bool)traces[0]!["isWhole"]!); // its root is the caller's

        var spans = (await app.GetAsync($"/api/traces/{Parent}"))["spans"]!.AsArray();
        Assert.Equal(
            [("alpha", "server"), ("alpha", "client"), ("beta", "server")], spans.Select(span => ((string?)span!["service"], (string?)span["kind"])));
        Assert.Equal(
            ["00f067aa0ba902b7", (string?)spans[0]!["id"], (string?)spans[1]!["id"]], spans.Select(span => (string?)span!["parentId"]));
        Assert.Contains(spans[1]!["attributes"]!.AsArray(), pair => pair!.ToJsonString() == """["http.response.status_code","200"]""");
        Assert.All(spans, span => Assert.InRange((double)span!["duration"]!, 0.001, 60_000));
        Assert.Equal(0, (double)spans[0]!["start"]!);
    }

    [Fact]
    public async Task A_service_is_told_where_its_spans_go()
    {
        await using var app = await DashboardApp.StartAsync(builder =>
        {
            builder.AddProject<SampleService>("service").WithHttpEndpoint(name: "http").WithHttpHealthCheck("/health/ready");
            builder.AddExecutable("script", "env", "/");
        });
        var url = (string?)(await app.WaitForAsync("service", "Running"))["urls"]![0]!["url"];
        using var client = new HttpClient();

        var environment = JsonNode.Parse(await client.GetStringAsync(new Uri($"{url}/environment"), TestContext.Current.CancellationToken))!.AsObject();

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={DashboardApp.ApiKey}",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
                ["OTEL_SERVICE_NAME"] = "service",
                ["OTEL_TRACES_SAMPLER"] = "always_on",
            },
            environment.Where(pair => pair.Key.StartsWith("OTEL_", StringComparison.Ordinal) && pair.Key is not ("OTEL_RESOURCE_ATTRIBUTES" or "OTEL_EXPORTER_OTLP_ENDPOINT"))
                .ToDictionary(pair => pair.Key, pair => (string)pair.Value!));
        var script = await app.GetAsync("/api/resources/script/log");
        Assert.DoesNotContain(script["lines"]!.AsArray(), line => ((string)line!["text"]!).StartsWith("OTEL_EXPORTER", StringComparison.Ordinal));
    }
}
