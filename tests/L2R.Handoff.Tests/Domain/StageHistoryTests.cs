using L2R.Handoff.Domain;
using L2R.Ledger.Domain;

namespace L2R.Handoff.Tests.Domain;

public sealed class StageHistoryTests
{
    static JourneyPosition Row(Stage stage, int minute, long sequence) => new(stage, Examples.Noon.AddMinutes(minute), sequence);

    [Fact]
    public void It_stands_where_its_last_row_leads_and_remembers_the_first_of_each_decision()
    {
        JourneyPosition[] rows =
        [
            Row(Stage.Recycled, 9, 4), Row(Stage.Sal, 5, 2), Row(Stage.Mql, 1, 7), Row(Stage.Sal, 3, 1), Row(Stage.Sql, 6, 3),
        ];

        var history = StageHistory.Fold(rows);

        Assert.Equal(
            new StageHistory(Row(Stage.Recycled, 9, 7), Examples.Noon.AddMinutes(1), Examples.Noon.AddMinutes(3), Examples.Noon.AddMinutes(6)), history);
    }

    [Fact]
    public void Rows_of_one_instant_are_in_the_ledgers_order() => Assert.Equal(
        [Stage.Rejected, Stage.Sal],
        new[] { new[] { Row(Stage.Rejected, 1, 2), Row(Stage.Sal, 1, 1) }, [Row(Stage.Mql, 1, 1), Row(Stage.Sal, 1, 1)] }
            .Select(rows => StageHistory.Fold(rows)!.Position.Stage));

    [Fact]
    public void No_rows_are_no_history() => Assert.Null(StageHistory.Fold([]));
}
