using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ConversionCurveTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    async Task<ConversionCurves> AskAsync(GetConversionCurveRequest request) =>
        await (await metrics.ClientAsync()).GetConversionCurveAsync(request, MetricsFixture.As(_tenant));

    /// <summary>A lead at noon, and where it went after so many hours.</summary>
    static StageChanged[] Walk(string channel, Stage to, int hours)
    {
        var (lead, journey) = (Guid.NewGuid(), Guid.NewGuid());
        StageChanged[] rows = [MetricsFixture.Row(lead, journey, Stage.Lead, 1, Noon), MetricsFixture.Row(lead, journey, to, 2, Noon.AddHours(hours))];
        foreach (var row in rows)
        {
            row.Dimensions.Channel = channel;
        }
        return rows;
    }

    /// <summary>Of two one converts at 1 h and one ends at 2 h; of the other two one ends at 1 h and one converts at 2 h.</summary>
    [Fact]
    public async Task Shows_the_curve_of_each_group_and_whether_two_differ()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(),
            [.. Walk("event", Stage.Sal, 1), .. Walk("event", Stage.Disqualified, 2), .. Walk("web-form", Stage.Disqualified, 1), .. Walk("web-form", Stage.Sal, 2)]);
        var question = new GetConversionCurveRequest
        {
            From = Stage.Lead,
            To = Stage.Mql,
            GroupBy = { "channel" },
            AsOf = Noon.AddHours(3).ToTimestamp(),
        };
        await Eventually.EqualAsync(4L, async () => (await AskAsync(question)).JourneyCount);

        var answer = await AskAsync(question);

        Assert.Equal(["event", "web-form"], answer.Curves.Select(curve => curve.Dimension.Value));
        Assert.Equal([(2L, 1L, 0L), (2L, 1L, 0L)], answer.Curves.Select(curve => (curve.CohortCount, curve.ConvertedCount, curve.OpenCount)));
        var step = Assert.Single(answer.Curves[1].Steps);
        Assert.Equal(
            (Duration.FromTimeSpan(TimeSpan.FromHours(2)), 0.5, 1L, 2L, true),
            (step.Point.Time, step.Point.Ratio, step.Point.AtRiskCount, step.MatureCount, step.Dashed));
        Assert.Equal(Duration.FromTimeSpan(TimeSpan.FromHours(1)), answer.Curves[0].Median);
        Assert.Null(answer.Curves[0].Followed);
        Assert.True(answer.Comparison is { HasPValue: true, Significant: false });
        Assert.StartsWith("event and web-form do not differ beyond what chance explains (Gray's test, p 0.", answer.Comparison.Sentence);
        question.GroupBy.Clear();
        Assert.Null((await AskAsync(question)).Comparison);
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).GetConversionCurveAsync(
            new GetConversionCurveRequest
            {
                StartTime = Noon.ToTimestamp(),
                EndTime = Noon.ToTimestamp(),
                From = Stage.Sal,
                To = Stage.Sal,
                GroupBy = { "channel", "owner" },
            },
            MetricsFixture.As(_tenant)));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(["end_time", "group_by", "to"], error.Violations.Select(violation => violation.Field));
    }
}
