using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class CustomDimensionTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    readonly string _tenant = MetricsFixture.NewTenant();
    readonly Guid _lead = Guid.NewGuid();

    CallOptions Caller => MetricsFixture.As(_tenant);

    CallOptions Admin => ServiceProcess.As(_tenant, "admin");

    [Fact]
    public async Task Groups_and_filters_by_a_dimension_that_the_ledger_has()
    {
        await SayAsync(Row(1, Stage.Lead, ("industry", "retail"), ("partner", "acme")), Row(2, Stage.Mql));
        await SayAsync(RowOf(Guid.NewGuid(), 1, Stage.Lead, ("industry", "banking")));
        await SayAsync(RowOf(Guid.NewGuid(), 1, Stage.Lead));

        Assert.Equal([" 1 0", "banking 1 0", "retail 1 1"], await ByAsync("industry"));
        Assert.Equal(
            ["acme retail 1 1"],
            await ByAsync(new GetWaterfallRequest
            {
                GroupBy = { "partner", "industry" },
                Filters = { new DimensionFilter { Dimension = "industry", Values = { "retail" } } },
            }));
    }

    [Fact]
    public async Task Counts_by_the_value_that_the_settings_say()
    {
        await SayAsync(
            Row(1, Stage.Lead, ("plan", "free")), Row(2, Stage.Mql, ("plan", "team")), Row(3, Stage.Sal, ("plan", "")), Row(4, Stage.Rejected, ("plan", "pro")));

        Assert.Equal(["pro 1 1 1"], await ByAsync("plan", ranks: 3)); // CURRENT, as nothing is said
        await DeclareAsync(new CustomDimension { Name = "plan", Kind = CustomDimensionKind.Origin });
        Assert.Equal(["free 1 1 1"], await ByAsync("plan", ranks: 3));
        await DeclareAsync(new CustomDimension { Name = "plan", Kind = CustomDimensionKind.AtEntry });
        Assert.Equal(["free 1 0 0", "pro 0 0 0", "team 0 1 1"], await ByAsync("plan", ranks: 3));
        var settings = await DeclareAsync(new CustomDimension { Name = "plan" });
        Assert.Equal([new CustomDimension { Name = "plan", Kind = CustomDimensionKind.Current }], settings.CustomDimensions);
        Assert.Equal(["pro 1 1 1"], await ByAsync("plan", ranks: 3));
    }

    [Fact]
    public async Task Takes_what_Intake_says_of_a_lead_for_current()
    {
        await SayAsync(Row(1, Stage.Lead, ("plan", "free"), ("partner", "acme")));
        await metrics.SayAsync(_tenant, new LeadChanged { Lead = $"leads/{_lead}", Version = 2, Profile = new(), Custom = { ["plan"] = "pro" } });
        await Eventually.EqualAsync("pro acme 1 0", async () => (await ByAsync(new GetWaterfallRequest { GroupBy = { "plan", "partner" } })).Single());

        await DeclareAsync(new CustomDimension { Name = "plan", Kind = CustomDimensionKind.Origin });

        Assert.Equal(["free acme 1 0"], await ByAsync(new GetWaterfallRequest { GroupBy = { "plan", "partner" } }));
    }

    [Fact]
    public async Task Takes_a_declared_one_that_no_row_has()
    {
        await SayAsync(Row(1, Stage.Lead));
        await DeclareAsync(new CustomDimension { Name = "plan" });

        Assert.Equal([" 1 0"], await ByAsync("plan"));
    }

    [Fact]
    public async Task Says_which_dimensions_there_are()
    {
        await SayAsync(Row(1, Stage.Lead, ("plan", "free")));
        await DeclareAsync(new CustomDimension { Name = "industry" });

        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).GetWaterfallAsync(
            new() { GroupBy = { "sector" }, Filters = { new DimensionFilter { Dimension = "Plan", IncludeUnknown = true } } }, Caller));

        const string Known = "must be one of channel, source, campaign, motion, owner, team, product, policy_version, segment, region, industry, plan, and is ";
        Assert.Equal(
            [("group_by[0]", $"{Known}'sector'"), ("filters[0].dimension", $"{Known}'Plan'")],
            error.Violations.Select(violation => (violation.Field, violation.Problem)));
        var other = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).GetWaterfallAsync(
            new() { GroupBy = { "plan" } }, MetricsFixture.As(MetricsFixture.NewTenant())));
        Assert.DoesNotContain("industry", other.Violations.Single().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_question_takes_it()
    {
        await SayAsync(Row(1, Stage.Lead, ("plan", "free")), Row(2, Stage.Mql));
        var client = await metrics.ClientAsync();
        var filter = new DimensionFilter { Dimension = "plan", Values = { "free" } };
        var (from, to) = (Noon.AddDays(-10).ToTimestamp(), Noon.AddDays(10).ToTimestamp());

        var cohorts = await client.GetCohortsAsync(new() { From = Stage.Lead, To = Stage.Mql, GroupBy = { "plan" }, Filters = { filter } }, Caller);
        var curve = await client.GetConversionCurveAsync(new() { From = Stage.Lead, To = Stage.Mql, GroupBy = { "plan" }, Filters = { filter } }, Caller);
        var velocity = await client.GetVelocityAsync(new() { From = Stage.Lead, To = Stage.Mql, Filters = { filter } }, Caller);
        var flow = await client.GetFlowAsync(new() { Filters = { filter } }, Caller);
        var diagnosis = await client.DiagnoseAsync(new() { Dimension = "plan", Filters = { filter } }, Caller);
        var change = await client.ExplainChangeAsync(
            new() { Dimension = "plan", Filters = { filter }, BeforeStartTime = from, BeforeEndTime = Noon.ToTimestamp(), AfterStartTime = Noon.ToTimestamp(), AfterEndTime = to },
            Caller);
        var compared = await client.CompareKnownAsync(new() { BaselineKnownAt = from, GroupBy = { "plan" }, Filters = { filter } }, Caller);
        var targets = await client.SuggestTargetsAsync(new() { Dimension = "plan", Filters = { filter } }, Caller);

        Assert.Equal(["free"], cohorts.Rows.Select(row => row.Dimensions.Single().Value));
        Assert.Equal(["free"], curve.Curves.Select(each => each.Dimension.Value));
        Assert.Equal((1, 1, "plan", "plan"), (velocity.JourneyCount, flow.JourneyCount, diagnosis.Dimension, change.Dimension));
        Assert.Equal(["free"], compared.Restated.Groups.Select(group => group.Dimensions.Single().Value).Distinct());
        Assert.NotEmpty(targets.Suggestions);
    }

    [Fact]
    public async Task A_target_may_be_of_one_of_its_values()
    {
        var client = await metrics.ClientAsync();
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. Enumerable.Range(0, 40).Select(_ => RowOf(Guid.NewGuid(), 1, Stage.Lead, ("plan", "pro")))]);
        await Eventually.EqualAsync(40, async () => (await client.GetWaterfallAsync(new(), Caller)).JourneyCount);
        var target = new Target
        {
            From = Stage.Lead,
            To = Stage.Mql,
            Segment = new() { Dimension = "plan", Value = "pro" },
            Conversion = new() { Ratio = 0.5, Horizon = Duration.FromTimeSpan(TimeSpan.FromDays(30)) },
            EffectiveStartTime = Noon.AddDays(-10).ToTimestamp(),
        };

        var made = await client.CreateTargetAsync(new() { Target = target }, Admin);
        await DeclareAsync(new CustomDimension { Name = "plan", Kind = CustomDimensionKind.Origin }); // a target is of whatever value counts

        Assert.Equal(target.Segment, (await client.GetTargetAsync(new() { Name = made.Name }, Caller)).Segment);
        var diagnosis = await client.DiagnoseAsync(new() { Dimension = "plan" }, Caller);
        Assert.Equal(
            [(Stage.Lead, "pro", made.Name, 0.5)],
            diagnosis.Segments.Select(segment => (segment.From, segment.Segment.Value, segment.Gap.Target, segment.Gap.AimRatio)));
        target.Segment.Dimension = "sector";
        Assert.Equal(
            "target.segment.dimension", Assert.Single((await GrpcAssert.FailsAsync(client.CreateTargetAsync(new() { Target = target }, Admin))).Violations).Field);
    }

    [Fact]
    public async Task A_trigger_may_watch_one_of_its_values_and_says_what_is_out_of_scope()
    {
        var lastYear = TimeProvider.System.GetUtcNow().AddYears(-1);
        foreach (var plan in new[] { "free", "pro", "test" })
        {
            var row = RowOf(Guid.NewGuid(), 1, Stage.Mql, ("plan", plan));
            row.OccurTime = lastYear.ToTimestamp();
            await SayAsync(row);
        }
        var client = await metrics.ClientAsync();
        var leaveOut = new OutOfScopeRule { Name = "tests", Dimensions = { new OutOfScopeDimension { Dimension = "plan", Values = { "test" } } } };
        await client.UpdateSettingsAsync(new() { Settings = new() { OutOfScopeRules = { leaveOut } } }, Admin);

        var made = await client.CreateTriggerAsync(
            new()
            {
                Trigger = new()
                {
                    DisplayName = "Pros",
                    Owner = "revops",
                    Metric = new()
                    {
                        From = Stage.Lead,
                        To = Stage.Mql,
                        Segment = new() { Dimension = "plan", Value = "pro" },
                        Measure = TriggerMeasure.Volume,
                        Period = Cadence.FiscalYear,
                        Comparison = TriggerComparison.Below,
                        Threshold = 6, // one is below it for sure: 5.57 at most
                    },
                },
            },
            Admin);

        Trigger looked = made;
        await Eventually.IsTrueAsync("the first look", async () => (looked = await client.GetTriggerAsync(new() { Name = made.Name }, Caller)).LatestEvaluation is not null);
        Assert.Equal(made.Metric.Segment, looked.Metric.Segment);
        var reading = looked.LatestEvaluation.Reading;
        Assert.Equal(new Quality { InferredCount = 1 }, reading.Quality); // LEAD, before the MQL row
        Assert.Equal((made.Metric.Segment, 1, 1, TriggerVerdict.Fired), (reading.Segment, reading.JourneyCount, reading.OutOfScopeCount, looked.LatestEvaluation.Verdict));
    }

    [Fact]
    public async Task Names_every_wrong_declaration_at_once()
    {
        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).UpdateSettingsAsync(
            new()
            {
                Settings = new()
                {
                    CustomDimensions =
                    {
                        new CustomDimension { Name = "Not Kebab" },
                        new CustomDimension { Name = "channel" },
                        new CustomDimension { Name = "plan", Kind = (CustomDimensionKind)9 },
                        new CustomDimension { Name = "plan" },
                        new CustomDimension(),
                    },
                },
            },
            Admin));

        Assert.Equal(
            [
                "settings.custom_dimensions[0].name", "settings.custom_dimensions[1].name", "settings.custom_dimensions[2].kind",
                "settings.custom_dimensions[3].name", "settings.custom_dimensions[4].name",
            ],
            error.Violations.Select(violation => violation.Field));
    }

    async Task<Settings> DeclareAsync(params CustomDimension[] dimensions) =>
        await (await metrics.ClientAsync()).UpdateSettingsAsync(
            new() { Settings = new() { CustomDimensions = { dimensions } } }, Admin);

    StageChanged Row(long seq, Stage to, params (string Name, string Value)[] custom) => RowOf(_lead, seq, to, custom);

    static StageChanged RowOf(Guid lead, long seq, Stage to, params (string Name, string Value)[] custom)
    {
        var row = MetricsFixture.Row(lead, lead, to, seq, Noon.AddHours(seq));
        row.Dimensions.Custom.Add(custom.ToDictionary(pair => pair.Name, pair => pair.Value));
        return row;
    }

    /// <summary>Says rows, and waits for the ledger to have them.</summary>
    async Task SayAsync(params StageChanged[] rows)
    {
        var client = await metrics.ClientAsync();
        var before = (await client.GetWaterfallAsync(new(), Caller)).JourneyCount;
        await metrics.SayAsync(_tenant, Guid.NewGuid(), rows);
        await Eventually.EqualAsync(before + 1, async () => (await client.GetWaterfallAsync(new(), Caller)).JourneyCount);
    }

    Task<string[]> ByAsync(string dimension, int ranks = 2) => ByAsync(new GetWaterfallRequest { GroupBy = { dimension } }, ranks);

    /// <summary>The values of each group, and how many reached the first stages.</summary>
    async Task<string[]> ByAsync(GetWaterfallRequest request, int ranks = 2)
    {
        var answer = await (await metrics.ClientAsync()).GetWaterfallAsync(request, Caller);
        return [.. answer.Groups.Select(group => string.Join(' ',
            [.. group.Dimensions.Select(dimension => dimension.Value), .. group.Volumes.Take(ranks).Select(volume => $"{volume.ReachCount}")]))];
    }
}
