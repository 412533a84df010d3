using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class WaterfallTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    static readonly Guid Lead = new("01900000-0000-7000-8000-00000000000a");
    static readonly Guid Journey = new("01900000-0000-7000-8000-00000000000b");

    readonly string _tenant = MetricsFixture.NewTenant();

    static StageChanged[] Walk() =>
    [
        MetricsFixture.Row(Lead, Journey, Stage.Lead, 1, Noon),
        MetricsFixture.Row(Lead, Journey, Stage.Mql, 2, Noon.AddHours(2)),
        MetricsFixture.Row(Lead, Journey, Stage.Sql, 3, Noon.AddHours(5)),
    ];

    async Task<Waterfall> AskAsync(GetWaterfallRequest request) =>
        await (await metrics.ClientAsync()).GetWaterfallAsync(request, MetricsFixture.As(_tenant));

    Task WaitForRowsAsync(int count) => Eventually.EqualAsync(count, async () =>
        (await AskAsync(new())).Groups[0].Volumes.Sum(volume => (int)volume.EntryCount));

    [Fact]
    public async Task Measures_what_the_owners_say()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), Walk());
        await WaitForRowsAsync(3);

        var answer = await AskAsync(new GetWaterfallRequest
        {
            GroupByPeriod = PeriodKind.Month,
            GroupBy = { "channel" },
            Horizons = { Duration.FromTimeSpan(TimeSpan.FromHours(2)), Duration.FromTimeSpan(TimeSpan.FromDays(3650)) },
            CurveTimes = { Duration.FromTimeSpan(TimeSpan.FromDays(1)) },
            AsOf = Noon.AddDays(2).ToTimestamp(),
        });

        var group = Assert.Single(answer.Groups);
        Assert.Equal((1L, "2026-01", "web-form"), (answer.JourneyCount, group.Period.Name, group.Dimensions[0].Value));
        Assert.Equal([1, 1, 1, 1, 0, 0], group.Volumes.Take(6).Select(volume => volume.ReachCount));
        Assert.Equal([0, 0, 1, 0, 0, 0], group.Volumes.Take(6).Select(volume => volume.InferredCount));
        Assert.Equal([0, 0, 0, 1, 0, 0], group.Volumes.Take(6).Select(volume => volume.StockEndCount));
        var pair = group.Pairs[0];
        Assert.Equal((Stage.Lead, Stage.Mql, 1L), (pair.From, pair.To, pair.CohortCount));
        Assert.Equal((1L, 1L, 1.0), (pair.Horizons[0].Rate.ConvertedCount, pair.Horizons[0].Rate.CohortCount, pair.Horizons[0].Rate.Ratio));
        Assert.Equal((0L, false, 1L), (pair.Horizons[1].Rate.CohortCount, pair.Horizons[1].Rate.HasRatio, pair.Horizons[1].ImmatureCount));
        Assert.NotEqual("", pair.Horizons[1].Rate.NoValueReason);
        Assert.Equal(Duration.FromTimeSpan(TimeSpan.FromHours(2)), pair.CohortVelocity.Median);
        Assert.Equal(1.0, pair.Curve[0].Ratio);
    }

    [Fact]
    public async Task Segment_and_region_are_as_known_at_the_instant_asked_for()
    {
        var rows = Walk();
        rows[0].Dimensions.Segment = "mid-market";
        rows[0].Dimensions.Region = "NL";
        await metrics.SayAsync(_tenant, Guid.NewGuid(), rows);
        await WaitForRowsAsync(3);
        var before = (await AskAsync(new())).KnownAt;

        // The first version is what the rows say; of the others the newest counts, in whatever order they come.
        await metrics.SayAsync(_tenant, Changed(3, "enterprise", ""), Changed(1, "first", "first"));
        await Eventually.EqualAsync("enterprise, unknown", () => SegmentAndRegionAsync(knownAt: null));
        await metrics.SayAsync(_tenant, Changed(2, "small", "DE"), Changed(4, "enterprise", "FR"));
        await Eventually.EqualAsync("enterprise, FR", () => SegmentAndRegionAsync(knownAt: null));

        Assert.Equal("mid-market, NL", await SegmentAndRegionAsync(before));

        static LeadChanged Changed(long version, string segment, string region) => new()
        {
            Lead = $"leads/{Lead}",
            Version = version,
            Profile = new Profile { Segment = segment, RegionCode = region },
        };

        async Task<string> SegmentAndRegionAsync(Timestamp? knownAt) => string.Join(", ",
            Assert.Single((await AskAsync(new GetWaterfallRequest { GroupBy = { "segment", "region" }, KnownAt = knownAt })).Groups)
                .Dimensions.Select(dimension => dimension.Value.Length > 0 ? dimension.Value : "unknown"));
    }

    [Fact]
    public async Task A_redelivered_event_and_a_repeated_row_count_once()
    {
        var (rows, eventId) = (Walk(), Guid.NewGuid());
        await metrics.SayAsync(_tenant, eventId, rows);
        await metrics.SayAsync(_tenant, eventId, rows);
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. rows, MetricsFixture.Row(Lead, Journey, Stage.Opportunity, 4, Noon.AddHours(6))]);
        await WaitForRowsAsync(4);

        var journey = await (await metrics.ClientAsync()).GetJourneyAsync(new GetJourneyRequest { Name = $"journeys/{Journey}" }, MetricsFixture.As(_tenant));

        Assert.Equal(rows.Select(row => row.TransitionId), journey.Rows.Take(3).Select(row => row.Change.TransitionId));
        Assert.Equal(4, journey.Rows.Count);
    }

    [Fact]
    public async Task A_gap_in_the_ledger_shows_itself_until_it_is_filled()
    {
        var rows = Walk();
        var missing = MetricsFixture.Row(Lead, Journey, Stage.Sal, 3, Noon.AddHours(4));
        (rows[1].From, missing.From, rows[2].From, rows[2].SourceSeq) = (Stage.Lead, Stage.Mql, Stage.Sal, 4);
        await metrics.SayAsync(_tenant, Guid.NewGuid(), rows);
        await WaitForRowsAsync(3);
        var question = new GetWaterfallRequest { GroupByPeriod = PeriodKind.Month, GroupBy = { "owner" }, AsOf = Noon.AddDays(2).ToTimestamp() };

        var gap = await AskAsync(question);
        await metrics.SayAsync(_tenant, Guid.NewGuid(), missing);
        await WaitForRowsAsync(4);
        var filled = await AskAsync(question);

        Assert.Equal([("rep-1", 1L), ("", 0L)], gap.Groups.Select(group => (group.Dimensions[0].Value, group.Quality.MismatchedCount)).OrderByDescending(group => group));
        Assert.All(filled.Groups, group => Assert.Equal(0, group.Quality.MismatchedCount));
    }

    [Fact]
    public async Task Asked_again_with_the_same_two_instants_the_answer_is_the_same()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), Walk());
        await WaitForRowsAsync(3);
        var before = await AskAsync(new());
        await metrics.SayAsync(_tenant, Guid.NewGuid(), MetricsFixture.Row(Lead, Journey, Stage.Sal, 2, Noon.AddHours(3)));
        await WaitForRowsAsync(4);

        var again = await AskAsync(new GetWaterfallRequest { AsOf = before.AsOf, KnownAt = before.KnownAt });
        var restated = await AskAsync(new GetWaterfallRequest { AsOf = before.AsOf });

        Assert.Equal(before, again);
        Assert.Equal([1, 1, 0], [before.Groups[0].Volumes[2].InferredCount, again.Groups[0].Volumes[2].InferredCount, restated.Groups[0].Volumes[2].InferredCount]);
    }

    [Fact]
    public async Task Another_tenant_sees_nothing_of_it()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), Walk());
        await WaitForRowsAsync(3);
        var (client, stranger) = (await metrics.ClientAsync(), MetricsFixture.As(MetricsFixture.NewTenant()));

        Assert.Equal(0, (await client.GetWaterfallAsync(new(), stranger)).JourneyCount);
        var error = await GrpcAssert.FailsAsync(client.GetJourneyAsync(new GetJourneyRequest { Name = $"journeys/{Journey}" }, stranger));
        Assert.Equal((StatusCode.NotFound, "JOURNEY_NOT_FOUND"), (error.Code, error.Reason));
    }

    [Fact]
    public async Task A_journey_says_where_it_stands_and_which_rows_are_in_force()
    {
        var rows = Walk();
        var correction = MetricsFixture.Row(Lead, Journey, Stage.Sql, 3, Noon.AddHours(9));
        correction.Supersedes = rows[2].TransitionId;
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. rows, correction]);
        await WaitForRowsAsync(3);

        var journey = await (await metrics.ClientAsync()).GetJourneyAsync(new GetJourneyRequest { Name = $"journeys/{Journey}" }, MetricsFixture.As(_tenant));

        Assert.Equal((1, Stage.Sql, Stage.Lead), (journey.Number, journey.Stands, journey.StartedAt));
        Assert.Equal([true, true, false, true], journey.Rows.Select(row => row.InForce));
        Assert.Equal(correction, journey.Rows[3].Change);
        Assert.Equal(
            [(Stage.Lead, false), (Stage.Mql, false), (Stage.Sal, true), (Stage.Sql, false)],
            journey.Reaches.Select(reach => (reach.Stage, reach.Inferred)));
        Assert.Equal(Noon.AddHours(9).ToTimestamp(), journey.Reaches[3].ReachTime);
    }

    [Fact]
    public async Task Names_every_wrong_field_at_once()
    {
        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).GetWaterfallAsync(
            new GetWaterfallRequest
            {
                AsOf = TimeProvider.System.GetUtcNow().AddHours(1).ToTimestamp(),
                StartTime = Noon.ToTimestamp(),
                EndTime = Noon.ToTimestamp(),
                CohortBy = Stage.Rejected,
                GroupBy = { "channel", "colour", "owner" },
                Filters = { new DimensionFilter { Dimension = "segment" } },
                Horizons = { new Duration(), Duration.FromTimeSpan(TimeSpan.FromDays(3651)) },
            },
            MetricsFixture.As(_tenant)));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(
            ["end_time", "group_by", "cohort_by", "as_of", "group_by[1]", "filters[0].values", "horizons[0]", "horizons[1]"],
            error.Violations.Select(violation => violation.Field));
        Assert.Contains(new FieldProblem("horizons[0]", "must be more than 0 and at most 3650 days"), error.Violations);
    }

    [Fact]
    public async Task A_question_that_asks_for_the_same_twice()
    {
        var (day, week) = (Duration.FromTimeSpan(TimeSpan.FromDays(1)), Duration.FromTimeSpan(TimeSpan.FromDays(7)));
        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).GetWaterfallAsync(
            new GetWaterfallRequest
            {
                GroupBy = { "channel", "channel" },
                Horizons = { day, week, day },
                CurveTimes = { week, week, new Duration { Nanos = 1_000_000_000 } },
            },
            MetricsFixture.As(_tenant)));

        Assert.Equal(
            [
                new FieldProblem("curve_times[2]", "must be from 0 to 3650 days"),
                new FieldProblem("group_by[1]", "must not repeat an earlier one"),
                new FieldProblem("horizons[2]", "must not repeat an earlier one"),
                new FieldProblem("curve_times[1]", "must not repeat an earlier one"),
            ],
            error.Violations);
    }

    [Fact]
    public async Task A_question_with_more_groups_than_an_answer_holds_is_told_what_to_ask_instead()
    {
        await metrics.SayAsync(_tenant, Guid.NewGuid(), Walk());
        await WaitForRowsAsync(3);
        var question = new GetWaterfallRequest
        {
            AsOf = Noon.AddDays(149).ToTimestamp(),
            GroupByPeriod = PeriodKind.Day,
            CurveTimes = { Enumerable.Range(1, 100).Select(days => Duration.FromTimeSpan(TimeSpan.FromDays(days))) },
        };
        Assert.Equal(150, (await AskAsync(With(question, curveTimes: 20))).Groups.Count);

        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).GetWaterfallAsync(question, MetricsFixture.As(_tenant)));

        Assert.Equal((StatusCode.InvalidArgument, "FIELDS_INVALID"), (error.Code, error.Reason));
        Assert.Equal(
            [new FieldProblem("group_by_period", "would make more than 131 groups: ask for weeks, or a start_time of 2026-01-24T00:00:00Z or later")],
            error.Violations);
        question.StartTime = new DateTimeOffset(2026, 1, 24, 0, 0, 0, TimeSpan.Zero).ToTimestamp();
        Assert.Equal(131, (await AskAsync(question)).Groups.Count);

        static GetWaterfallRequest With(GetWaterfallRequest request, int curveTimes)
        {
            var other = request.Clone();
            while (other.CurveTimes.Count > curveTimes)
            {
                other.CurveTimes.RemoveAt(curveTimes);
            }
            return other;
        }
    }

    [Fact]
    public async Task A_row_that_breaks_the_contract_does_not_stop_those_behind_it()
    {
        var future = MetricsFixture.Row(Lead, Journey, Stage.Lead, 1, TimeProvider.System.GetUtcNow().AddHours(1));
        await metrics.SayAsync(_tenant, Guid.NewGuid(), future);

        await metrics.SayAsync(_tenant, Guid.NewGuid(), Walk());

        await WaitForRowsAsync(3);
    }

    [Fact]
    public async Task Settings_change_where_periods_begin_and_are_guarded()
    {
        var client = await metrics.ClientAsync();
        var admin = ServiceProcess.As(_tenant, "admin");
        await metrics.SayAsync(_tenant, Guid.NewGuid(), MetricsFixture.Row(Lead, Journey, Stage.Lead, 1, new DateTimeOffset(2026, 1, 31, 23, 30, 0, TimeSpan.Zero)));
        await WaitForRowsAsync(1);
        Assert.Equal(new Settings { TimeZone = "UTC", CurrencyCode = "EUR", FiscalStartMonth = 1, Etag = "0" }, await client.GetSettingsAsync(new(), admin));

        var change = new UpdateSettingsRequest { Settings = new Settings { TimeZone = "Europe/Amsterdam", Etag = "0" }, RequestId = Guid.NewGuid().ToString() };
        var changed = await client.UpdateSettingsAsync(change, admin);
        var retried = await client.UpdateSettingsAsync(change, admin);

        Assert.Equal(("Europe/Amsterdam", "EUR", "1"), (changed.TimeZone, changed.CurrencyCode, changed.Etag));
        Assert.Equal(changed, retried);
        Assert.Equal("2026-02", (await AskAsync(new GetWaterfallRequest { GroupByPeriod = PeriodKind.Month })).Groups[0].Period.Name);
        Assert.Equal(changed, await client.UpdateSettingsAsync(new UpdateSettingsRequest { Settings = changed }, admin)); // it is so already
        change.RequestId = "";
        Assert.Equal("ETAG_STALE", (await GrpcAssert.FailsAsync(client.UpdateSettingsAsync(change, admin))).Reason);
        Assert.Equal("ROLE_MISSING", (await GrpcAssert.FailsAsync(client.UpdateSettingsAsync(change, MetricsFixture.As(_tenant)))).Reason);
        var nowhere = new UpdateSettingsRequest { Settings = new Settings { TimeZone = "Mars/Olympus", FiscalStartMonth = 13 } };
        Assert.Equal(
            ["settings.time_zone", "settings.fiscal_start_month"],
            (await GrpcAssert.FailsAsync(client.UpdateSettingsAsync(nowhere, admin))).Violations.Select(violation => violation.Field));
    }
}
