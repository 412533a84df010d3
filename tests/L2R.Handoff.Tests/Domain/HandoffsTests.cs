using L2R.Handoff.Domain;
using L2R.Ledger.Domain;
using static L2R.Handoff.Tests.Domain.Examples;

namespace L2R.Handoff.Tests.Domain;

public sealed class HandoffsTests
{
    // Row: where the journey stands. Column: the command. A stage is where it goes; ? it has not come to sales, as far as is known;
    // . no such move; = it has another owner and stays; ! it has no owner to change any more;
    // / it stands in no exit that sales took.
    const string Table = """
        stands        accept pull reject   qualify recycle  disqualify   assign reopen
        LEAD          ?      SAL  ?        ?       ?        ?            ?      ?
        MQL           SAL    SAL  REJECTED .       RECYCLED DISQUALIFIED =      /
        SAL           .      .    .        SQL     RECYCLED DISQUALIFIED =      /
        SQL           .      .    .        .       RECYCLED DISQUALIFIED =      /
        OPPORTUNITY   .      .    .        .       .        .            !      /
        CLOSED_WON    .      .    .        .       .        .            !      /
        DISQUALIFIED  .      .    .        .       .        .            !      SQL
        REJECTED      .      .    .        .       .        .            !      MQL
        RECYCLED      .      .    .        .       .        .            !      SAL
        CLOSED_LOST   .      .    .        .       .        .            !      /
        """;

    static readonly Func<SalesJourney, HandoffDecision>[] Commands =
    [
        journey => Handoffs.Accept(journey, Ann, One),
        journey => Handoffs.Pull(journey, Ann, "why", One),
        journey => Handoffs.End(journey, Stage.Rejected, "why", One),
        journey => Handoffs.Qualify(journey, AllMet, One),
        journey => Handoffs.End(journey, Stage.Recycled, "why", One),
        journey => Handoffs.End(journey, Stage.Disqualified, "why", One),
        journey => Handoffs.Assign(journey, Rep(Ann), One),
        journey => Handoffs.Reopen(journey, Ann, isLatest: true, "why", One),
    ];

