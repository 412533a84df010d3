using L2R.Ledger.Domain;
using L2R.Scoring.Domain;

namespace L2R.Scoring.Tests.Domain;

public sealed class JourneysTests
{
    static readonly DateTimeOffset Noon = SomeLead.Noon;
    static readonly Guid Id = Guid.NewGuid();

    static Journey Open() => new(At(Stage.Lead, 1), Motion: "new", QualifyTime: null);

    static JourneyPosition At(Stage stage, long sourceSeq) => new(Id, stage, Noon, sourceSeq, Imported: false);

    [Theory]
    [InlineData(50)]
    [InlineData(51)]
    public void Becomes_an_MQL_at_or_over_the_threshold(int points) =>
        Assert.Equal(
            new StageMove(Id, Stage.Lead, Stage.Mql, Noon.AddHours(1), SourceSeq: 2, $"score {points} of 50"),
            Journeys.Qualify(Open(), points, threshold: 50, Noon.AddHours(1)));

    [Fact]
    public void Stays_below_the_threshold() => Assert.Null(Journeys.Qualify(Open(), points: 49, threshold: 50, Noon));

    [Fact]
    public void Is_never_dated_before_its_LEAD_row() =>
        Assert.Equal(Noon, Journeys.Qualify(Open(), 50, 50, now: Noon.AddMinutes(-1))?.OccurTime);

    [Fact]
    public void Becomes_an_MQL_once() => Assert.Null(Journeys.Qualify(Open() with { QualifyTime = Noon }, 50, 50, Noon));

    [Fact]
    public void History_stays_what_it_is() => Assert.Null(Journeys.Qualify(Open() with { Position = At(Stage.Lead, 1) with { Imported = true } }, 50, 50, Noon));

    public static TheoryData<Stage> Later => [.. Stages.All.Where(stage => stage != Stage.Lead)];

    [Theory]
    [MemberData(nameof(Later))]
    public void Scoring_ends_where_a_journey_leaves_LEAD(Stage stage)
    {
        var journey = Open() with { Position = At(stage, 2) };

        Assert.False(journey.IsOpen);
        Assert.Null(Journeys.Qualify(journey, 50, 50, Noon));
    }

    [Fact]
    public void The_highest_source_seq_says_where_a_journey_stands()
    {
        var exit = At(Stage.Disqualified, 2);

        Assert.Equal(exit, Journeys.Hear(known: null, exit));
        Assert.Equal(exit, Journeys.Hear(At(Stage.Lead, 1), exit));
        Assert.Null(Journeys.Hear(exit, At(Stage.Lead, 1)));
        Assert.Null(Journeys.Hear(exit, At(Stage.Sal, 2)));
        Assert.Equal(At(Stage.Lead, 3), Journeys.Hear(exit, At(Stage.Lead, 3)));
    }

    [Fact]
    public void History_does_not_move() => Assert.Null(Journeys.Hear(At(Stage.Mql, 2) with { Imported = true }, At(Stage.Sal, 3)));

    [Theory]
    [InlineData(Stage.Lead, false, ScoreState.Open)]
    [InlineData(Stage.Sal, false, ScoreState.Ended)]
    [InlineData(Stage.Disqualified, false, ScoreState.Ended)]
    [InlineData(Stage.Mql, true, ScoreState.Qualified)]
    [InlineData(Stage.Rejected, true, ScoreState.Qualified)]
    public void A_score_says_whether_it_counts_on(Stage stage, bool qualified, ScoreState state) =>
        Assert.Equal(state, Score.StateOf(stage, qualified ? Noon : null));
}
