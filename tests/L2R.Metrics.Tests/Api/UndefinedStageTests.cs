using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>A stage that a newer contract may have.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class UndefinedStageTests(MetricsFixture metrics)
{
    const Stage Undefined = (Stage)77;

    static readonly CallOptions Admin = ServiceProcess.As(MetricsFixture.NewTenant(), "admin");

    static readonly Dictionary<string, Func<MetricsService.MetricsServiceClient, Stage, Stage, Task<IMessage>>> ByPair = new()
    {
        ["GetCohorts"] = async (client, from, to) => await client.GetCohortsAsync(new() { From = from, To = to }, Admin),
        ["GetVelocity"] = async (client, from, to) => await client.GetVelocityAsync(new() { From = from, To = to }, Admin),
        ["GetConversionCurve"] = async (client, from, to) => await client.GetConversionCurveAsync(new() { From = from, To = to }, Admin),
        ["CreateTarget"] = async (client, from, to) => await client.CreateTargetAsync(
            new() { Target = new(TargetsTests.Conversion()) { From = from, To = to } }, Admin),
        ["CreateTrigger"] = async (client, from, to) => await client.CreateTriggerAsync(
            new()
            {
                Trigger = new()
                {
                    DisplayName = "x",
                    Owner = "revops",
                    Metric = new()
                    {
                        From = from,
                        To = to,
                        Measure = TriggerMeasure.Volume,
                        Period = Cadence.Month,
                        Comparison = TriggerComparison.Below,
                        Threshold = 1,
                    },
                },
            },
            Admin),
    };

    public static TheoryData<string> OfPairs => [.. ByPair.Keys];

    [Theory]
    [MemberData(nameof(OfPairs))]
    public async Task From_or_to_of_a_question_is_refused_by_name(string rpc)
    {
        var client = await metrics.ClientAsync();

        var from = GrpcAssert.Read(await Assert.ThrowsAsync<RpcException>(() => ByPair[rpc](client, Undefined, Stage.Mql)));
        var to = GrpcAssert.Read(await Assert.ThrowsAsync<RpcException>(() => ByPair[rpc](client, Stage.Lead, Undefined)));

        Assert.Equal((StatusCode.InvalidArgument, StatusCode.InvalidArgument), (from.Code, to.Code));
        Assert.Contains(from.Violations, violation => violation.Field.Split('.')[^1] == "from");
        Assert.Contains(to.Violations, violation => violation.Field.Split('.')[^1] == "to");
    }

    [Fact]
    public async Task Cohort_by_is_refused_by_name()
    {
        var client = await metrics.ClientAsync();
        using var stream = client.StreamWaterfall(new() { Waterfall = new() { CohortBy = Undefined } }, Admin);

        var waterfall = await GrpcAssert.FailsAsync(client.GetWaterfallAsync(new() { CohortBy = Undefined }, Admin));
        var compared = await GrpcAssert.FailsAsync(client.CompareKnownAsync(
            new() { CohortBy = Undefined, BaselineKnownAt = Timestamp.FromDateTimeOffset(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) }, Admin));
        var streamed = GrpcAssert.Read(await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken)));

        Assert.Equal(["cohort_by", "cohort_by", "waterfall.cohort_by"], new[] { waterfall, compared, streamed }.Select(error => Assert.Single(error.Violations).Field));
        Assert.All([waterfall, compared, streamed], error => Assert.Equal(StatusCode.InvalidArgument, error.Code));
    }

    /// <summary>A question that gets such a field is to be asked here too.</summary>
    [Fact]
    public void Every_question_that_names_stages_is_asked()
    {
        var questions = MetricsService.Descriptor.Methods
            .Where(rpc => rpc.InputType.Fields.InDeclarationOrder().Any(field => field.FieldType == Google.Protobuf.Reflection.FieldType.Enum && field.EnumType.FullName == "l2r.ledger.v1.Stage"))
            .Select(rpc => rpc.Name);

        Assert.Equal(["CompareKnown", "GetCohorts", "GetConversionCurve", "GetVelocity", "GetWaterfall"], questions.Order(StringComparer.Ordinal));
    }
}
