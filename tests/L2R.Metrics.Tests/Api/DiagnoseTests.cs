using Google.Protobuf.WellKnownTypes;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using L2R.Type.V1;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>Where the waterfall falls short, asked over the wire.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class DiagnoseTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset January = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();

    /// <summary>40 leads, 20 MQL, of which 10 are won for 100 each: V is 1,000.</summary>
    async Task<MetricsService.MetricsServiceClient> FortyAsync()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Enumerable.Range(0, 40).SelectMany(Rows)]);
        var client = await metrics.ClientAsync();
        await Eventually.EqualAsync(40L, async () => (await client.GetWaterfallAsync(new(), MetricsFixture.As(_tenant))).Groups.FirstOrDefault()?.Volumes[0].ReachCount ?? 0);
        return client;

        static IEnumerable<StageChanged> Rows(int number)
        {
            var id = Guid.NewGuid();
            yield return MetricsFixture.Row(id, id, Stage.Lead, 1, January);
            if (number < 20)
            {
                yield return MetricsFixture.Row(id, id, Stage.Mql, 2, January.AddDays(1));
            }
            if (number < 10)
            {
                var win = MetricsFixture.Row(id, id, Stage.ClosedWon, 3, January.AddDays(3));
                win.Amount = new Money { CurrencyCode = "EUR", Units = 100 };
                yield return win;
            }
        }
    }

    [Fact]
    public async Task Prices_the_gap_to_a_target_in_force()
    {
        var client = await FortyAsync();
        var target = await client.CreateTargetAsync(
            new()
            {
                Target = new()
                {
                    From = Stage.Lead,
                    To = Stage.Mql,
                    Conversion = new() { Ratio = 0.75, Horizon = TimeSpan.FromDays(7).ToDuration() },
                    EffectiveStartTime = January.ToTimestamp(),
                },
            },
            ServiceProcess.As(_tenant, "revops"));

        var answer = await client.DiagnoseAsync(new() { Horizon = TimeSpan.FromDays(30).ToDuration() }, MetricsFixture.As(_tenant));

        Assert.Equal((40, 0, 1_000), (answer.JourneyCount, answer.ImmatureCount, answer.ExpectedAmount.Units));
        Assert.True(answer.AsOf is not null && answer.KnownAt is not null);
        var pair = answer.Pairs[0];
        Assert.Equal((Stage.Lead, Stage.Mql, 20, 40), (pair.From, pair.To, pair.Chain.ConvertedCount, pair.Chain.CohortCount));
        Assert.Equal((Yardstick.Target, target.Name, 0.75, Finding.Real), (pair.Gap.Yardstick, pair.Gap.Target, pair.Gap.AimRatio, pair.Gap.Finding));
        Assert.Equal((-0.25, 7), (pair.Gap.GapRatio, pair.Gap.Horizon.ToTimeSpan().Days));
        Assert.InRange(pair.Gap.PValue, 0.0001, 0.0002); // z = −3.65
        var lever = Assert.Single(answer.Levers);
        Assert.Equal((Stage.Lead, 500, 250, 500), (lever.From, lever.AloneAmount.Units, lever.HalfAmount.Units, lever.TogetherAmount.Units));
        Assert.Equal(answer.AllTogetherAmount, lever.TogetherAmount);
        Assert.Equal(
            "40 journeys brought EUR 1.0k within 30 days. Fix LEAD → MQL first: closing that gap alone is worth up to EUR 500.",
            answer.Summary);
        Assert.StartsWith("LEAD → MQL converts 50% of 40 (35 to 65%) within 7 days against a target of 75%: a gap that chance does not explain.", pair.Sentence, StringComparison.Ordinal);
        Assert.Equal(Finding.NothingToCompare, answer.Pairs[1].Gap.Finding);
        Assert.False(answer.Pairs[1].Gap.HasAimRatio);

        // Before the target was in force there is nothing to compare with.
        var before = await client.DiagnoseAsync(new() { AsOf = January.AddDays(-1).ToTimestamp() }, MetricsFixture.As(_tenant));
        Assert.Equal((0, Yardstick.Unspecified), (before.JourneyCount, before.Pairs[0].Gap.Yardstick));
    }

    [Fact]
    public async Task Is_not_asked_of_latest_journeys()
    {
        var error = await GrpcAssert.FailsAsync(
            (await metrics.ClientAsync()).DiagnoseAsync(new() { Journeys = JourneySelection.Latest }, MetricsFixture.As(_tenant)));

        Assert.Equal(("journeys", "must not be LATEST: a later journey rewrites past cohorts"), (error.Violations.Single().Field, error.Violations.Single().Problem));
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).DiagnoseAsync(
            new()
            {
                StartTime = January.ToTimestamp(),
                EndTime = January.ToTimestamp(),
                Horizon = new Duration(),
                Dimension = "colour",
                MaxSegments = 101,
                Journeys = (JourneySelection)9,
                Filters = { new DimensionFilter { Dimension = "channel" } },
            },
            MetricsFixture.As(_tenant)));

        Assert.Equal(
            ["dimension", "end_time", "filters[0].values", "horizon", "journeys", "max_segments"],
            error.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
    }
}
