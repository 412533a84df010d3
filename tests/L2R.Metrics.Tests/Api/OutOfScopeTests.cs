using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.TestSupport;
using Xunit;

namespace L2R.Metrics.Tests.Api;

/// <summary>One lead of each segment goes from LEAD to CLOSED_WON, and one more is disqualified as spam.</summary>
[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class OutOfScopeTests(MetricsFixture metrics)
{
    static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    static readonly OutOfScopeRule Tests = new() { Name = "tests", Dimensions = { new OutOfScopeDimension { Dimension = "segment", Values = { "test" } } } };
    static readonly OutOfScopeRule Spam = new() { Name = "spam", ExitReasons = { "spam" } };

    readonly string _tenant = MetricsFixture.NewTenant();

    // Of test, enterprise and spam.
    readonly Guid[] _leads = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
    readonly Guid[] _journeys = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];

    CallOptions Caller => MetricsFixture.As(_tenant);

    [Fact]
    public async Task Is_in_no_figure_of_any_answer_and_counted_in_each()
    {
        await SayAsync();
        var answers = await AskAllAsync();
        Assert.All(answers, answer => Assert.Equal(0L, OutOf(answer)));
        Assert.Equal((3, 3, 2), Reaches((Waterfall)answers[0]));

        var settings = await SetAsync(Tests, Spam);

        Assert.Equal([Tests, Spam], settings.OutOfScopeRules);
        Assert.Equal(settings, await (await metrics.ClientAsync()).GetSettingsAsync(new(), Caller));
        answers = await AskAllAsync();
        Assert.All(answers, answer => Assert.Equal((answer.Descriptor.Name, 2L), (answer.Descriptor.Name, OutOf(answer))));
        Assert.Equal((1, 1, 1), Reaches((Waterfall)answers[0]));

        // As they are to a tenant that has the one in scope alone.
        var other = MetricsFixture.NewTenant();
        await metrics.SayAsync(other, Guid.NewGuid(), [.. Walk(Guid.NewGuid(), Guid.NewGuid(), "enterprise")]);
        await Eventually.EqualAsync(1L, async () => (await (await metrics.ClientAsync()).GetWaterfallAsync(new(), MetricsFixture.As(other))).JourneyCount);
        Assert.Equal((await AskAllAsync(MetricsFixture.As(other))).Select(Bare), answers.Select(Bare));

        await SetAsync();
        Assert.Equal((3, 3, 2), Reaches(await (await metrics.ClientAsync()).GetWaterfallAsync(new(), Caller)));
    }

    /// <summary>Of a lead whose CLOSED_WON row has no amount every answer says so: MQL is entered, SAL to OPPORTUNITY are inferred.</summary>
    [Fact]
    public async Task Every_answer_has_the_line_of_quality_and_says_of_how_many_journeys()
    {
        await SayAsync();
        await SetAsync(Tests, Spam);
        string[] ofTheirOwn = ["Diagnosis", "GoalPlan"]; // journey_count is of those that were followed

        foreach (var answer in await AskAllAsync())
        {
            var name = answer.Descriptor.Name;
            var quality = answer is Waterfall waterfall ? waterfall.Groups.Single().Quality : (Quality?)answer.Descriptor.FindFieldByName("quality")?.Accessor.GetValue(answer);
            Assert.True(quality is not null, $"{name} says nothing of quality");
            Assert.Equal((name, answer is TargetSuggestions ? 0 : 3), (name, quality.InferredCount)); // no period of a suggestion has ended since
            var journeys = answer.Descriptor.FindFieldByName("journey_count")?.Accessor.GetValue(answer);
            Assert.True(ofTheirOwn.Contains(name) || journeys is 1L, $"{name} tells of {journeys} journeys");
        }
    }

    [Fact]
    public async Task A_journey_says_which_rule_leaves_it_out()
    {
        await SayAsync();
        await metrics.SayAsync(_tenant, new LeadChanged { Lead = $"leads/{_leads[1]}", Version = 2, Profile = new() { Segment = "test" } });
        await SetAsync(Spam, Tests);
        await Eventually.EqualAsync(0, async () => Reaches(await (await metrics.ClientAsync()).GetWaterfallAsync(new(), Caller)).Lead);

        var client = await metrics.ClientAsync();
        List<string> rules = [];
        foreach (var journey in _journeys)
        {
            rules.Add((await client.GetJourneyAsync(new() { Name = $"journeys/{journey}" }, Caller)).OutOfScopeRule);
        }

        Assert.Equal(["tests", "tests", "spam"], rules);
        await SetAsync();
        Assert.Equal("", (await client.GetJourneyAsync(new() { Name = $"journeys/{_journeys[0]}" }, Caller)).OutOfScopeRule);
    }

    [Fact]
    public async Task Leaves_out_the_rows_of_leads_that_are_out_where_two_views_are_compared()
    {
        await SayAsync();
        await SetAsync(Tests);

        var answer = await (await metrics.ClientAsync()).CompareKnownAsync(new() { BaselineKnownAt = Noon.AddDays(-1).ToTimestamp() }, Caller);

        Assert.Equal((0, 1), (answer.Baseline.OutOfScopeCount, answer.Restated.OutOfScopeCount));
        Assert.Equal((2, 2, 1), Reaches(answer.Restated));
        Assert.Equal((5, 5), ((int)answer.RowChanges.Sum(change => change.AddedCount), (int)answer.Latenesses.Sum(lateness => lateness.Count)));

        // Nothing is new since: none of the rows is read, and those that are out are not counted either.
        var since = await (await metrics.ClientAsync()).CompareKnownAsync(new() { BaselineKnownAt = answer.Restated.KnownAt }, Caller);
        Assert.Equal((0, 5), (since.RowChanges.Count, (int)since.Latenesses.Sum(lateness => lateness.Count)));
    }

    [Fact]
    public async Task Streams_what_other_rules_leave()
    {
        await SayAsync();
        using var call = (await metrics.ClientAsync()).StreamWaterfall(new() { Waterfall = new() }, Caller);
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        Assert.Equal((3, 3, 2), Reaches(call.ResponseStream.Current.Waterfall));

        await SetAsync(Tests);

        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        Assert.Equal((2, 2, 1), Reaches(call.ResponseStream.Current.Waterfall));
    }

    [Fact]
    public async Task Says_every_rule_that_the_rules_break()
    {
        var error = await GrpcAssert.FailsAsync((await metrics.ClientAsync()).UpdateSettingsAsync(
            new()
            {
                Settings = new()
                {
                    OutOfScopeRules =
                    {
                        new OutOfScopeRule { Name = "Not Kebab", Dimensions = { new OutOfScopeDimension { Dimension = "planet", Values = { "" } } } },
                        new OutOfScopeRule { Name = "none" },
                        new OutOfScopeRule { Name = "none", ExitReasons = { new string('x', 201) }, Dimensions = { new OutOfScopeDimension { Dimension = "segment" } } },
                        new OutOfScopeRule { ExitReasons = { "a" } },
                    },
                },
            },
            ServiceProcess.As(_tenant, "admin")));

        Assert.Equal(
            [
                "settings.out_of_scope_rules[2].name", "settings.out_of_scope_rules[0].name", "settings.out_of_scope_rules[0].dimensions[0].values[0]",
                "settings.out_of_scope_rules[0].dimensions[0].dimension", "settings.out_of_scope_rules[1].dimensions",
                "settings.out_of_scope_rules[2].exit_reasons[0]", "settings.out_of_scope_rules[2].dimensions[0].values", "settings.out_of_scope_rules[3].name",
            ],
            error.Violations.Select(violation => violation.Field));
    }

    /// <summary>What an answer says, but for when it was asked and how many it leaves out.</summary>
    static string Bare(IMessage answer)
    {
        var bare = answer.Descriptor.Parser.ParseFrom(answer.ToByteArray());
        foreach (var field in answer.Descriptor.Fields.InDeclarationOrder().Where(field => field.Name is "as_of" or "known_at" or "out_of_scope_count"))
        {
            field.Accessor.Clear(bare);
        }
        return $"{answer.Descriptor.Name} {JsonFormatter.Default.Format(bare)}";
    }

    async Task<IMessage[]> AskAllAsync(CallOptions? caller = null)
    {
        var (client, asking) = (await metrics.ClientAsync(), caller ?? Caller);
        var (before, middle, end) = (Noon.AddDays(-10).ToTimestamp(), Noon.AddDays(5).ToTimestamp(), Noon.AddDays(20).ToTimestamp());
        var pair = (From: Stage.Lead, To: Stage.Mql);
        return
        [
            await client.GetWaterfallAsync(new(), asking),
            await client.GetCohortsAsync(new() { From = pair.From, To = pair.To }, asking),
            await client.GetVelocityAsync(new() { From = pair.From, To = pair.To }, asking),
            await client.GetFlowAsync(new(), asking),
            await client.GetConversionCurveAsync(new() { From = pair.From, To = pair.To }, asking),
            await client.GetAttributionAsync(new(), asking),
            await client.ExplainChangeAsync(new() { BeforeStartTime = before, BeforeEndTime = middle, AfterStartTime = middle, AfterEndTime = end }, asking),
            await client.DiagnoseAsync(new(), asking),
            await client.SuggestTargetsAsync(new(), asking),
            await client.PlanGoalAsync(new() { WonCount = 5, GoalStartTime = middle, GoalEndTime = end }, asking),
            await client.GetOutlookAsync(new(), asking),
            await client.GetEconomicsAsync(new(), asking),
            await client.GetNurtureAsync(new(), asking),
            await client.GetPipelineAsync(new(), asking),
        ];
    }

    async Task<Settings> SetAsync(params OutOfScopeRule[] rules) => await (await metrics.ClientAsync()).UpdateSettingsAsync(
        new() { Settings = new() { OutOfScopeRules = { rules } }, UpdateMask = new() { Paths = { "out_of_scope_rules" } } }, ServiceProcess.As(_tenant, "admin"));

    async Task SayAsync()
    {
        List<StageChanged> rows = [];
        foreach (var (number, segment) in new[] { "test", "enterprise" }.Index())
        {
            rows.AddRange(Walk(_leads[number], _journeys[number], segment));
        }
        var (spam, spammed) = (_leads[2], _journeys[2]);
        rows.Add(MetricsFixture.Row(spam, spammed, Stage.Mql, 1, Noon));
        rows.Add(With(MetricsFixture.Row(spam, spammed, Stage.Disqualified, 2, Noon.AddDays(1)), row => row.Reason = "spam"));
        await metrics.SayAsync(_tenant, Guid.NewGuid(), [.. rows]);
        await Eventually.EqualAsync((3, 3, 2), async () => Reaches(await (await metrics.ClientAsync()).GetWaterfallAsync(new(), Caller)));
    }

    static IEnumerable<StageChanged> Walk(Guid lead, Guid journey, string segment) => new[] { Stage.Lead, Stage.Mql, Stage.ClosedWon }.Select((stage, index) =>
        With(MetricsFixture.Row(lead, journey, stage, index + 1, Noon.AddDays(index)), row => row.Dimensions = new() { Segment = segment }));

    static StageChanged With(StageChanged row, Action<StageChanged> change)
    {
        change(row);
        return row;
    }

    static long OutOf(IMessage answer) => (long)answer.Descriptor.FindFieldByName("out_of_scope_count").Accessor.GetValue(answer);

    static (int Lead, int Mql, int Won) Reaches(Waterfall answer)
    {
        var volumes = Assert.Single(answer.Groups).Volumes;
        return ((int)volumes[0].ReachCount, (int)volumes[1].ReachCount, (int)volumes[5].ReachCount);
    }
}