    [Fact]
    public void Every_command_in_every_stage_has_one_answer()
    {
        var actual = Stages.All.Select(stage => string.Join(' ', Commands.Select(command => Symbol(command(At(stage)))).Prepend(stage.Name())));

        Assert.Equal(Table.Split('\n').Skip(1).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))), actual);
    }

    [Fact]
    public void Nothing_moves_history_live() =>
        Assert.All(
            from stage in Stages.All.Except([Stage.Lead])
            from command in Commands
            select command(At(stage) with { Imported = true }),
            decision => Assert.IsType<HandoffDecision.IsHistory>(decision));

    [Fact]
    public void A_refusal_says_what_is_possible()
    {
        var refused = Assert.IsType<HandoffDecision.Refused>(Handoffs.Accept(At(Stage.Sql), Ann, One));

        Assert.Equal((Stage.Sql, Stage.Sal), (refused.From, refused.To));
        Assert.Equal(Moves.From(Stage.Sql, Origin.Live), refused.Possible);
    }

    [Fact]
    public void Accepting_gives_what_nobody_has_to_the_caller()
    {
        var journey = At(Stage.Mql);

        Assert.Equal(
            new HandoffDecision.Moved(
                journey with { Position = new(Stage.Sal, One, 6), Owner = Ann, AssignTime = One, AcceptTime = One, Version = 4 },
                new StageMove(Stage.Mql, Stage.Sal, One, 6, "")),
            Handoffs.Accept(journey, Ann, One));
    }

    [Fact]
    public void An_owner_keeps_it_whoever_accepts()
    {
        var journey = At(Stage.Mql) with { Owner = Ben, AssignTime = Noon };

        var moved = Assert.IsType<HandoffDecision.Moved>(Handoffs.Accept(journey, Ann, One));

        Assert.Equal((Ben, (DateTimeOffset?)Noon), (moved.After.Owner, moved.After.AssignTime));
    }

    [Fact]
    public void Accepted_by_nobodys_rep_it_stays_without_owner()
    {
        var moved = Assert.IsType<HandoffDecision.Moved>(Handoffs.Accept(At(Stage.Mql), caller: null, One));

        Assert.Equal((Stage.Sal, null, null), (moved.After.Stage, moved.After.Owner, moved.After.AssignTime));
    }

    [Fact]
    public void A_pulled_lead_came_to_sales_when_it_was_pulled()
    {
        var journey = At(Stage.Lead);

        Assert.Equal(
            new HandoffDecision.Moved(
                journey with { Position = new(Stage.Sal, One, 6), Owner = Ann, QueueTime = One, AssignTime = One, AcceptTime = One, Version = 4 },
                new StageMove(Stage.Lead, Stage.Sal, One, 6, "a referral")),
            Handoffs.Pull(journey, Ann, "a referral", One));
    }

    [Fact]
    public void A_row_is_never_dated_before_its_predecessor()
    {
        var moved = Assert.IsType<HandoffDecision.Moved>(Handoffs.End(At(Stage.Mql), Stage.Rejected, "why", Noon.AddMinutes(-1)));

        Assert.Equal(Noon, moved.Move.OccurTime);
    }

    [Fact]
    public void Qualifying_keeps_what_was_found()
    {
        var journey = At(Stage.Sal);

        Assert.Equal(
            new HandoffDecision.Moved(
                journey with { Position = new(Stage.Sql, One, 6), Qualification = AllMet, QualifyTime = One, Version = 4 },
                new StageMove(Stage.Sal, Stage.Sql, One, 6, "")),
            Handoffs.Qualify(journey, AllMet, One));
    }

    [Theory]
    [InlineData(false, true, true, true, "need")]
    [InlineData(true, false, true, true, "budget")]
    [InlineData(true, true, false, true, "authority")]
    [InlineData(true, true, true, false, "timeline")]
    [InlineData(false, false, false, false, "need,budget,authority,timeline")]
    public void Qualifying_names_what_is_missing(bool need, bool budget, bool authority, bool timeline, string missing)
    {
        var found = new Qualification(new(need, ""), new(budget, ""), new(authority, ""), new(timeline, ""));

        var incomplete = Assert.IsType<HandoffDecision.Incomplete>(Handoffs.Qualify(At(Stage.Sal), found, One));

        Assert.Equal(missing, string.Join(',', incomplete.Missing));
    }

    [Fact]
    public void Where_qualifying_is_no_move_criteria_are_not_asked() =>
        Assert.IsType<HandoffDecision.Refused>(
            Handoffs.Qualify(At(Stage.Mql), AllMet with { Need = default }, One));

    [Fact]
    public void An_exit_is_remembered_with_where_it_was_taken_until_it_is_taken_back()
    {
        var journey = At(Stage.Sal) with { Owner = Ben, AssignTime = Noon };

        var ended = Assert.IsType<HandoffDecision.Moved>(Handoffs.End(journey, Stage.Recycled, "later", One)).After;
        var reopened = Assert.IsType<HandoffDecision.Moved>(Handoffs.Reopen(ended, Ann, isLatest: true, "they called", One));

        Assert.Equal(journey with { Position = new(Stage.Recycled, One, 6), ExitFrom = Stage.Sal, Version = 4 }, ended);
        Assert.Equal(
            new HandoffDecision.Moved(
                journey with { Position = new(Stage.Sal, One, 7), Version = 5 }, new StageMove(Stage.Recycled, Stage.Sal, One, 7, "they called")),
            reopened);
    }

    [Fact]
    public void Reopening_gives_what_nobody_has_to_the_caller()
    {
        var moved = Assert.IsType<HandoffDecision.Moved>(Handoffs.Reopen(At(Stage.Rejected), Ann, isLatest: true, "why", One));

        Assert.Equal((Ann, (DateTimeOffset?)One, null), (moved.After.Owner, moved.After.AssignTime, moved.After.AcceptTime));
    }

    [Fact]
    public void What_has_a_later_journey_is_not_reopened() =>
        Assert.IsType<HandoffDecision.NotLatest>(Handoffs.Reopen(At(Stage.Recycled), Ann, isLatest: false, "why", One));

    [Fact]
    public void An_exit_of_another_service_is_not_reopened_here() =>
        Assert.Equal(
            new HandoffDecision.NotEnded(Stage.Disqualified),
            Handoffs.Reopen(At(Stage.Disqualified) with { ExitFrom = null }, Ann, isLatest: true, "why", One));

    [Fact]
    public void From_an_exit_the_way_back_is_where_it_was_taken()
    {
        var ours = Assert.IsType<HandoffDecision.Refused>(Handoffs.Accept(At(Stage.Disqualified), Ann, One));
        var others = Assert.IsType<HandoffDecision.Refused>(Handoffs.Accept(At(Stage.Disqualified) with { ExitFrom = null }, Ann, One));

        Assert.Equal([new(Stage.Disqualified, Stage.Sql, Owner.Handoff)], ours.Possible);
        Assert.Equal([new(Stage.Disqualified, Stage.Lead, Owner.Intake)], others.Possible);
    }

    [Fact]
    public void Assigning_changes_the_owner_alone()
    {
        var journey = At(Stage.Sal) with { Owner = Ben, AssignTime = Noon };

        Assert.Equal(
            new HandoffDecision.Assigned(journey with { Owner = Ann, AssignTime = One, Version = 4 }),
            Handoffs.Assign(journey, Rep(Ann), One));
    }

    [Fact]
    public void Assigning_to_the_owner_changes_nothing_even_if_they_are_inactive() =>
        Assert.IsType<HandoffDecision.AlreadyDone>(Handoffs.Assign(At(Stage.Sal) with { Owner = Ann }, Rep(Ann, active: false), One));

    [Fact]
    public void Assigning_to_an_inactive_rep_is_refused() =>
        Assert.Equal(new HandoffDecision.RepInactive(Ann.RepId), Handoffs.Assign(At(Stage.Sal), Rep(Ann, active: false), One));

    static string Symbol(HandoffDecision decision) => decision switch
    {
        HandoffDecision.Moved(var after, var move) when after.Stage == move.To => move.To.Name(),
        HandoffDecision.Assigned => "=",
        HandoffDecision.Refused => ".",
        HandoffDecision.NotHeardOf => "?",
        HandoffDecision.NotOpen => "!",
        HandoffDecision.NotEnded => "/",
        _ => decision.ToString(),
    };
}
