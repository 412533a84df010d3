using L2R.Ledger.Domain;
using Xunit;

namespace L2R.Ledger.Tests;

public sealed class StageTests
{
    [Fact]
    public void Ranks_rise_down_the_waterfall_and_every_exit_has_rank_6() =>
        Assert.Equal(
            [
                "LEAD 0 stage", "MQL 1 stage", "SAL 2 stage", "SQL 3 stage", "OPPORTUNITY 4 stage", "CLOSED_WON 5 stage",
                "DISQUALIFIED 6 exit", "REJECTED 6 exit", "RECYCLED 6 exit", "CLOSED_LOST 6 exit",
            ],
            Stages.All.Select(stage => $"{stage.Name()} {stage.Rank()} {(stage.IsExit(), stage.IsStage()) switch
            {
                (true, false) => "exit",
                (false, true) => "stage",
                _ => "both or neither",
            }}"));

    [Fact]
    public void A_stage_has_its_rank_as_index_in_the_waterfall()
    {
        Assert.Equal([0, 1, 2, 3, 4, 5], Stages.Waterfall.Select(stage => stage.Rank()));
        Assert.Equal([Stage.Disqualified, Stage.Rejected, Stage.Recycled, Stage.ClosedLost], Stages.Exits);
    }

    [Fact]
    public void Every_name_is_read_back()
    {
        foreach (var stage in Stages.All)
        {
            Assert.True(Stages.TryParse(stage.Name(), out var read));
            Assert.Equal(stage, read);
        }
    }

    [Theory]
    [InlineData("ClosedWon")]
    [InlineData("closed_won")]
    [InlineData(" LEAD")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData(null)]
    public void Nothing_but_a_name_is_read(string? name) => Assert.False(Stages.TryParse(name, out _));
}
