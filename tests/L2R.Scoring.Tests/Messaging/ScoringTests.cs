using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Scoring.V1;
using L2R.TestSupport;

namespace L2R.Scoring.Tests.Messaging;

[Trait("needs", "postgres")]
[Trait("needs", "rabbitmq")]
public sealed class ScoringTests(ScoringFixture scoring)
{
    readonly SomeLead _lead = new(ScoringFixture.NewTenant());

    CallOptions Sales => ServiceProcess.As(_lead.Tenant, "sales");

    async Task<Score> ScoreAsync() => await scoring.Client.GetScoreAsync(new GetScoreRequest { Name = _lead.Score }, Sales);

    async Task<bool> IsScoredAsync() => (await scoring.Client.ListScoresAsync(new ListScoresRequest { Lead = _lead.Name }, Sales)).Scores.Count > 0;

    [Fact]
    public async Task A_lead_that_was_disqualified_and_reopened_is_scored_on()
    {
        await scoring.SayAsync(_lead.Changed(), _lead.Opened());
        await Eventually.IsTrueAsync("the score", IsScoredAsync);
        await scoring.SayAsync(_lead.Moved(Stage.Disqualified, 2));
        await Eventually.EqualAsync(ScoreState.Ended, async () => (await ScoreAsync()).State);

        await scoring.SayAsync(_lead.Moved(Stage.Lead, 3), _lead.Touched("demo-request"));
        await Eventually.EqualAsync(1, () => Task.FromResult(scoring.Qualified(_lead.Tenant).Count));

        var row = Assert.Single(scoring.Qualified(_lead.Tenant));
        Assert.Equal((_lead.Journey, Stage.Lead, 4L), (row.Journey, row.From, row.SourceSeq));
    }

    [Fact]
    public async Task Scores_a_lead_with_reasons_and_makes_it_an_MQL_at_the_threshold()
    {
        await scoring.SayAsync(_lead.Changed(), _lead.Opened(), _lead.Touched("page-view"), _lead.Touched("page-view"), _lead.Touched("email-click"));
        await Eventually.EqualAsync(24, async () => await IsScoredAsync() ? (await ScoreAsync()).Points : 0);
        var open = await ScoreAsync();
        Assert.Empty(scoring.Qualified(_lead.Tenant));

        await scoring.SayAsync(_lead.Touched("demo-request"));
        await Eventually.EqualAsync(1, () => Task.FromResult(scoring.Qualified(_lead.Tenant).Count));
        var qualified = await ScoreAsync();

        var expected = new Score
        {
            Name = _lead.Score,
            Lead = _lead.Name,
            Journey = _lead.Journey,
            Points = 24,
            Threshold = 50,
            PolicyVersion = "scoringPolicies/1",
            State = ScoreState.Open,
            Contributions =
            {
                Given("segment-enterprise", 15, "segment is enterprise"),
                Given("email-click", 5, "1 × email-click"),
                Given("page-view", 4, "2 × page-view"),
            },
            CreateTime = open.CreateTime,
            UpdateTime = open.UpdateTime,
        };
        Assert.Equal(expected, open);

        expected.Points = 74;
        expected.State = ScoreState.Qualified;
        expected.Contributions.Insert(1, Given("sales-request", 50, "1 × demo-request"));
        expected.UpdateTime = qualified.UpdateTime;
        expected.QualifyTime = qualified.UpdateTime;
        Assert.Equal(expected, qualified);

        var row = Assert.Single(scoring.Qualified(_lead.Tenant));
        Assert.True(Guid.TryParseExact(row.TransitionId, "D", out _));
        Assert.Equal(
            new StageChanged
            {
                TransitionId = row.TransitionId,
                Lead = _lead.Name,
                Journey = _lead.Journey,
                From = Stage.Lead,
                To = Stage.Mql,
                OccurTime = qualified.QualifyTime,
                SourceSeq = 2,
                Origin = Origin.Live,
                Actor = "service:scoring",
                Reason = "score 74 of 50",
                PolicyVersion = "scoringPolicies/1",
                Score = 74,
                Dimensions = new Dimensions
                {
                    Channel = "web-form",
                    Source = "newsletter",
                    Campaign = "spring",
                    Segment = "enterprise",
                    Region = "NL",
                    Product = "loans",
                    Motion = "new",
                },
            },
            row);
    }

    public static TheoryData<string> Orders => [.. Permute("LCT")];

    // L: the lead comes in, C: it changes, T: a touch that is enough.
    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Comes_to_the_same_in_every_order_and_with_every_event_twice(string order)
    {
        foreach (var letter in order)
        {
            var said = letter switch { 'L' => _lead.Opened(), 'C' => _lead.Changed(), _ => _lead.Touched("demo-request") };
            await scoring.SayAsync(said, said);
            await scoring.HandledAsync(said);
        }
        await InTurnAsync(_lead.Touched("demo-request"));

        Assert.Equal(65, (await ScoreAsync()).Points);
        await Eventually.EqualAsync(1, () => Task.FromResult(scoring.Qualified(_lead.Tenant).Count));
    }

    [Fact]
    public async Task Makes_one_MQL_of_each_of_many_journeys_at_once()
    {
        var leads = Enumerable.Range(0, 30).Select(_ => new SomeLead(_lead.Tenant)).ToList();
        var events = leads.SelectMany(lead => new[] { lead.Opened(), lead.Changed(), lead.Touched("demo-request"), lead.Touched("trial-request") }).ToList();

        await scoring.SayAsync([.. events, .. events]);
        await scoring.HandledAsync(events);
        await Eventually.IsTrueAsync("the MQLs", () => Task.FromResult(scoring.Qualified(_lead.Tenant).Count >= leads.Count));

        Assert.Equal(leads.Select(lead => lead.Journey).Order(), scoring.Qualified(_lead.Tenant).Select(row => row.Journey).Order());
    }

