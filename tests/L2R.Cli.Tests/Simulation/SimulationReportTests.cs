using L2R.Cli.Simulation;
using L2R.Ledger.Domain;

namespace L2R.Cli.Tests.Simulation;

public sealed class SimulationReportTests
{
    static readonly SimulationOptions Options = new(1_000, Months: 12, Seed: 1, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
    static readonly HistoryReport Sent = new(Sent: 2_400, Stored: 2_300, Unchanged: 90, Corrected: 10, Seconds: 1.2, IsInLedger: true);

    [Fact]
    public void Truth_and_what_was_measured_stand_beside_each_other_and_a_difference_is_named()
    {
        var compared = new Comparison(
            858,
            [new Difference(null, "reach of MQL", 1_234, 1_233)],
            [
                new(null, Stage.Lead, Stage.Mql, 30, 1_000, new(0.35, 0.361, 0.33, 0.39), new(0.3512, 0.36, 0.34, 0.38)),
                new("event", Stage.Lead, Stage.Mql, 30, 80, new(0.40, 0.5, 0.41, 0.61), new(0.4, null, null, null)),
                new(null, Stage.Lead, Stage.ClosedWon, 180, 0, new(null, null, null, null), new(null, null, null, null)),
            ]);

        Assert.Equal(
            """
            2,300 rows stored, 90 unchanged, 10 corrected; 1.2 s, 2,000 rows/s

            LEAD → MQL in 30 d   truth    rate    95% interval   of n           truth   curve    95% interval
            all                 35.00%  36.10%  33.00 – 39.00%  1,000  covers  35.12%  36.00%  34.00 – 38.00%  covers
            event               40.00%  50.00%  41.00 – 61.00%     80  MISSES  40.00%       –

            LEAD → CLOSED_WON in 180 d  truth  rate  95% interval  of n    truth  curve  95% interval
            all                             –     –                   0        –      –

            Rates: 0 of 1 intervals cover the truth (95% expected; between 0 and 1 are consistent with that); of the other 1 (all channels, the whole way), which hang together, 1 do.
            No curve of a channel has 10 conversions and 10 others: too few for its interval.
            1 of 858 counts are not those that were drawn:
              all: reach of MQL: drawn 1,234, measured 1,233
            """,
            string.Join('\n', Report(Sent, compared).ToLines()));
    }

    [Fact]
    public void Nothing_new_and_equal_counts_are_said_so()
    {
        var lines = Report(Sent with { Stored = 0, Corrected = 0, Unchanged = 2_400 }, new Comparison(858, [], [])).ToLines().ToList();

        Assert.Equal("nothing new: 2,400 rows unchanged; 1.2 s, 2,000 rows/s", lines[0]);
        Assert.Equal("Reach, entries, stock, cohorts and money: all 858 counts equal those that were drawn.", lines[^1]);
    }

    [Theory]
    [InlineData(null, "stopped before the end: run the same command again, it goes on where this one stopped")]
    [InlineData(false, "the ledger lacks some of them, and nothing has arrived for 3 minutes: see ./l2r status; run the same command again when all are healthy")]
    public void Without_everything_in_the_ledger_nothing_is_compared(bool? isInLedger, string said) =>
        Assert.Equal(said, Report(Sent with { IsInLedger = isInLedger }, comparison: null).ToLines().Last());

    static SimulationReport Report(HistoryReport history, Comparison? comparison) => new(Options, Options.Source, Journeys: 1_040, Rows: 2_310, history, comparison);
}
