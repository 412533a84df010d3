using L2R.Ledger.Domain;
using L2R.Opportunity.Domain;

namespace L2R.Opportunity.Tests.Domain;

public sealed class DealsTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Later = Noon.AddHours(1);
    static readonly Guid JourneyId = new("01900000-0000-7000-8000-000000000001");
    static readonly Guid LeadId = new("01900000-0000-7000-8000-000000000002");
    static readonly Guid DealId = new("01900000-0000-7000-8000-000000000003");

    static JourneyPosition At(Stage stage) => new(JourneyId, LeadId, stage, Noon, 4) { ExitFrom = ExitFrom(stage) };

    static Stage? ExitFrom(Stage stage) => stage switch
    {
        Stage.Rejected => Stage.Mql,
        Stage.Recycled => Stage.Sal,
        Stage.Disqualified => Stage.Lead,
        Stage.ClosedLost => Stage.Opportunity,
        _ => null,
    };

    static IEnumerable<Move> WaysOn(Stage stage) => Moves.From(stage, Origin.Live).Where(move => !stage.IsExit() || move.To == ExitFrom(stage));

    static Deal DealIn(DealState state) => new()
    {
        Id = DealId,
        JourneyId = JourneyId,
        LeadId = LeadId,
        Details = new DealDetails { Stage = "proposal", Amount = 100, Currency = "EUR", Owner = "rep" },
        State = state,
        OpenTime = Noon,
        CloseTime = state == DealState.Open ? null : Noon,
        CloseReason = state == DealState.Open ? "" : "before",
        Imported = false,
        CreateTime = Noon,
        UpdateTime = Noon,
        Version = 3,
    };

    static DealDecision.Moved Moved(Deal deal, Stage from, Stage to, Stage after, string reason = "") => new(
        deal,
        new JourneyPosition(JourneyId, LeadId, after, Later, 5) { ExitFrom = ExitFrom(after) },
        new StageMove(from, to, Later, 5, reason));

    public static TheoryData<Stage> EveryStage => [.. Stages.All];

    public static TheoryData<DealState> EveryState => [.. Enum.GetValues<DealState>()];

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void Opens_where_the_journey_was_qualified_and_beside_other_deals(Stage stage)
    {
        var details = new DealDetails { Stage = "discovery" };
        var opened = DealIn(DealState.Open) with
        {
            Details = details,
            OpenTime = Later,
            CreateTime = Later,
            UpdateTime = Later,
            Version = 1,
        };

        var decision = Deals.Open(At(stage), DealId, details, Later);

        DealDecision expected = stage switch
        {
            Stage.Lead or Stage.Mql or Stage.Sal => new DealDecision.NotReady(stage),
            Stage.Sql or Stage.Opportunity => Moved(opened, stage, Stage.Opportunity, Stage.Opportunity),
            Stage.ClosedWon => Moved(opened, stage, Stage.Opportunity, Stage.ClosedWon),
            _ => new DealDecision.Refused(stage, Stage.Opportunity, [.. WaysOn(stage)]),
        };
        Assert.Equivalent(expected, decision, strict: true);
        Assert.Equal(expected.GetType(), decision.GetType());
    }

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void Wins_from_OPPORTUNITY_and_again_from_CLOSED_WON(Stage stage)
    {
        var decision = Deals.Win(At(stage), DealIn(DealState.Open), "price", Later);

        var won = DealIn(DealState.Open) with { State = DealState.Won, CloseTime = Later, CloseReason = "price" };
        AssertMovesFrom(stage, [Stage.Opportunity, Stage.ClosedWon], Moved(won, stage, Stage.ClosedWon, Stage.ClosedWon, "price"), decision);
    }

    [Theory]
    [InlineData(Stage.Opportunity, false, Stage.ClosedLost)]
    [InlineData(Stage.Opportunity, true, Stage.Opportunity)]
    [InlineData(Stage.ClosedWon, false, Stage.ClosedWon)]
    [InlineData(Stage.ClosedWon, true, Stage.ClosedWon)]
    public void A_loss_ends_the_journey_where_it_is_the_last_and_none_was_won(Stage stage, bool othersOpen, Stage after)
    {
        var decision = Deals.Lose(At(stage), DealIn(DealState.Open), othersOpen, "price", Later);

        var lost = DealIn(DealState.Open) with { State = DealState.Lost, CloseTime = Later, CloseReason = "price" };
        Assert.Equal(Moved(lost, stage, Stage.ClosedLost, after, "price"), decision);
    }

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void Loses_from_OPPORTUNITY_and_beside_a_win(Stage stage)
    {
        var decision = Deals.Lose(At(stage), DealIn(DealState.Open), othersOpen: false, "price", Later);

        var lost = DealIn(DealState.Open) with { State = DealState.Lost, CloseTime = Later, CloseReason = "price" };
        var after = stage == Stage.ClosedWon ? Stage.ClosedWon : Stage.ClosedLost;
        AssertMovesFrom(stage, [Stage.Opportunity, Stage.ClosedWon], Moved(lost, stage, Stage.ClosedLost, after, "price"), decision);
    }

    [Theory]
    [MemberData(nameof(EveryStage))]
    public void Reopens_with_the_journey_and_beside_other_deals(Stage stage)
    {
        var decision = Deals.Reopen(At(stage), DealIn(DealState.Lost), "budget is back", Later);

        var open = DealIn(DealState.Open) with { OpenTime = Later };
        var after = stage == Stage.ClosedWon ? Stage.ClosedWon : Stage.Opportunity;
        AssertMovesFrom(
            stage, [Stage.Sql, Stage.Opportunity, Stage.ClosedWon, Stage.ClosedLost],
            Moved(open, stage, Stage.Opportunity, after, "budget is back"), decision);
    }

    [Theory]
    [MemberData(nameof(EveryState))]
    public void Only_open_deals_change_and_close_and_only_lost_ones_reopen(DealState state)
    {
        var (journey, deal) = (At(Stage.Opportunity), DealIn(state));

        DealDecision[] decisions =
        [
            Deals.Change(deal, deal.Details),
            Deals.Win(journey, deal, "", Later),
            Deals.Lose(journey, deal, othersOpen: false, "price", Later),
        ];

        Assert.All(decisions, decision => Assert.Equal(state == DealState.Open, decision is not DealDecision.NotOpen));
        Assert.All(decisions.OfType<DealDecision.NotOpen>(), decision => Assert.Equal(state, decision.State));
        var reopened = Deals.Reopen(journey, deal, "", Later);
        Assert.Equal(state == DealState.Lost, reopened is DealDecision.Moved);
        Assert.True(state == DealState.Lost || reopened == new DealDecision.NotLost(state));
    }

    [Theory]
    [MemberData(nameof(EveryState))]
    public void History_stays_as_it_is(DealState state)
    {
        var (journey, deal) = (At(Stage.Opportunity), DealIn(state) with { Imported = true });

        Assert.All(
            [
                Deals.Change(deal, deal.Details),
                Deals.Win(journey, deal, "", Later),
                Deals.Lose(journey, deal, othersOpen: false, "price", Later),
                Deals.Reopen(journey, deal, "", Later),
            ],
            decision => Assert.IsType<DealDecision.IsHistory>(decision));
    }

    [Fact]
    public void A_win_needs_an_amount()
    {
        var deal = DealIn(DealState.Open);
        deal = deal with { Details = deal.Details with { Amount = null } };

        Assert.IsType<DealDecision.AmountMissing>(Deals.Win(At(Stage.Opportunity), deal, "", Later));
    }

    [Fact]
    public void A_win_of_nothing_is_a_win()
    {
        var deal = DealIn(DealState.Open);
        deal = deal with { Details = deal.Details with { Amount = 0 } };

        Assert.IsType<DealDecision.Moved>(Deals.Win(At(Stage.Opportunity), deal, "", Later));
    }

    [Fact]
    public void The_currency_stays_once_it_is_set()
    {
        var deal = DealIn(DealState.Open);
        var unpriced = deal with { Details = deal.Details with { Amount = null, Currency = null } };
        var dollars = deal.Details with { Amount = 7, Currency = "USD" };

        Assert.Equal(new DealDecision.CurrencyFixed("EUR"), Deals.Change(deal, dollars));
        Assert.Equal(new DealDecision.Changed(unpriced with { Details = dollars }), Deals.Change(unpriced, dollars));
    }

    [Fact]
    public void A_row_is_never_dated_before_its_predecessor()
    {
        var slow = Noon.AddMinutes(-1);

        var moved = Assert.IsType<DealDecision.Moved>(Deals.Win(At(Stage.Opportunity), DealIn(DealState.Open), "", slow));

        Assert.Equal((Noon, Noon, Noon), (moved.Move.OccurTime, moved.Journey.OccurTime, moved.Deal.CloseTime));
    }

    [Fact]
    public void The_highest_number_says_where_a_journey_stands_in_any_order_of_arrival()
    {
        JourneyPosition[] rows = [At(Stage.Lead) with { SourceSeq = 1 }, At(Stage.Sql) with { SourceSeq = 4 }, At(Stage.Recycled) with { SourceSeq = 5 }];

        foreach (var order in new int[][] { [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] })
        {
            Assert.Equal(rows[2], order.Select(i => rows[i]).Aggregate((known, heard) => Deals.Hear(known, heard) ?? known));
        }
    }

    [Theory]
    [InlineData(Stage.Opportunity)]
    [InlineData(Stage.ClosedWon)]
    [InlineData(Stage.ClosedLost)]
    public void A_journey_with_deals_is_held_and_numbered_on(Stage held)
    {
        var heard = new JourneyPosition(JourneyId, LeadId, Stage.Recycled, Later, 9);

        Assert.Equal(At(held) with { SourceSeq = 9, OccurTime = Later }, Deals.Hear(At(held), heard));
        Assert.Equal(At(held) with { SourceSeq = 9 }, Deals.Hear(At(held), heard with { OccurTime = Noon.AddHours(-1) }));
        Assert.Null(Deals.Hear(At(held), heard with { SourceSeq = 4 }));
    }

    static void AssertMovesFrom(Stage stage, Stage[] allowed, DealDecision.Moved moved, DealDecision decision)
    {
        if (allowed.Contains(stage))
        {
            Assert.Equal(moved, decision);
            return;
        }
        var refused = Assert.IsType<DealDecision.Refused>(decision);
        Assert.Equal((stage, moved.Move.To), (refused.From, refused.To));
        Assert.Equal(WaysOn(stage), refused.Possible);
    }
}
