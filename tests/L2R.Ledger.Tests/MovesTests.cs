using L2R.Ledger.Domain;
using Xunit;

namespace L2R.Ledger.Tests;

public sealed class MovesTests
{
    // Row: where the journey stands. Column: where it is to go, in the order of Stages.All.
    // The letter is the owner: Intake, Scoring, Handoff, Opportunity.
    const string Live = """
        from          LEAD MQL SAL SQL OPP WON DIS REJ REC LOST
        none           I    .   .   .   .   .   .   .   .   .
        LEAD           .    S   H   .   .   .   I   .   .   .
        MQL            .    .   H   .   .   .   H   H   H   .
        SAL            .    .   .   H   .   .   H   .   H   .
        SQL            .    .   .   .   O   .   H   .   H   .
        OPPORTUNITY    .    .   .   .   O   O   .   .   .   O
        CLOSED_WON     .    .   .   .   O   O   .   .   .   O
        DISQUALIFIED   I    H   H   H   .   .   .   .   .   .
        REJECTED       .    H   .   .   .   .   .   .   .   .
        RECYCLED       .    H   H   H   .   .   .   .   .   .
        CLOSED_LOST    .    .   .   .   O   .   .   .   .   .
        """;

    const string Import = """
        from          LEAD MQL SAL SQL OPP WON DIS REJ REC LOST
        none           I    S   H   H   O   O   .   .   .   .
        LEAD           .    S   H   H   O   O   I   .   .   .
        MQL            .    .   H   H   O   O   H   H   H   .
        SAL            .    S   .   H   O   O   H   .   H   .
        SQL            .    S   H   .   O   O   H   .   H   .
        OPPORTUNITY    .    S   H   H   O   O   .   .   .   O
        CLOSED_WON     .    .   .   .   O   O   .   .   .   O
        DISQUALIFIED   I    H   H   H   .   .   .   .   .   .
        REJECTED       .    H   H   H   .   .   .   .   .   .
        RECYCLED       .    H   H   H   .   .   .   .   .   .
        CLOSED_LOST    .    .   .   .   O   O   .   .   .   O
        """;

    [Theory]
    [InlineData(Origin.Live, Live)]
    [InlineData(Origin.Import, Import)]
    public void Every_move_is_one_owners_or_nobodys(Origin origin, string table)
    {
        var actual =
            from @from in Stages.All.Select(stage => (Stage?)stage).Prepend(null)
            let row = Stages.All.Select(to => Moves.OwnerOf(@from, to, origin)?.ToString()[..1] ?? ".")
            select string.Join(' ', row.Prepend(@from?.Name() ?? "none"));

        Assert.Equal(Rows(table), actual);
    }

    [Theory]
    [InlineData(Origin.Live, Live)]
    [InlineData(Origin.Import, Import)]
    public void Only_the_owner_may_move_and_others_learn_whose_move_it_is_and_what_is_possible(Origin origin, string table)
    {
        var decided = 0;
        foreach (var (from, owners) in Parse(table))
        {
            Move[] possible =
                [.. Stages.All.Where(to => owners[(int)to] is not null).Select(to => new Move(from, to, owners[(int)to]!.Value))];
            foreach (var to in Stages.All)
            {
                foreach (var by in Enum.GetValues<Owner>())
                {
                    decided++;
                    var decision = Moves.Decide(from, to, by, origin);
                    if (owners[(int)to] == by)
                    {
                        Assert.IsType<MoveDecision.Allowed>(decision);
                        continue;
                    }

                    var refused = Assert.IsType<MoveDecision.Refused>(decision);
                    Assert.Equal(owners[(int)to], refused.Belongs);
                    Assert.Equal(possible.ToHashSet(), refused.Possible.ToHashSet());
                    Assert.Equal(possible.Length, refused.Possible.Count);
                }
            }
        }
        Assert.Equal(11 * 10 * 4, decided);
    }

    [Theory]
    [InlineData(Stage.Lead, Stage.Disqualified, Owner.Intake)]
    [InlineData(Stage.Mql, Stage.Rejected, Owner.Handoff)]
    [InlineData(Stage.Mql, Stage.Disqualified, Owner.Handoff)]
    [InlineData(Stage.Sal, Stage.Recycled, Owner.Handoff)]
    [InlineData(Stage.Sql, Stage.Recycled, Owner.Handoff)]
    [InlineData(Stage.Opportunity, Stage.ClosedLost, Owner.Opportunity)]
    public void The_one_way_back_from_an_exit_is_to_where_it_was_taken_by_who_took_it(Stage before, Stage exit, Owner owner) =>
        Assert.All(
            Enum.GetValues<Owner>(),
            asked => Assert.Equal([new Move(exit, before, owner)], Moves.WaysOn(exit, Moves.ExitFrom(before, exit), asked)));

    [Fact]
    public void Who_took_an_exit_knows_it_so_an_unknown_one_is_anothers()
    {
        Move[] sales = [new(Stage.Disqualified, Stage.Mql, Owner.Handoff), new(Stage.Disqualified, Stage.Sal, Owner.Handoff), new(Stage.Disqualified, Stage.Sql, Owner.Handoff)];

        Assert.Equal(sales, Moves.WaysOn(Stage.Disqualified, exitFrom: null, Owner.Intake));
        Assert.Equal([new(Stage.Disqualified, Stage.Lead, Owner.Intake)], Moves.WaysOn(Stage.Disqualified, exitFrom: null, Owner.Handoff));
    }

    [Fact]
    public void From_a_stage_every_move_is_a_way_on() =>
        Assert.All(Stages.Waterfall, stage => Assert.Equal(Moves.From(stage, Origin.Live), Moves.WaysOn(stage, exitFrom: null, Owner.Intake)));

    [Fact]
    public void An_exit_is_taken_back_only_to_where_it_can_be_taken() =>
        Assert.Equal(
            Moves.All(Origin.Live).Where(move => move.To.IsExit() && move.From != Stage.ClosedWon).Select(move => (move.From!.Value, move.To)).Order(),
            from before in Stages.All
            from stage in Stages.All
            where Moves.ExitFrom(before, stage) == before && before != Stage.ClosedWon
            orderby before, stage
            select (before, stage));

    [Fact]
    public void An_import_may_do_whatever_may_be_done_live() =>
        Assert.Subset(Moves.All(Origin.Import).ToHashSet(), Moves.All(Origin.Live).ToHashSet());

    static string[] Rows(string table) =>
        [.. table.Split('\n').Skip(1).Select(line => string.Join(' ', Words(line)))];

    static IEnumerable<(Stage? From, Owner?[] Owners)> Parse(string table) =>
        from line in table.Split('\n').Skip(1)
        let words = Words(line)
        let @from = Stages.TryParse(words[0], out var stage) ? stage : (Stage?)null
        select (@from, words.Skip(1).Select(OwnerOf).ToArray());

    static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    static Owner? OwnerOf(string letter) => letter switch
    {
        "I" => Owner.Intake,
        "S" => Owner.Scoring,
        "H" => Owner.Handoff,
        "O" => Owner.Opportunity,
        _ => null,
    };
}
