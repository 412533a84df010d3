using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using L2R.Operations.V1;
using L2R.Policy.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;
using Npgsql;

namespace L2R.Operations.Tests;

/// <summary>A service whose database and broker go away and come back.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ServersAwayTests : IAsyncLifetime
{
    const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736"; // of the W3C Trace Context recommendation's examples

    readonly NpgsqlConnectionStringBuilder _database = new(TestDatabase.AddressOfNew());
    TcpProxy _postgres = null!;
    TcpProxy _broker = null!;
    ServiceProcess _service = null!;

    ScoringService.ScoringServiceClient Client => new(_service.Channel);

    static CallOptions RevOps => ServiceProcess.As("acme", "revops");

    public async ValueTask InitializeAsync()
    {
        _postgres = new TcpProxy(new Uri($"http://{_database.Host}:{_database.Port}"));
        var broker = new Uri(TestServers.RabbitMq);
        _broker = new TcpProxy(new Uri($"http://{broker.Authority}"));
        (_database.Host, _database.Port) = (_postgres.Address.Host, _postgres.Address.Port);
        _service = await ServiceProcess.StartAsync(
            typeof(Scoring.Domain.Score).Assembly, "scoringdb",
            ("ConnectionStrings__scoringdb", _database.ConnectionString),
            ("ConnectionStrings__rabbitmq", new UriBuilder(broker) { Port = _broker.Address.Port }.ToString()));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _postgres.DisposeAsync();
        await _broker.DisposeAsync();
        await TestDatabase.DropAsync(_database.ConnectionString);
    }

    async Task<(HttpStatusCode Status, string Check, string Reason)> ReadinessAsync(string check)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(_service.Http, "/health/ready"), TestContext.Current.CancellationToken);
        var said = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["checks"]![check];
        return (answer.StatusCode, (string?)said?["status"] ?? "", (string?)said?["description"] ?? "");
    }

    [Fact]
    public async Task Without_its_database_a_service_says_so_in_calls_probe_and_log_and_goes_on_when_it_is_back()
    {
        var traced = RevOps;
        traced.Headers!.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
        _postgres.Leave();

        var error = await GrpcAssert.FailsAsync(Client.GetScoringPolicyAsync(new() { Name = "scoringPolicies/active" }, traced));

        Assert.Equal((StatusCode.Unavailable, "STORAGE_UNAVAILABLE", TimeSpan.FromSeconds(1)), (error.Code, error.Reason, error.RetryAfter));
        await Eventually.IsTrueAsync("readiness to say why", async () =>
            await ReadinessAsync("PostgreSql") is (HttpStatusCode.ServiceUnavailable, "Unhealthy", { Length: > 0 }));
        var line = Log().Single(line => (int?)line["EventId"] == 10);
        Assert.Equal(("Warning", "L2R.ServiceDefaults.CallGuard"), ((string?)line["LogLevel"], (string?)line["Category"]));
        var scopes = line["Scopes"]!.AsArray().SelectMany(scope => scope!.AsObject()).ToList();
        Assert.Contains(scopes, value => value.Key == "TraceId" && (string?)value.Value == TraceId);
        // What else logs of calls hold, and nothing of a message.
        Assert.Empty(scopes.Select(value => value.Key).Except(["Message", "{OriginalFormat}", "TraceId", "SpanId", "ParentId", "ConnectionId", "RequestId", "RequestPath"]));

        _postgres.Return();
        await Eventually.EqualAsync((HttpStatusCode.OK, "Healthy", ""), () => ReadinessAsync("PostgreSql"));
        Assert.Equal(PolicyState.Active, (await Client.GetScoringPolicyAsync(new() { Name = "scoringPolicies/active" }, RevOps)).State);
    }

    [Fact]
    public async Task A_retry_of_a_call_whose_commit_was_cut_off_does_it_once()
    {
        var request = new CreateScoringPolicyRequest
        {
            ScoringPolicy = (await Client.GetScoringPolicyAsync(new() { Name = "scoringPolicies/active" }, RevOps)).Clone(),
            RequestId = Guid.NewGuid().ToString(),
        };
        request.ScoringPolicy.Threshold++;
        _postgres.CutAfter("COMMIT");

        var error = await GrpcAssert.FailsAsync(Client.CreateScoringPolicyAsync(request, RevOps));
        await Client.CreateScoringPolicyAsync(request, RevOps);

        Assert.Equal(
            ("STORAGE_UNAVAILABLE", "The database is not answering. Try again: if this call was stored after all, the same request_id keeps it from being done twice."),
            (error.Reason, error.Message));
        Assert.Equal(2, (await Client.ListScoringPoliciesAsync(new(), RevOps)).ScoringPolicies.Count); // with the default one
    }

    [Fact]
    public async Task Without_the_broker_an_operator_is_told_so()
    {
        var operations = new OperationsService.OperationsServiceClient(_service.Channel);
        _broker.Leave();

        var error = await GrpcAssert.FailsAsync(operations.GetFlowAsync(new(), OperationsFixture.Operator));

        Assert.Equal((StatusCode.Unavailable, "BROKER_UNAVAILABLE", TimeSpan.FromSeconds(1)), (error.Code, error.Reason, error.RetryAfter));
        _broker.Return();
        Assert.EndsWith("scoring", (await operations.GetFlowAsync(new(), OperationsFixture.Operator)).Service, StringComparison.Ordinal);
    }

    /// <summary>Every line that the service wrote is one JSON object.</summary>
    IEnumerable<JsonObject> Log() => _service.Output.Select(line => JsonNode.Parse(line)!.AsObject());
}
