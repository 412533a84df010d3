using L2R.Intake.V1;
using L2R.TestSupport;
using Npgsql;

namespace L2R.Gateway.Tests;

/// <summary>What an operator sees of a call that goes through the whole house, from the exporters of its services.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TelemetryTests(GatewayFixture fixture)
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    async Task CreateLeadAsync(string traceId)
    {
        var options = ServiceProcess.As($"t-{Guid.NewGuid():N}", "marketing");
        options.Headers!.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-01");
        await new IntakeService.IntakeServiceClient(fixture.Gateway.Channel).CreateLeadAsync(new() { Lead = new() { ExternalId = "1" } }, options);
    }

    Task HasValueAsync(string service, string metric) =>
        Eventually.IsTrueAsync($"{metric} of {service} to have a value", () => Task.FromResult(fixture.Telemetry.ValueOf(service, metric) > 0));

    [Fact]
    public async Task One_trace_leads_from_the_call_at_the_gateway_to_the_row_of_the_ledger()
    {
        var traceId = Guid.NewGuid().ToString("N");
        string[] way =
        [
            "gateway Microsoft.AspNetCore", "gateway System.Net.Http",
            "intake Microsoft.AspNetCore", "intake Npgsql", "intake MassTransit",
            "metrics MassTransit", "metrics Npgsql",
        ];

        await CreateLeadAsync(traceId);

        await Eventually.EqualAsync("", () => Task.FromResult(string.Join(", ", way.Except(fixture.Telemetry.SourcesOf(traceId)))));
    }

    [Fact]
    public async Task Requests_their_durations_and_how_far_outbox_and_consumers_are_behind_have_values()
    {
        await CreateLeadAsync(Guid.NewGuid().ToString("N"));

        await HasValueAsync("gateway", "http.server.request.duration");
        await HasValueAsync("intake", "http.server.request.duration");
        await HasValueAsync("intake", "l2r.outbox.relayed");
        await HasValueAsync("metrics", "l2r.consumer.lag");
    }

    [Fact]
    public async Task An_event_that_is_not_sent_shows_in_depth_and_lag_of_the_outbox()
    {
        await using var connection = await fixture.Intake.Admin.OpenConnectionAsync(Cancelled);
        await using var held = await HoldAnEventAsync(connection);

        await HasValueAsync("intake", "l2r.outbox.depth");
        await HasValueAsync("intake", "l2r.outbox.lag");
        await held.CommitAsync(Cancelled); // it was never an event
    }

    /// <summary>Keeps an event from the relay, which passes over rows that somebody has locked; seldom the relay is faster.</summary>
    static async Task<NpgsqlTransaction> HoldAnEventAsync(NpgsqlConnection connection)
    {
        while (true)
        {
            var id = Guid.NewGuid();
            await using var insert = new NpgsqlCommand(
                "INSERT INTO outbox (event_id, event_type, routing_key, payload) VALUES ($1, 'l2r.intake.v1.LeadsChanged', 'live.nobody', '')", connection)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
            };
            await insert.ExecuteNonQueryAsync(Cancelled);
            var transaction = await connection.BeginTransactionAsync(Cancelled);
            await using var hold = new NpgsqlCommand("DELETE FROM outbox WHERE event_id = $1", connection, transaction)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
            };
            if (await hold.ExecuteNonQueryAsync(Cancelled) == 1)
            {
                return transaction;
            }
            await transaction.DisposeAsync();
        }
    }
}
