using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class AnswerTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    static readonly Timestamp AsOf = Noon.AddDays(20).ToTimestamp();

    readonly string _tenant = MetricsFixture.NewTenant();
    readonly Guid[] _journeys = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
    readonly Guid[] _leads = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];

    /// <summary>
    /// The first journey reaches SAL after 3 days, the second is rejected from MQL, the third comes 18 days later by another channel and
    /// stands in MQL.
    /// </summary>
    async Task<MetricsService.MetricsServiceClient> SeedAsync()
    {
        var rejected = Row(1, Stage.Rejected, 3, days: 4);
        rejected.Reason = "no-fit";
        StageChanged[] rows =
        [
            Row(0, Stage.Lead, 1, days: 0), Row(0, Stage.Mql, 2, days: 1), Row(0, Stage.Sal, 3, days: 3),
            Row(1, Stage.Lead, 1, days: 0), Row(1, Stage.Mql, 2, days: 2), rejected,
            Row(2, Stage.Lead, 1, days: 18), Row(2, Stage.Mql, 2, days: 19),
        ];
        rows[6].Dimensions.Channel = "event";
        await metrics.SayAsync(_tenant, Guid.NewGuid(), rows);
        var client = await metrics.ClientAsync();
        await WaitForRowsAsync(client, 8);
        return client;
    }

    Task WaitForRowsAsync(MetricsService.MetricsServiceClient client, int count) => Eventually.EqualAsync(count, async () =>
        (await client.GetWaterfallAsync(new(), MetricsFixture.As(_tenant))).Groups[0].Volumes.Sum(volume => (int)volume.EntryCount));

    StageChanged Row(int journey, Stage stage, long seq, double days) =>
        MetricsFixture.Row(_leads[journey], _journeys[journey], stage, seq, Noon.AddDays(days));

    static Duration Days(double days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));

    [Fact]
    public async Task Cohorts_by_week_and_channel_with_what_is_not_mature_yet()
    {
        var client = await SeedAsync();

        var table = await client.GetCohortsAsync(
            new GetCohortsRequest
            {
                AsOf = AsOf,
                From = Stage.Lead,
                To = Stage.Sal,
                GroupByPeriod = PeriodKind.Week,
                GroupBy = { "channel" },
                HorizonUnit = HorizonUnit.Day,
                Horizons = { 2, 7 },
            },
            MetricsFixture.As(_tenant));

        Assert.Equal((3L, Stage.Lead, Stage.Sal, "UTC"), (table.JourneyCount, table.From, table.To, table.TimeZone));
        Assert.Equal([Days(2), Days(7)], table.Horizons);
        Assert.Equal(
            ["2026-W04 event 1 open 1", "2026-W02 web-form 2 open 0"],
            table.Rows.Select(row => $"{row.Period.Name} {row.Dimensions[0].Value} {row.CohortCount} open {row.OpenRatio}"));
        Assert.Equal([CohortCellState.Mature, CohortCellState.NotMature], table.Rows[0].Cells.Select(cell => cell.State));
        Assert.Equal((0L, 1L, 0.0), (table.Rows[0].Cells[0].Rate.ConvertedCount, table.Rows[0].Cells[0].Rate.CohortCount, table.Rows[0].Cells[0].Rate.Ratio));
        Assert.Equal((null, 1L), (table.Rows[0].Cells[1].Rate, table.Rows[0].Cells[1].ImmatureCount));
        Assert.Equal([0.0, 0.5], table.Rows[1].Cells.Select(cell => cell.Rate.Ratio));
        Assert.Equal(0.5, table.Rows[1].ToDate.Ratio);
    }

    [Fact]
    public async Task The_largest_values_have_rows_of_their_own_and_unknown_is_not_other()
    {
        var client = await SeedAsync();
        var unknown = Row(0, Stage.Lead, 1, days: 5);
        (unknown.Lead, unknown.Journey, unknown.Dimensions.Channel) = ($"leads/{Guid.NewGuid()}", $"journeys/{Guid.NewGuid()}", "");
        await metrics.SayAsync(_tenant, Guid.NewGuid(), unknown);
        await WaitForRowsAsync(client, 9);

        var table = await client.GetCohortsAsync(
            new GetCohortsRequest { From = Stage.Lead, To = Stage.ClosedWon, GroupBy = { "channel" }, TopValueCount = 1, HorizonCount = 3 },
            MetricsFixture.As(_tenant));

        Assert.Equal([Days(7), Days(14), Days(21)], table.Horizons);
        Assert.Equal(
            [("web-form", false, false, 2L), ("", true, false, 1L), ("", false, true, 1L)],
            table.Rows.Select(row => (row.Dimensions[0].Value, row.Dimensions[0].Unknown, row.Dimensions[0].Other, row.CohortCount)));
    }

    [Fact]
    public async Task A_table_with_more_rows_than_asked_for_is_told_what_to_ask_instead()
    {
        var client = await SeedAsync();

        var error = await GrpcAssert.FailsAsync(client.GetCohortsAsync(
            new GetCohortsRequest { AsOf = AsOf, From = Stage.Lead, To = Stage.Mql, GroupByPeriod = PeriodKind.Week, MaxRows = 1 }, MetricsFixture.As(_tenant)));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(
            [new FieldProblem("group_by_period", "would make more than 1 rows: ask for months, or a start_time of 2026-01-19T00:00:00Z or later")],
            error.Violations);
    }

    [Fact]
    public async Task A_question_to_cohorts_that_breaks_rules_hears_all_of_them()
    {
        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).GetCohortsAsync(
            new GetCohortsRequest
            {
                From = Stage.Sql,
                To = Stage.Mql,
                StartTime = AsOf,
                EndTime = AsOf,
                GroupBy = { "channel", "owner", "shoe-size" },
                GroupByPeriod = (PeriodKind)77,
                TopValueCount = 1_001,
                Horizons = { 0, 600 },
                HorizonCount = 61,
                MaxRows = 10_001,
            },
            MetricsFixture.As(_tenant)));

        Assert.Equal(
            ["end_time", "to", "group_by", "top_value_count", "max_rows", "horizon_count", "horizon_count", "horizons[0]", "horizons[1]", "group_by_period", "group_by[2]"],
            error.Violations.Select(violation => violation.Field));
        Assert.Contains(new FieldProblem("max_rows", "must be from 1 to 10,000, and is 10,001"), error.Violations);
        Assert.Contains(new FieldProblem("to", "must be a stage after from, up to CLOSED_WON"), error.Violations);
    }

    [Fact]
    public async Task Velocity_of_a_pair_with_ages_and_dwell()
    {
        var client = await SeedAsync();

        var report = await client.GetVelocityAsync(
            new GetVelocityRequest { AsOf = AsOf, From = Stage.Lead, To = Stage.Mql, Horizon = Days(7) }, MetricsFixture.As(_tenant));

        Assert.Equal((2L, Days(1.5), 2L), (report.CohortVelocity.JourneyCount, report.CohortVelocity.Median, report.ThroughputVelocity.JourneyCount));
        Assert.Equal((3L, Days(1), null, false), (report.CurveQuantiles.CohortCount, report.CurveQuantiles.Median, report.CurveQuantiles.FollowedTime, report.CurveQuantiles.HasFollowedRatio));
        Assert.Equal([0, 1, 1, 0, 0], report.Ages.Select(age => age.OpenCount));
        Assert.Equal(
            new OpenJourney { Lead = $"leads/{_leads[0]}", Journey = $"journeys/{_journeys[0]}", EnterTime = Noon.AddDays(3).ToTimestamp(), Age = Days(17) },
            Assert.Single(report.Ages[2].Oldest));
        Assert.Equal((2L, Days(2), 1L), (report.Dwells[1].Latest.JourneyCount, report.Dwells[1].Cumulative.Mean, report.Dwells[1].OpenCount));
    }

    [Fact]
    public async Task Flow_by_week_with_the_reasons_of_exits()
    {
        var client = await SeedAsync();

        var flow = await client.GetFlowAsync(new GetFlowRequest { AsOf = AsOf, GroupByPeriod = PeriodKind.Week }, MetricsFixture.As(_tenant));

        Assert.Equal(["2026-W02", "2026-W03", "2026-W04"], flow.Periods.Select(period => period.Period.Name));
        Assert.Equal(
            ["Unspecified>Lead 2", "Lead>Mql 2", "Mql>Sal 1", "Mql>Rejected no-fit 1"],
            flow.Periods[0].Moves.Select(move => $"{move.From}>{move.To}{(move.Reason.Length > 0 ? " " : "")}{move.Reason} {move.Count}"));
        Assert.Empty(flow.Periods[1].Moves);
        Assert.Equal([(0, 1), (1, 1), (1, 1)], flow.Periods.Select(period => ((int)period.Stages[2].StockStartCount, (int)period.Stages[2].StockEndCount)));
        Assert.Equal([0, 1, 1, 0, 0, 0, 0, 1, 0, 0], flow.Periods[2].Stages.Select(stage => stage.StockEndCount));
    }

    [Fact]
    public async Task What_was_known_then_against_what_is_known_now()
    {
        var client = await SeedAsync();
        var then = (await client.GetWaterfallAsync(new(), MetricsFixture.As(_tenant))).KnownAt;
        await metrics.SayAsync(_tenant, Guid.NewGuid(), Row(1, Stage.Sal, 2, days: 3));
        await WaitForRowsAsync(client, 9);

        var comparison = await client.CompareKnownAsync(
            new CompareKnownRequest { BaselineKnownAt = then, AsOf = AsOf, GroupBy = { "channel" } }, MetricsFixture.As(_tenant));

        Assert.Equal((then, AsOf, AsOf), (comparison.Baseline.KnownAt, comparison.Baseline.AsOf, comparison.Restated.AsOf));
        var reach = Assert.Single(comparison.MovedFigures, moved => moved.Kind == FigureKind.Reach);
        Assert.Equal((Stage.Sal, "web-form", 1L, 2L), (reach.Stage, reach.Dimensions[0].Value, reach.BaselineCount, reach.RestatedCount));
        Assert.Equal(
            new RowChange { Cause = RowChangeCause.Late, Origin = Origin.Live, Stage = Stage.Sal, AddedCount = 1 }, Assert.Single(comparison.RowChanges));
        Assert.Equal((8L, 9L), (comparison.BaselineQuality.LateCount, comparison.RestatedQuality.LateCount)); // recorded today
        Assert.Equal(9, comparison.Latenesses.Sum(lateness => lateness.Count));
        Assert.All(comparison.Latenesses, lateness => Assert.Equal(Origin.Live, lateness.Origin));
        var same = await client.CompareKnownAsync(new CompareKnownRequest { BaselineKnownAt = then, KnownAt = then, AsOf = AsOf }, MetricsFixture.As(_tenant));
        Assert.Equal((same.Baseline, 0, 0), (same.Restated, same.MovedFigures.Count, same.RowChanges.Count));
    }

    [Fact]
    public async Task A_comparison_backwards_and_one_without_a_baseline_are_refused()
    {
        var client = await metrics.ClientAsync();

        var backwards = await GrpcAssert.FailsAsync(client.CompareKnownAsync(
            new CompareKnownRequest { BaselineKnownAt = AsOf, KnownAt = Noon.ToTimestamp(), Horizons = { new Duration() } }, MetricsFixture.As(_tenant)));
        var without = await GrpcAssert.FailsAsync(client.CompareKnownAsync(new CompareKnownRequest(), MetricsFixture.As(_tenant)));
        var velocity = await GrpcAssert.FailsAsync(client.GetVelocityAsync(
            new GetVelocityRequest { From = Stage.ClosedWon, To = Stage.Rejected, Horizon = new Duration { Seconds = -1 } }, MetricsFixture.As(_tenant)));

        Assert.Equal(["horizons[0]", "baseline_known_at"], backwards.Violations.Select(violation => violation.Field));
        Assert.Equal(["baseline_known_at"], without.Violations.Select(violation => violation.Field));
        Assert.Equal(["from", "horizon"], velocity.Violations.Select(violation => violation.Field));
    }
}
