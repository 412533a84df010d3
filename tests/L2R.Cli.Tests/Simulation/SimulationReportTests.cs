using L2R.Cli.Simulation;
using L2R.Metrics.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Tests.Simulation;

public sealed class SimulationReportTests
{
    static readonly SimulationOptions Options = new(1_000, Months: 12, Seed: 1, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
    static readonly HistoryReport Sent = new(
        new(Sent: 2_400, Stored: 2_300, Unchanged: 90, Corrected: 10), new(Sent: 1_200, Stored: 1_195, Unchanged: 3, Corrected: 2), new(Sent: 12, Stored: 12, Unchanged: 0, Corrected: 0), Seconds: 1.2, IsInLedger: true);

    [Fact]
    public void Truth_and_what_was_measured_stand_beside_each_other_and_a_difference_is_named()
    {
        var compared = new Comparison(
            858,
            [new ComparedFigure(null, "reach of MQL", 1_234, 1_233)],
            [
                new(null, Stage.Lead, Stage.Mql, 30, 361, 1_000, new(0.35, 0.361, 0.33, 0.39), new(0.3512, 0.36, 0.34, 0.38)),
                new("event", Stage.Lead, Stage.Mql, 30, 40, 80, new(0.40, 0.5, 0.41, 0.61), new(0.4, null, null, null)),
                new("partner", Stage.Lead, Stage.Mql, 30, 4, 40, new(0.52, 0.1, 0.04, 0.23), new(0.52, 0.1, 0.04, 0.23)),
                new(null, Stage.Lead, Stage.ClosedWon, 180, 0, 0, new(null, null, null, null), new(null, null, null, null)),
            ])
        {
            Touches = new TouchComparison(
            [
                new(null, SimulatedCredits.TouchCost, 900, 900),
                new(null, SimulatedCredits.SpendCost, 300, 299),
                new(null, SimulatedCredits.Cost, 1_200, 1_199),
                new(null, SimulatedCredits.NewCustomers, 3, 3),
                new(null, SimulatedCredits.AllWins, 4, 4),
                new(null, SimulatedCredits.Untouched, 1, 1),
                new("event", SimulatedCredits.Cost, 1_200, 1_200),
                new("event", SimulatedCredits.NewCustomers, 3, 3),
                new("event", SimulatedCredits.CostPerCustomer, 400, 400),
                new("event", SimulatedCredits.Wins(AttributionModel.FirstTouch), 2, 1),
                new("event", SimulatedCredits.Wins(AttributionModel.Linear), 1.125m, 1.124999999m),
                new("event", SimulatedCredits.RemovalEffect, 0.5m, 0.5m),
            ],
            []),
        };

        Assert.Equal(
            """
            2,300 rows stored, 90 unchanged, 10 corrected
            1,195 touches stored, 3 unchanged, 2 corrected
            12 spends stored, 0 unchanged, 0 corrected
            1.2 s, 3,010/s

            LEAD → MQL, 30 d   truth    rate  95% interval   of n              truth   curve  95% interval
            all               35.00%  36.10%  33.00–39.00%  1,000     covers  35.12%  36.00%  34.00–38.00%   covers
            event             40.00%  50.00%  41.00–61.00%     80  by chance  40.00%       –
            partner           52.00%  10.00%   4.00–23.00%     40     MISSES  52.00%  10.00%   4.00–23.00%  too few

            LEAD → WON, 180 d  truth  rate  95% interval  of n    truth  curve  95% interval
            all                    –     –                   0        –      –

            cost, EUR  of touches  measured  of spends  measured
            all            900.00    900.00     300.00    299.00

            cost, EUR  together  measured  customers  measured     CAC  measured
            all        1,200.00  1,199.00          3         3       –         –
            event      1,200.00  1,200.00          3         3  400.00    400.00

            wins credited  first  measured  last  measured  linear  measured  u  measured
            event           2.00      1.00     –         –    1.13      1.13  –         –

            wins credited  w  measured  decay  measured  markov  measured  removed  measured
            event          –         –      –         –       –         –    50.0%     50.0%

            4 wins, 1 of them without a touch in the 90 days before; removed: the share of wins that would be
            lost without the channel.

            Rates: 0 of 2 intervals cover the truth (95% expected; between 0 and 2 are consistent with that); of
            the other 1 (all channels, segments, reps, months, the whole way), which hang together, 1 do.
            No curve of a channel has 30 conversions and 30 others: too few for its interval.
            Of 4 intervals, made so wide that in 95 of 100 simulations every one of them covers the truth, 1
            does NOT: another seed tells whether by chance.
            Reach, entries, stock, cohorts and money, all but stock by month too: 1 of 858 figures are not those
            that were drawn:
              all: reach of MQL: drawn 1,234, measured 1,233
            Attribution by 7 models, cost and CAC, by channel and campaign: 3 of 12 figures are not those that
            were drawn:
              all: spend cost EUR: drawn 300, measured 299
              all: cost EUR: drawn 1,200, measured 1,199
              event: wins by FirstTouch: drawn 2, measured 1
            """,
            string.Join('\n', Report(Sent, compared).ToLines()));
    }

    [Fact]
    public void Nothing_new_and_equal_counts_are_said_so()
    {
        var lines = Report(
            Sent with { Rows = new(2_400, 0, 2_400, 0), Touches = new(1_200, 0, 1_200, 0), Spends = new(12, 0, 12, 0) },
            new Comparison(858, [], []) { TouchesNotComparedReason = "the tenant has 3 other journeys; without --tenant a simulation is alone in one" }).ToLines().ToList();

        Assert.Equal(["nothing new: 2,400 rows unchanged", "nothing new: 1,200 touches unchanged", "nothing new: 12 spends unchanged", "1.2 s, 3,010/s"], lines[..4]);
        Assert.Equal("that were drawn.", lines[^3]);
        Assert.Equal("Reach, entries, stock, cohorts and money, all but stock by month too: all 858 figures equal those", lines[^4]);
        Assert.Equal("Attribution and cost are not compared: the tenant has 3 other journeys; without --tenant a", lines[^2]);
        Assert.Equal("simulation is alone in one.", lines[^1]);
    }

    [Theory]
    [InlineData(null, "stopped before the end: run the same command again, it goes on where this one stopped")]
    [InlineData(false, "the ledger lacks some of them, and nothing has arrived for 3 minutes: see ./l2r status; run the same command again when all are healthy")]
    public void Without_everything_in_the_ledger_nothing_is_compared(bool? isInLedger, string said) =>
        Assert.Equal(said, string.Join(' ', Report(Sent with { IsInLedger = isInLedger }, comparison: null).ToLines().Skip(4)));

    static SimulationReport Report(HistoryReport history, Comparison? comparison) => new(Options, Options.Source, Journeys: 1_040, Rows: 2_310, Touches: 1_198, history, comparison);
}
