using L2R.Intake.V1;
using L2R.TestSupport;

namespace L2R.Intake.Tests.Messaging;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class TraceTests(IntakeFixture intake)
{
    const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736"; // of the W3C Trace Context recommendation's examples

    [Fact]
    public async Task A_trace_goes_on_from_the_call_through_the_outbox_to_the_bus()
    {
        // Nobody answers at this address: that the exporter is on is what counts.
        await using var service = await ServiceProcess.StartAsync(
            typeof(Intake.Api.LeadMapping).Assembly, "intakedb", ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
        var tenant = IntakeFixture.NewTenant();
        var options = ServiceProcess.As(tenant, "marketing");
        options.Headers!.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");

        await new IntakeService.IntakeServiceClient(service.Channel).CreateLeadAsync(new CreateLeadRequest { Lead = new Lead { ExternalId = "1" } }, options);

        await Eventually.EqualAsync(1, () => Task.FromResult(intake.Bus.Messages<LeadsChanged>(e => e.Tenant == tenant).Count));
        Assert.Equal(TraceId, intake.Bus.TraceOf(intake.Bus.Messages<LeadsChanged>(e => e.Tenant == tenant)[0]));
    }
}
