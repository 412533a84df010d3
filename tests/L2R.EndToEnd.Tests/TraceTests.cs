using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using L2R.Intake.V1;
using L2R.TestSupport;

namespace L2R.EndToEnd.Tests;

/// <summary>What the dashboard of the stand-in receives from the real services.</summary>
public sealed class TraceTests(StackFixture stack)
{
    [Fact]
    public async Task One_lead_is_one_trace_from_the_gateway_through_the_broker_to_the_ledger()
    {
        Assert.SkipWhen(typeof(DistributedApplication).Assembly.GetType("Aspire.Hosting.Dashboard.DashboardHost") is null, "Aspire's own dashboard has another API.");
        await stack.WaitUntilReadyAsync();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = stack.Dashboard };
        (await browser.GetAsync(stack.Dashboard, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        var traceId = Guid.NewGuid().ToString("N");
        var options = await CliToken.AsAsync("traces");
        options.Headers!.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-01");

        await new IntakeService.IntakeServiceClient(stack.Channel).CreateLeadAsync(
            new CreateLeadRequest { Lead = new Lead { Person = new Person { Email = "grace@example.com" } } }, options);

        string[] steps =
        [
            "gateway /l2r.intake.v1.IntakeService/CreateLead",
            "intake /l2r.intake.v1.IntakeService/CreateLead",
            "intake relay StagesChanged",
            "metrics metrics.StagesChanged process",
            "scoring scoring.LeadsChanged process",
        ];
        JsonArray spans = [];
        await Eventually.IsTrueAsync("all of these steps in one trace", async () =>
        {
            using var answer = await browser.GetAsync($"/api/traces/{traceId}", TestContext.Current.CancellationToken);
            spans = answer.IsSuccessStatusCode
                ? (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["spans"]!.AsArray()
                : [];
            return steps.All(spans.Select(span => $"{span!["service"]} {span["name"]}").Contains);
        });
        Assert.DoesNotContain("grace@example.com", spans.ToJsonString());
        var all = await browser.GetFromJsonAsync<JsonNode>("/api/traces?text=/health", TestContext.Current.CancellationToken);
        Assert.Empty(all!["traces"]!.AsArray());
    }
}