    [Theory]
    [InlineData(Stage.Sal)]
    [InlineData(Stage.Disqualified)]
    public async Task Never_moves_a_journey_that_left_LEAD_also_when_it_hears_of_that_first(Stage left)
    {
        var early = new SomeLead(_lead.Tenant);
        await InTurnAsync(early.Moved(left, 2), early.Opened(), early.Changed(), early.Touched("demo-request"));
        await InTurnAsync(_lead.Opened(), _lead.Changed(), _lead.Moved(left, 2), _lead.Touched("demo-request"));
        var other = new SomeLead(_lead.Tenant);
        await scoring.SayAsync(other.Opened(), other.Changed(), other.Touched("demo-request"));
        await Eventually.IsTrueAsync("the other lead's MQL", () => Task.FromResult(scoring.Qualified(_lead.Tenant).Count > 0));

        Assert.Equal([other.Name], scoring.Qualified(_lead.Tenant).Select(row => row.Lead));
        var score = await ScoreAsync();
        Assert.Equal((15, ScoreState.Ended, null), (score.Points, score.State, score.QualifyTime));
    }

    [Theory]
    [InlineData("handoff")]
    [InlineData("opportunity")]
    public async Task Hears_every_owner_after_it(string by)
    {
        await InTurnAsync(_lead.Opened(), _lead.Moved(Stage.Recycled, 2, by));

        Assert.Equal(ScoreState.Ended, (await ScoreAsync()).State);
    }

    [Fact]
    public async Task A_journey_that_is_reopened_is_scored_on()
    {
        await InTurnAsync(_lead.Opened(), _lead.Changed(), _lead.MovedByIntake(Stage.Disqualified, 2, version: 3), _lead.MovedByIntake(Stage.Lead, 3, version: 4), _lead.Touched("demo-request"));

        await Eventually.EqualAsync(1, () => Task.FromResult(scoring.Qualified(_lead.Tenant).Count));
        Assert.Equal(4, scoring.Qualified(_lead.Tenant)[0].SourceSeq);
    }

    [Fact]
    public async Task Counts_engagement_of_this_journey_only()
    {
        var next = _lead with { JourneyId = Guid.NewGuid() };
        await scoring.SayAsync(_lead.Touched("demo-request", engagement: false), _lead.Touched("demo-request", withJourney: false));
        await InTurnAsync(_lead.Changed(), _lead.Opened(), next.Touched("demo-request"), _lead.Touched("page-view"));

        Assert.Equal(17, (await ScoreAsync()).Points);
        Assert.Empty(scoring.Qualified(_lead.Tenant));
    }

    [Fact]
    public async Task Waits_for_the_attributes_and_for_the_LEAD_row()
    {
        var other = new SomeLead(_lead.Tenant);
        await InTurnAsync(_lead.Moved(Stage.Lead, 1), _lead.Touched("demo-request"), other.Changed(), other.Touched("demo-request"));

        Assert.Empty((await scoring.Client.ListScoresAsync(new ListScoresRequest(), Sales)).Scores);
    }

    [Fact]
    public async Task An_older_version_of_a_lead_changes_nothing()
    {
        await InTurnAsync(_lead.Opened(), _lead.Changed(version: 7), _lead.Changed(version: 6, new Intake.V1.Profile()));

        Assert.Equal(15, (await ScoreAsync()).Points);
    }

    [Fact]
    public async Task A_change_of_the_lead_scores_it_anew()
    {
        await InTurnAsync(_lead.Opened(), _lead.Changed(), _lead.Changed(version: 3, new Intake.V1.Profile { Segment = "mid-market", EmployeeCount = 60 }));

        var score = await ScoreAsync();
        Assert.Equal(
            [Given("segment-mid-market", 10, "segment is mid-market"), Given("employees-some", 5, "employee_count is 60")],
            score.Contributions);
        Assert.Empty(score.EarlierContributions);
    }

    [Fact]
    public async Task Is_never_dated_before_the_LEAD_row()
    {
        // A clock that is ahead of this one: later than now, to the microsecond that is kept.
        var ahead = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().AddMinutes(4).ToUnixTimeMilliseconds());
        await scoring.SayAsync(_lead.Opened(ahead), _lead.Changed(), _lead.Touched("demo-request"));

        await Eventually.EqualAsync(1, () => Task.FromResult(scoring.Qualified(_lead.Tenant).Count));
        Assert.Equal(ahead.ToTimestamp(), scoring.Qualified(_lead.Tenant)[0].OccurTime);
    }

    /// <summary>Says each when the one before was handled.</summary>
    async Task InTurnAsync(params OutboxEvent[] events)
    {
        foreach (var said in events)
        {
            await scoring.SayAsync(said);
            await scoring.HandledAsync(said);
        }
    }

    static Contribution Given(string rule, int points, string matched) =>
        new() { Rule = rule, Points = points, Matched = matched, PolicyVersion = "scoringPolicies/1" };

    static IEnumerable<string> Permute(string letters) => letters.Length <= 1
        ? [letters]
        : letters.SelectMany((letter, i) => Permute(letters.Remove(i, 1)).Select(rest => letter + rest));
}
