using L2R.Intake.Domain;
using L2R.Ledger.Domain;

namespace L2R.Intake.Tests.Domain;

public sealed class JourneysTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly Guid JourneyId = new("01900000-0000-7000-8000-000000000001");
    static readonly Guid NextId = new("01900000-0000-7000-8000-000000000002");

    static JourneyPosition At(Stage stage) => new(JourneyId, stage, Noon, 4, Imported: false);

    static Lead LeadAt(Stage stage) => new()
    {
        Id = Guid.Empty,
        Details = new LeadDetails(),
        Journey = At(stage),
        CreateTime = Noon,
        UpdateTime = Noon,
        Version = 1,
    };

    static Touchpoint TouchAt(DateTimeOffset time, bool engagement = true) =>
        new(Guid.Empty, Guid.Empty, "page-view", time, "web", "", engagement);

    public static TheoryData<Stage> EveryStage => [.. Stages.All];

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void Disqualifies_from_LEAD_alone(Stage stage)
    {
        var decision = Journeys.Disqualify(At(stage), "spam", Noon.AddHours(1));

        JourneyDecision expected = stage == Stage.Lead
            ? new JourneyDecision.Moved(new StageMove(JourneyId, Stage.Lead, Stage.Disqualified, Noon.AddHours(1), 5, "spam", ""))
            : new JourneyDecision.Refused(stage, [.. Moves.From(stage, Origin.Live).Where(move => !stage.IsExit() || move.By != Owner.Intake)]);
        Assert.Equivalent(expected, decision, strict: true);
    }

    [Fact]
    public void Dates_no_row_before_its_predecessor()
    {
        var decision = Journeys.Disqualify(At(Stage.Lead), "spam", Noon.AddMinutes(-1));

        Assert.Equal(Noon, Assert.IsType<JourneyDecision.Moved>(decision).Move.OccurTime);
    }

    [Fact]
    public void Says_of_what_it_disqualified_that_the_way_back_is_its_own()
    {
        var ended = Assert.IsType<JourneyDecision.Moved>(Journeys.Disqualify(At(Stage.Lead), "spam", Noon)).Move.Position;

        var refused = Assert.IsType<JourneyDecision.Refused>(Journeys.Disqualify(ended, "spam", Noon));

        Assert.Equal([new Move(Stage.Disqualified, Stage.Lead, Owner.Intake)], refused.Possible);
    }

    [Fact]
    public void Reopens_what_it_disqualified_in_the_same_journey()
    {
        var ended = Assert.IsType<JourneyDecision.Moved>(Journeys.Disqualify(At(Stage.Lead), "spam", Noon)).Move.Position;

        var reopened = Journeys.Reopen(ended, "no spam", Noon.AddMinutes(-1));

        Assert.Equal(new JourneyDecision.Moved(new StageMove(JourneyId, Stage.Disqualified, Stage.Lead, Noon, 6, "no spam", "")), reopened);
        Assert.Equal(
            new JourneyPosition(JourneyId, Stage.Lead, Noon, 6, Imported: false), Assert.IsType<JourneyDecision.Moved>(reopened).Move.Position);
    }

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void Reopens_nothing_that_it_did_not_end(Stage stage)
    {
        Assert.Equal(new JourneyDecision.NotEndedHere(stage), Journeys.Reopen(At(stage), "why", Noon));
        Assert.Equal(new JourneyDecision.NotEndedHere(stage), Journeys.Reopen(At(stage) with { ExitFrom = Stage.Mql }, "why", Noon));
    }

    [Fact]
    public void Leaves_history_alone()
    {
        Assert.IsType<JourneyDecision.IsHistory>(Journeys.Disqualify(At(Stage.Lead) with { Imported = true }, "spam", Noon));
        Assert.IsType<JourneyDecision.IsHistory>(
            Journeys.Reopen(At(Stage.Disqualified) with { ExitFrom = Stage.Lead, Imported = true }, "no spam", Noon));
    }

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void Opens_the_next_journey_after_a_win_and_every_exit_but_nurture(Stage stage)
    {
        var decision = Journeys.OpenNext(LeadAt(stage), NextId, "expansion", "a second team", Noon.AddHours(1));

        JourneyDecision expected = stage is Stage.ClosedWon or Stage.Disqualified or Stage.Rejected or Stage.ClosedLost
            ? new JourneyDecision.Moved(new StageMove(NextId, null, Stage.Lead, Noon.AddHours(1), 1, "a second team", "expansion"))
            : new JourneyDecision.NotOver(stage);
        Assert.Equal(expected, decision);
    }

    [Fact]
    public void A_next_journey_is_new_business_where_nobody_says_otherwise_and_begins_no_earlier_than_the_last_one_ended()
    {
        var move = Assert.IsType<JourneyDecision.Moved>(Journeys.OpenNext(LeadAt(Stage.ClosedLost), NextId, "", "why", Noon.AddMinutes(-1))).Move;

        Assert.Equal(("new", Noon), (move.Motion, move.OccurTime));
    }

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void History_does_not_stand_in_the_way_of_the_next_journey(Stage stage)
    {
        var lead = LeadAt(stage) with { Journey = At(stage) with { Imported = true } };

        Assert.IsType<JourneyDecision.Moved>(Journeys.OpenNext(lead, NextId, "", "why", Noon));
    }

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void A_touch_of_engagement_opens_the_next_journey_of_a_recycled_lead_alone(Stage stage)
    {
        var move = Journeys.Touch(LeadAt(stage), TouchAt(Noon.AddDays(1)), NextId);

        Assert.Equal(stage == Stage.Recycled ? new StageMove(NextId, null, Stage.Lead, Noon.AddDays(1), 1, "", "new") : null, move);
    }

    [Fact]
    public void Being_reached_opens_nothing() =>
        Assert.Null(Journeys.Touch(LeadAt(Stage.Recycled), TouchAt(Noon.AddDays(1), engagement: false), NextId));

    [Fact]
    public void A_touch_from_before_the_recycling_opens_nothing() =>
        Assert.Null(Journeys.Touch(LeadAt(Stage.Recycled), TouchAt(Noon), NextId));

    [Theory]
    [InlineData(3, Stage.Sql, false)]
    [InlineData(4, Stage.Mql, false)]
    [InlineData(4, Stage.Sal, false)]
    [InlineData(4, Stage.Sql, true)] // moved by two at the same moment
    [InlineData(5, Stage.Mql, true)]
    public void Hears_only_what_is_newer_or_as_new_and_further(long sourceSeq, Stage stage, bool news)
    {
        var heard = new JourneyPosition(JourneyId, stage, Noon.AddDays(1), sourceSeq, Imported: false);

        Assert.Equal(news ? heard : null, Journeys.Hear(At(Stage.Sal), heard));
    }

    [Fact]
    public void A_customer_stays_one_when_another_opportunity_is_lost()
    {
        var heard = new JourneyPosition(JourneyId, Stage.ClosedLost, Noon.AddDays(1), 5, Imported: false);

        Assert.Equal(heard with { Stage = Stage.ClosedWon }, Journeys.Hear(At(Stage.ClosedWon), heard with { ExitFrom = Stage.Opportunity }));
    }

    [Fact]
    public void Where_it_took_an_exit_is_forgotten_once_another_service_moved_the_journey_on()
    {
        var heard = new JourneyPosition(JourneyId, Stage.Sal, Noon.AddDays(1), 5, Imported: false);

        Assert.Equal(heard, Journeys.Hear(At(Stage.Disqualified) with { ExitFrom = Stage.Lead }, heard));
    }

    [Fact]
    public void Does_not_take_another_journey_for_the_current_one() =>
        Assert.Null(Journeys.Hear(At(Stage.Lead), new JourneyPosition(NextId, Stage.Mql, Noon.AddDays(1), 9, Imported: false)));
}
