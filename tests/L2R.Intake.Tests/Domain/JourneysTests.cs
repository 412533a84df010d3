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
            ? new JourneyDecision.Moved(new StageMove(JourneyId, Stage.Lead, Stage.Disqualified, Noon.AddHours(1), 5, "spam"))
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
    public void Leaves_history_alone() =>
        Assert.IsType<JourneyDecision.IsHistory>(Journeys.Disqualify(At(Stage.Lead) with { Imported = true }, "spam", Noon));

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void A_touch_of_engagement_opens_the_next_journey_of_a_recycled_lead_alone(Stage stage)
    {
        var move = Journeys.Touch(LeadAt(stage), TouchAt(Noon.AddDays(1)), NextId);

        Assert.Equal(stage == Stage.Recycled ? new StageMove(NextId, null, Stage.Lead, Noon.AddDays(1), 1, "") : null, move);
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

        Assert.Equal(heard with { Stage = Stage.ClosedWon }, Journeys.Hear(At(Stage.ClosedWon), heard));
    }

    [Fact]
    public void Does_not_take_another_journey_for_the_current_one() =>
        Assert.Null(Journeys.Hear(At(Stage.Lead), new JourneyPosition(NextId, Stage.Mql, Noon.AddDays(1), 9, Imported: false)));
}
