using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Cli.Tests.Imports;
using L2R.Metrics.V1;
using L2R.Rpc;

namespace L2R.Cli.Tests;

/// <summary>The whole command against a service that knows one journey.</summary>
public sealed class CallCommandTests : IAsyncLifetime
{
    readonly TempCheckout _temp = new();

    FakeStack _stack = null!;

    public async ValueTask InitializeAsync() => _stack = await FakeStack.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _stack.DisposeAsync();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("MetricsService/GetJourney")]
    [InlineData("l2r.metrics.v1.MetricsService/GetJourney")]
    public async Task An_answer_is_printed_as_JSON(string rpc)
    {
        _stack.Journeys = name => new Journey { Name = name, Lead = "leads/7" };

        Assert.Equal(0, await CallAsync(rpc, """{"name": "journeys/7"}"""));
        Assert.Equal("{\n  \"name\": \"journeys/7\",\n  \"lead\": \"leads/7\"\n}\n", _temp.Output.ToString());
    }

    [Fact]
    public async Task Without_a_request_it_sends_an_empty_one()
    {
        _stack.Journeys = _ => new Journey { Lead = "leads/7" };

        Assert.Equal(0, await CallAsync("MetricsService/GetJourney"));
        Assert.Equal([""], _stack.Asked);
    }

    [Fact]
    public async Task A_refusal_is_shown_with_its_details()
    {
        var details = new L2R.Rpc.Status
        {
            Code = 9,
            Message = "not yet",
            Details = { Any.Pack(new ErrorInfo { Reason = "TOO_EARLY", Domain = "metrics.l2r" }) },
        };
        _stack.Journeys = _ => throw new RpcException(
            new Grpc.Core.Status(StatusCode.FailedPrecondition, "not yet"), new Metadata { { "grpc-status-details-bin", details.ToByteArray() } });

        Assert.Equal(1, await CallAsync("MetricsService/GetJourney"));
        Assert.Equal(
            $$"""
            l2r: {{_stack.Address}}/ answers FailedPrecondition:
            {
              "code": 9,
              "message": "not yet",
              "details": [
                {
                  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                  "reason": "TOO_EARLY",
                  "domain": "metrics.l2r"
                }
              ]
            }

            """,
            _temp.Errors.ToString());
    }

    [Theory]
    [InlineData("MetricsService/GetJourny", "{}", "There is no call 'MetricsService/GetJourny'. Did you mean MetricsService/GetJourney?")]
    [InlineData("GetJourney", "{}", "There is no call 'GetJourney'. ./l2r call --help lists what can be called.")]
    [InlineData("IntakeService/ImportTransitions", "{}", "There is no call 'IntakeService/ImportTransitions'. ./l2r call --help lists what can be called.")]
    [InlineData("MetricsService/GetJourney", """{"nam": "x"}""", "The request is no GetJourneyRequest in JSON: Unknown field: nam")]
    [InlineData("MetricsService/GetJourney", "{", "The request is no GetJourneyRequest in JSON: Unexpected end of document in state: ObjectStart")]
    public async Task What_cannot_be_sent_is_wrong_usage(string rpc, string request, string said)
    {
        Assert.Equal(2, await CallAsync(rpc, request));
        Assert.Equal(("", $"l2r: {said}\n"), (_temp.Output.ToString(), _temp.Errors.ToString()));
        Assert.Empty(_stack.Asked);
    }

    Task<int> CallAsync(params string[] arguments) => _temp.RunAsync(["call", .. arguments, "--gateway", _stack.Address, "--token", "t"]);
}
