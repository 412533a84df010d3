using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Metrics.V1;
using L2R.Rpc;
using L2R.TestSupport;

namespace L2R.Gateway.Tests;

/// <summary>What a wrong request of any size gets back through the gateway, and what the others notice of it.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ErrorSizeTests(GatewayFixture fixture)
{
    const string Nobody = "leads/3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f";

    static readonly string LongText = new('x', 100_000);

    static UpdateLeadRequest UnknownPaths => new()
    {
        Lead = new() { Name = Nobody },
        UpdateMask = new() { Paths = { Enumerable.Range(0, 150).Select(i => $"field_{i}").Prepend(LongText) } },
    };

    [Fact]
    public async Task A_client_that_takes_8_KB_of_headers_is_told_the_reason()
    {
        var calls = new (string Method, IMessage Request, string Outcome)[]
        {
            ("/l2r.intake.v1.IntakeService/UpdateLead", UnknownPaths, "INVALID_ARGUMENT FIELDS_INVALID"),
            ("/l2r.intake.v1.IntakeService/" + new string('x', 3_000), new Empty(), "UNIMPLEMENTED METHOD_UNKNOWN"),
            ("/l2r.metrics.v1.MetricsService/UpdateSettings", new UpdateSettingsRequest { Settings = new() { TimeZone = LongText } }, "INVALID_ARGUMENT FIELDS_INVALID"),
            ("/l2r.metrics.v1.MetricsService/GetWaterfall", new GetWaterfallRequest { GroupBy = { LongText } }, "INVALID_ARGUMENT FIELDS_INVALID"),
            (
                "/l2r.metrics.v1.MetricsService/GetWaterfall",
                new GetWaterfallRequest { CurveTimes = { Enumerable.Range(1, 90).Select(i => new Duration { Seconds = -i }) } },
                "INVALID_ARGUMENT FIELDS_INVALID"),
        };

        var outcomes = await CallByGrpcioAsync([.. calls.Select(call => (call.Method, call.Request))]);

        Assert.Equal(calls.Select(call => call.Outcome), outcomes);
    }

    [Fact]
    public async Task Wrong_requests_of_one_tenant_fail_no_call_of_another()
    {
        var intake = new IntakeService.IntakeServiceClient(fixture.Gateway.Channel);
        var other = ServiceProcess.As($"t-{Guid.NewGuid():N}", "marketing");
        var wrong = CallByGrpcioAsync([.. Enumerable.Repeat<(string, IMessage)>(("/l2r.intake.v1.IntakeService/UpdateLead", UnknownPaths), 40)]);
        var failures = new List<StatusCode>();
        var count = 0;
        do
        {
            try
            {
                await intake.CreateLeadAsync(new() { Lead = new() { ExternalId = $"{count++}" } }, other);
            }
            catch (RpcException failure)
            {
                failures.Add(failure.StatusCode);
            }
        }
        while (!wrong.IsCompleted);

        Assert.Equal(Enumerable.Repeat("INVALID_ARGUMENT FIELDS_INVALID", 40), await wrong);
        Assert.Empty(failures);
    }

    /// <returns>Code and reason of each call; the reason is empty where no details arrived.</returns>
    async Task<IReadOnlyList<string>> CallByGrpcioAsync(IReadOnlyList<(string Method, IMessage Request)> calls)
    {
        var script = Path.Combine(Repository.Root, "tests", "L2R.Gateway.Tests", "caller.py");
        var token = TestTokens.Issue("acme", "admin");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("L2R_PYTHON") ?? "/usr/bin/python3", ["-B", script, fixture.Gateway.Channel.Target])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var python = Process.Start(start)!;
        await python.StandardInput.WriteAsync(JsonSerializer.Serialize(calls.Select(call => new { method = call.Method, request = call.Request.ToByteString().ToBase64(), token })));
        python.StandardInput.Close();
        var answers = JsonDocument.Parse(await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).RootElement;
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        return [.. answers.EnumerateArray().Select(answer => $"{answer.GetProperty("code").GetString()} {ReasonOf(answer.GetProperty("details").GetBytesFromBase64())}")];
    }

    static string ReasonOf(byte[] details) =>
        Rpc.Status.Parser.ParseFrom(details).Details.Select(detail => detail.TryUnpack<ErrorInfo>(out var info) ? info.Reason : "").FirstOrDefault("");
}
