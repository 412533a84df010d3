using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Practice;

/// <summary>The commands <c>diagnose</c>, <c>explain</c>, <c>outlook</c>, <c>plan</c> and <c>targets suggest</c> against a service that answers.</summary>
public sealed class DiagnosisCommandsTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    static Timestamp Day(int month, int day = 1) => new DateTimeOffset(2026, month, day, 0, 0, 0, TimeSpan.Zero).ToTimestamp();

    static Duration Days(int days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));

    public static TheoryData<string, string, string> Commands => new()
    {
        { "diagnose --from 2026-01-01 --to 2026-02-01 --horizon 60d --dimension channel --top 5 --journeys first", "Fix SAL → SQL first.", nameof(DiagnoseRequest) },
        { "plan --won EUR250000.5 --goal-from 2026-06-01 --goal-to 2026-07-01 --horizon 60d --filter segment=a", "It takes 40 wins.", nameof(PlanGoalRequest) },
        { "plan --wins 40 --goal-from 2026-06-01 --goal-to 2026-07-01", "It takes 40 wins.", "wins" },
        { "outlook --ahead 30d --from 2026-01-01", "Nothing is open.", nameof(GetOutlookRequest) },
        { "explain --before 2026-01-01,2026-02-01 --after 2026-02-01,2026-03-01 --booked --dimension region", "Revenue is the same.", nameof(ExplainChangeRequest) },
        { "targets suggest --by week --horizon 14d --dimension segment", "LEAD → MQL: 40 to 50 a week.", nameof(SuggestTargetsRequest) },
    };

    static IMessage Request(string name) => name switch
    {
        nameof(DiagnoseRequest) => new DiagnoseRequest { StartTime = Day(1), EndTime = Day(2), Horizon = Days(60), Dimension = "channel", MaxSegments = 5, Journeys = JourneySelection.First },
        nameof(PlanGoalRequest) => new PlanGoalRequest
        {
            WonAmount = new Money { CurrencyCode = "EUR", Units = 250_000, Nanos = 500_000_000 },
            GoalStartTime = Day(6),
            GoalEndTime = Day(7),
            Horizon = Days(60),
            Filters = { new DimensionFilter { Dimension = "segment", Values = { "a" } } },
        },
        "wins" => new PlanGoalRequest { WonCount = 40, GoalStartTime = Day(6), GoalEndTime = Day(7) },
        nameof(GetOutlookRequest) => new GetOutlookRequest { Ahead = Days(30), StartTime = Day(1) },
        nameof(ExplainChangeRequest) => new ExplainChangeRequest
        {
            BeforeStartTime = Day(1),
            BeforeEndTime = Day(2),
            AfterStartTime = Day(2),
            AfterEndTime = Day(3),
            Basis = ChangeBasis.Booked,
            Dimension = "region",
        },
        _ => new SuggestTargetsRequest { Period = PeriodKind.Week, Horizon = Days(14), Dimension = "segment" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Ask_what_was_typed_and_begin_with_the_sentence(string command, string sentence, string request)
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal(0, await _temp.RunAsync([.. command.Split(' '), "--gateway", metrics.Address, "--token", "secret"]));

        Assert.Equal(sentence, _temp.Output.ToString().Split('\n')[0]);
        Assert.Equal(Request(request), metrics.Question);
    }

    [Fact]
    public async Task Print_the_answer_of_the_rpc_as_json()
    {
        await using var metrics = await FakeMetrics.StartAsync();

        Assert.Equal(0, await _temp.RunAsync("diagnose", "--json", "--gateway", metrics.Address, "--token", "secret"));

        Assert.Equal("Fix SAL → SQL first.", JsonParser.Default.Parse<Diagnosis>(_temp.Output.ToString()).Summary);
        Assert.Equal(new DiagnoseRequest(), metrics.Question);
    }

    [Theory]
    [InlineData("plan --goal-from 2026-06-01 --goal-to 2026-07-01", "the goal is either --won or --wins")]
    [InlineData("plan --won EUR1 --wins 2 --goal-from 2026-06-01 --goal-to 2026-07-01", "the goal is either --won or --wins")]
    [InlineData("plan --won 250000 --goal-from 2026-06-01 --goal-to 2026-07-01", "--won takes a currency and an amount, as in EUR250000; not '250000'")]
    [InlineData("outlook --ahead 30d,60d", "--ahead takes one duration, as in 90d; not '30d,60d'")]
    [InlineData("explain --before 2026-01-01 --after 2026-02-01,2026-03-01", "--before takes two instants, as in 2026-01-01,2026-02-01; not '2026-01-01'")]
    [InlineData("targets suggest --by segment", "--by takes a period (day, week, month, quarter, fiscal-year), not 'segment'")]
    [InlineData("diagnose --dimension colour", "--dimension takes one of channel, source, campaign, motion, owner, team, product, policy_version, segment, region, custom.NAME; not 'colour'")]
    public async Task Say_what_is_wrong_with_what_was_typed(string command, string problem)
    {
        Assert.Equal(2, await _temp.RunAsync(command.Split(' ')));
        Assert.StartsWith($"l2r: {problem}\n", _temp.Errors.ToString(), StringComparison.Ordinal);
    }
}
