using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Scoring.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>What people decided and activated, in every series.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class AnnotationsTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Activated = new(2026, 1, 20, 9, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    CallOptions Admin => ServiceProcess.As(_tenant, "admin");

    static Timestamp On(int month, int day) => new DateTimeOffset(2026, month, day, 0, 0, 0, TimeSpan.Zero).ToTimestamp();

    Task ActivateAsync(int version, DateTimeOffset at) => metrics.SayAsync(_tenant, new ScoringPolicyActivated
    {
        EventId = Guid.NewGuid().ToString("D"),
        EventTime = at.ToTimestamp(),
        Tenant = _tenant,
        ScoringPolicy = $"scoringPolicies/{version}",
        DisplayName = "Autumn",
        Reason = "Job levels count.",
        Actor = "user:ann",
    });

    async Task<IList<Annotation>> ListedAsync(int count)
    {
        var client = await metrics.ClientAsync();
        await Eventually.EqualAsync(count, async () => (await client.ListAnnotationsAsync(new() { PageSize = 1000 }, Admin)).Annotations.Count);
        return (await client.ListAnnotationsAsync(new() { PageSize = 1000 }, Admin)).Annotations;
    }

    /// <summary>The waterfall's twin has the same fields under the same numbers.</summary>
    static IList<Annotation> Of(Waterfall waterfall) => [.. waterfall.Annotations.Select(twin => Annotation.Parser.ParseFrom(twin.ToByteArray()))];

    /// <summary>The annotations of every answer that is a series where it groups by a period.</summary>
    async Task<Dictionary<string, IList<Annotation>>> AskAsync(PeriodKind period, Timestamp? asOf = null, Timestamp? knownAt = null, Timestamp? from = null, Timestamp? to = null)
    {
        var client = await metrics.ClientAsync();
        var compared = await client.CompareKnownAsync(
            new() { GroupByPeriod = period, AsOf = asOf, KnownAt = knownAt, StartTime = from, EndTime = to, BaselineKnownAt = On(1, 2) }, Admin);
        Assert.Empty(compared.Baseline.Annotations);
        return new()
        {
            ["waterfall"] = Of(await client.GetWaterfallAsync(new() { GroupByPeriod = period, AsOf = asOf, KnownAt = knownAt, StartTime = from, EndTime = to }, Admin)),
            ["comparison"] = Of(compared.Restated),
            ["cohorts"] = (await client.GetCohortsAsync(
                new() { From = Stage.Lead, To = Stage.Mql, GroupByPeriod = period, AsOf = asOf, KnownAt = knownAt, StartTime = from, EndTime = to }, Admin)).Annotations,
            ["flow"] = (await client.GetFlowAsync(new() { GroupByPeriod = period, AsOf = asOf, KnownAt = knownAt, StartTime = from, EndTime = to }, Admin)).Annotations,
            ["economics"] = (await client.GetEconomicsAsync(new() { GroupByPeriod = period, AsOf = asOf, KnownAt = knownAt, StartTime = from, EndTime = to }, Admin)).Annotations,
            ["pipeline"] = (await client.GetPipelineAsync(new() { GroupByPeriod = period, AsOf = asOf, KnownAt = knownAt, StartTime = from, EndTime = to }, Admin)).Annotations,
            ["nurture"] = (await client.GetNurtureAsync(new() { GroupByPeriod = period, AsOf = asOf, KnownAt = knownAt, StartTime = from, EndTime = to }, Admin)).Annotations,
        };
    }

    /// <summary>Those of a plan, whose goal is always by month.</summary>
    async Task<IList<Annotation>> PlanAsync(Timestamp from, Timestamp to, Timestamp? asOf = null, Timestamp? knownAt = null) =>
        (await (await metrics.ClientAsync()).PlanGoalAsync(new() { WonCount = 10, GoalStartTime = from, GoalEndTime = to, AsOf = asOf, KnownAt = knownAt }, Admin)).Annotations;

    [Fact]
    public async Task A_decision_and_an_activation_are_in_every_series_of_their_time()
    {
        var client = await metrics.ClientAsync();
        var (_, review) = await metrics.OpenReviewAsync(Admin);
        var closed = await client.CloseReviewAsync(
            new() { Name = review.Name, Decision = "Go.", TradeOff = "Less.", NextReviewDate = new() { Year = 2030, Month = 1, Day = 31 } }, Admin);
        await ActivateAsync(1, Activated);
        var both = await ListedAsync(2);
        var (activation, decided) = (both.Take(1), closed.CloseTime.ToDateTimeOffset());
        var (before, ahead) = (decided.AddMilliseconds(-1).ToTimestamp(), decided.AddDays(60).ToTimestamp());
        Assert.Equal([AnnotationKind.PolicyActivated, AnnotationKind.Decision], both.Select(annotation => annotation.Kind));

        Assert.All(await AskAsync(PeriodKind.Month), answer => Assert.Equal(both, answer.Value));
        Assert.All(await AskAsync(PeriodKind.Unspecified), answer => Assert.Empty(answer.Value));
        Assert.All(await AskAsync(PeriodKind.Month, asOf: closed.CloseTime), answer => Assert.Equal(both, answer.Value));
        Assert.All(await AskAsync(PeriodKind.Month, asOf: before), answer => Assert.Equal(activation, answer.Value));
        Assert.All(await AskAsync(PeriodKind.Month, knownAt: before), answer => Assert.Equal(activation, answer.Value));
        Assert.All(await AskAsync(PeriodKind.Month, asOf: On(1, 10)), answer => Assert.Empty(answer.Value));

        // Periods are whole: that of the first instant begins before it, and that of the last one ends after it.
        Assert.All(await AskAsync(PeriodKind.Month, from: On(1, 25), to: On(2, 3)), answer => Assert.Equal(activation, answer.Value));
        Assert.All(await AskAsync(PeriodKind.Month, from: On(1, 2), to: On(1, 10)), answer => Assert.Equal(activation, answer.Value));
        Assert.All(await AskAsync(PeriodKind.Day, from: On(1, 2), to: On(1, 10)), answer => Assert.Empty(answer.Value));
        Assert.All(await AskAsync(PeriodKind.Month, from: On(2, 1), to: On(3, 1)), answer => Assert.Empty(answer.Value));

        Assert.Equal(both, await PlanAsync(On(1, 1), ahead));
        Assert.Equal(activation, await PlanAsync(On(1, 1), ahead, asOf: before));
        Assert.Equal(activation, await PlanAsync(On(1, 1), ahead, knownAt: before));
        Assert.Empty(await PlanAsync(On(2, 1), On(3, 1)));

        using var stream = client.StreamWaterfall(new() { Waterfall = new() { GroupByPeriod = PeriodKind.Month } }, Admin);
        Assert.True(await stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(both, Of(stream.ResponseStream.Current.Waterfall));
        var stranger = await client.GetWaterfallAsync(new() { GroupByPeriod = PeriodKind.Month }, MetricsFixture.As(MetricsFixture.NewTenant()));
        Assert.Empty(stranger.Annotations);
    }

    [Fact]
    public async Task Of_more_than_a_hundred_a_series_has_the_latest()
    {
        foreach (var version in Enumerable.Range(0, 102))
        {
            await ActivateAsync(version, Activated.AddMinutes(version));
        }
        var all = await ListedAsync(102);

        Assert.All(await AskAsync(PeriodKind.Week), answer => Assert.Equal(all.Skip(2), answer.Value));
    }
}
