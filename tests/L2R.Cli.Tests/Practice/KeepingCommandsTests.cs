using L2R.Metrics.V1;

namespace L2R.Cli.Tests.Practice;

/// <summary>What <c>targets</c>, <c>triggers</c> and <c>definitions</c> send and print, against a service that answers.</summary>
public sealed class KeepingCommandsTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    async Task<string> RunAsync(FakeMetrics metrics, string arguments, int exitCode = 0)
    {
        _temp.Output.GetStringBuilder().Clear();
        _temp.Errors.GetStringBuilder().Clear();
        Assert.Equal(exitCode, await _temp.RunAsync([.. arguments.Split(' '), "--gateway", metrics.Address, "--token", "secret"]));
        return exitCode == 0 ? _temp.Output.ToString() : _temp.Errors.ToString();
    }

    [Fact]
    public async Task A_target_is_created_as_the_words_say()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        var said = await RunAsync(metrics, "targets create --pair LEAD,MQL --conversion 0.35 --horizon 30d --segment segment=enterprise --from 2026-01-01 --until 2027-01-01");

        var request = Assert.IsType<CreateTargetRequest>(metrics.Question);
        Assert.True(Guid.TryParse(request.RequestId, out _));
        Assert.Equal(
            """{ "from": "STAGE_LEAD", "to": "STAGE_MQL", "segment": { "dimension": "segment", "value": "enterprise" }, "conversion": { "ratio": 0.35, "horizon": "2592000s" }, "effectiveStartTime": "2026-01-01T00:00:00Z", "effectiveEndTime": "2027-01-01T00:00:00Z" }""",
            request.Target.ToString());
        Assert.Equal(
            [
                "pair                      of          goal  from (UTC)       until",
                "LEAD → MQL  segment=enterpr…  35.0% in 30d  2026-01-01  2027-01-01",
                "targets/7",
            ],
            said.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_target_is_updated_and_deleted_by_its_name()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        await RunAsync(metrics, "targets update 7 --volume 400 --period fiscal-year");
        var update = Assert.IsType<UpdateTargetRequest>(metrics.Question);
        Assert.Equal("""{ "name": "targets/7", "volume": { "reachCount": "400", "period": "CADENCE_FISCAL_YEAR" } }""", update.Target.ToString());
        await RunAsync(metrics, "targets update targets/7 --velocity 2d --horizon 14d --json");
        Assert.Equal(("targets/7", Target.GoalOneofCase.Velocity), (((UpdateTargetRequest)metrics.Question!).Target.Name, ((UpdateTargetRequest)metrics.Question).Target.GoalCase));

        Assert.Equal("targets/7: deleted\n", await RunAsync(metrics, "targets delete 7"));
        Assert.Equal("targets/7", Assert.IsType<DeleteTargetRequest>(metrics.Question).Name);
    }

    [Fact]
    public async Task Triggers_are_created_listed_and_deleted()
    {
        await using var metrics = await FakeMetrics.StartAsync();
        Assert.Equal("No triggers of the token's tenant: ./l2r triggers create makes one.\n", await RunAsync(metrics, "triggers"));

        await RunAsync(metrics, "triggers create quality --owner marketing --measure conversion --pair LEAD,MQL --below 0.3 --rearm 0.33 --horizon 30d --period month --segment segment=smb --review-days 7");
        Assert.Equal(
            """{ "displayName": "quality", "owner": "marketing", "metric": { "from": "STAGE_LEAD", "to": "STAGE_MQL", "segment": { "dimension": "segment", "value": "smb" }, "measure": "TRIGGER_MEASURE_CONVERSION", "horizon": "2592000s", "period": "CADENCE_MONTH", "comparison": "TRIGGER_COMPARISON_BELOW", "threshold": 0.3, "rearmThreshold": 0.33 }, "reviewDays": 7 }""",
            Assert.IsType<CreateTriggerRequest>(metrics.Question).Trigger.ToString());
        await RunAsync(metrics, "triggers create volume --owner sales --measure volume --pair SAL,SQL --above 90 --period week");
        await RunAsync(metrics, "triggers create budget --owner revops --on 2026-03-31 --every quarter");
        await RunAsync(metrics, "triggers create once --owner revops --on 2026-03-31");
        await RunAsync(metrics, "triggers create policy --owner marketing --policy-activated");

        Assert.Equal(
            [
                "trigger  state     what                          fires",
                "1        armed  quality    conversion LEAD → MQL < 0.3",
                "2        armed   volume          volume SAL → SQL > 90",
                "3        armed   budget  every quarter from 2026-03-31",
                "4        armed     once                  on 2026-03-31",
                "5        armed   policy               policy activated",
            ],
            (await RunAsync(metrics, "triggers")).TrimEnd().Split('\n'));
        Assert.Equal(5, (await RunAsync(metrics, "triggers --json")).TrimEnd().Split('\n').Length);
        Assert.Equal("triggers/3: deleted\n", await RunAsync(metrics, "triggers delete 3"));
        Assert.Equal("triggers/3", Assert.IsType<DeleteTriggerRequest>(metrics.Question).Name);
    }

    [Fact]
    public async Task Definitions_are_lines_of_100_columns_by_section()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal(
            [
                "Volume",
                "  reach         |journeys with R_k in P| (journeys)",
                $"  stock-at-end  {new string('x', 83)}…",
                "Conversion",
                "  cohort        n (journeys)",
            ],
            (await RunAsync(metrics, "definitions")).TrimEnd().Split('\n'));
        Assert.Equal(3, (await RunAsync(metrics, "definitions --json")).TrimEnd().Split('\n').Length);
    }

    [Theory]
    [InlineData("targets create --pair LEAD,MQL --from 2026-01-01", "a target has one of --volume, --conversion and --velocity", "targets create")]
    [InlineData("targets create --pair LEAD,MQL --from 2026-01-01 --volume 4", "--volume and --period go together", "targets create")]
    [InlineData("targets create --pair LEAD,MQL --from 2026-01-01 --conversion 0.3", "--conversion and --velocity each go with --horizon", "targets create")]
    [InlineData("targets update 7", "say what to change: a goal, --from or --until", "targets update")]
    [InlineData("triggers create x --owner y", "a trigger has one of --measure, --on and --policy-activated", "triggers create")]
    [InlineData("triggers create x --owner y --measure volume --pair SAL,SQL --period week", "--measure goes with --pair, --period and one of --below and --above", "triggers create")]
    [InlineData("triggers create x --owner y --policy-activated --below 3", "--below goes with --measure", "triggers create")]
    [InlineData("triggers create x --owner y --policy-activated --every week", "--every goes with --on", "triggers create")]
    public async Task What_does_not_go_together_is_named(string arguments, string said, string command)
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal($"l2r: {said}\nl2r: ./l2r {command} --help tells how\n", await RunAsync(metrics, arguments, exitCode: 2));
        Assert.Null(metrics.Question);
    }
}
