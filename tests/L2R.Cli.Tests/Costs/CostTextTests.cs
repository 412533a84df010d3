using Google.Protobuf.WellKnownTypes;
using L2R.Cli.Costs;
using L2R.Cli.Waterfalls;
using L2R.Ledger.V1;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Costs;

/// <summary>Cost, nurture and attribution as tables of at most 100 columns.</summary>
public sealed class CostTextTests
{
    static readonly Timestamp AsOf = Timestamp.FromDateTime(new DateTime(2026, 3, 31, 0, 0, 0, DateTimeKind.Utc));

    static readonly Dictionary<string, AttributionModel> Models = new() { ["first"] = AttributionModel.FirstTouch, ["linear"] = AttributionModel.Linear };

    static Money Euro(long units, int nanos = 0) => new() { CurrencyCode = "EUR", Units = units, Nanos = nanos };

    static string Text(IEnumerable<string> lines)
    {
        var text = string.Join('\n', lines);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        return text;
    }

    static ReachCost Reach(Stage stage, long count, Money? cost) =>
        new() { Stage = stage, ReachCount = count, CostPerReach = cost, NoValueReason = cost is null ? $"no journey reached {stage.ToString().ToUpperInvariant()}" : "" };

    [Fact]
    public void Economics_shows_what_each_row_cost_and_why_a_figure_is_missing() => Assert.Equal(
        """
        in EUR              cost  touches  spends    new  existing  unknown     CAC   won  won/cost
        2026-02 partner-…  1.23M     235k   1.00M  9,999     1,234        0  123.46  123M     99.99
        2026-02 (unknown)      –     0.00    0.00      0         0        0       –  0.00         –

        cost (reach)               LEAD          MQL             SAL          SQL  OPPORTUNITY  CLOSED_WON
        2026-02 partner-…  10.00 (123k)  12.35 (99k)  123.45 (9,999)  1,234 (999)  12,345 (99)    123k (9)
        2026-02 (unknown)         – (0)        – (0)           – (0)        – (0)        – (0)       – (0)

        – where no cost is known
        Cost in other currencies, in no figure: USD 6.00
        Won in other currencies, in no figure: GBP 7.00
        3 wins without an amount
        Cost against what happened in the same time: it may bring journeys of a later time too.
        As of 2026-03-31 00:00:00Z, as known at 2026-03-31 00:00:00Z
        1,234,567 journeys in the ledger; days and periods of Europe/Amsterdam
        """,
        Text(EconomicsText.ToLines(new Economics
        {
            AsOf = AsOf,
            KnownAt = AsOf,
            TimeZone = "Europe/Amsterdam",
            JourneyCount = 1_234_567,
            Rows =
            {
                new EconomicsRow
                {
                    Period = new() { Name = "2026-02" },
                    Value = "partner-of-a-partner-of-ours",
                    Cost = Euro(1_234_567),
                    TouchCost = Euro(234_567),
                    SpendCost = Euro(1_000_000),
                    Stages =
                    {
                        Reach(Stage.Lead, 123_456, Euro(10)), Reach(Stage.Mql, 99_999, Euro(12, 345_000_000)), Reach(Stage.Sal, 9_999, Euro(123, 450_000_000)),
                        Reach(Stage.Sql, 999, Euro(1_234)), Reach(Stage.Opportunity, 99, Euro(12_345)), Reach(Stage.ClosedWon, 9, Euro(123_456)),
                    },
                    NewCustomerCount = 9_999,
                    ExistingCustomerCount = 1_234,
                    UnknownMotionCount = 0,
                    CostPerNewCustomer = Euro(123, 456_000_000),
                    WonAmount = Euro(123_456_789),
                    WonPerCostRatio = 99.99,
                    LeftOutCosts = { new Money { CurrencyCode = "USD", Units = 5 } },
                    LeftOutWonAmounts = { new Money { CurrencyCode = "GBP", Units = 7 } },
                    WithoutAmountCount = 3,
                },
                new EconomicsRow
                {
                    Period = new() { Name = "2026-02" },
                    Unknown = true,
                    TouchCost = Euro(0),
                    SpendCost = Euro(0),
                    Stages = { new[] { Stage.Lead, Stage.Mql, Stage.Sal, Stage.Sql, Stage.Opportunity, Stage.ClosedWon }.Select(stage => Reach(stage, 0, null)) },
                    NoCostPerNewCustomerReason = "no cost is known",
                    NoWonPerCostReason = "no cost is known",
                    WonAmount = Euro(0),
                    LeftOutCosts = { new Money { CurrencyCode = "USD", Units = 1 } },
                },
            },
        })));

    [Fact]
    public void Nurture_shows_the_pool_who_comes_again_and_the_wins_by_number() => Assert.Equal(
        """
        In the pool: 1,200 leads
        Re-entry within 90d: 25.0% (95% interval 4.6 – 69.9%), 1 of 4 that were recycled
        Of them reopened instead: 2. Not followed for so long yet: 30

        period   recycled  pool at its end
        2026-01        40            1,200

        journey of its lead  won  wins        amount  without amount  other currencies
        1                      9    10  EUR 1,000.00               1          USD 5.00
        5 and later            1     1      EUR 7.00               0

        As of 2026-03-31 00:00:00Z, as known at 2026-03-31 00:00:00Z
        3 journeys in the ledger; periods of UTC
        """,
        Text(NurtureText.ToLines(new Nurture
        {
            AsOf = AsOf,
            KnownAt = AsOf,
            TimeZone = "UTC",
            JourneyCount = 3,
            Horizon = Duration.FromTimeSpan(TimeSpan.FromDays(90)),
            PoolCount = 1_200,
            ReEntry = new() { ConvertedCount = 1, CohortCount = 4, Ratio = 0.25, IntervalLowRatio = 0.046, IntervalHighRatio = 0.699 },
            ReopenedCount = 2,
            ImmatureCount = 30,
            Periods = { new NurturePeriod { Period = new() { Name = "2026-01" }, RecycledCount = 40, PoolEndCount = 1_200 } },
            Wins =
            {
                new JourneyNumberWins { Number = 1, WonJourneyCount = 9, WinCount = 10, WonAmount = Euro(1_000), WithoutAmountCount = 1, LeftOutWonAmounts = { new Money { CurrencyCode = "USD", Units = 5 } } },
                new JourneyNumberWins { Number = 5, WonJourneyCount = 1, WinCount = 1, WonAmount = Euro(7) },
            },
        })));

    [Fact]
    public void Without_a_lead_to_follow_nurture_says_why_there_is_no_rate() => Assert.Contains(
        "Re-entry within 90d: –, no lead was recycled in this time",
        NurtureText.ToLines(new Nurture
        {
            AsOf = AsOf,
            KnownAt = AsOf,
            Horizon = Duration.FromTimeSpan(TimeSpan.FromDays(90)),
            ReEntry = new() { NoValueReason = "no lead was recycled in this time" },
        }));

    [Fact]
    public void An_answer_ends_with_its_quality_before_its_instants() => Assert.Equal(
        [
            "Quality: 1 inferred, 2 unknown, 3 late, 4 out of order, 5 won without an amount, 6 mismatched",
            "As of 2026-03-31 00:00:00Z, as known at 2026-03-31 00:00:00Z",
            "0 journeys in the ledger; periods of UTC",
        ],
        FlowText.ToLines(new Flow
        {
            AsOf = AsOf,
            KnownAt = AsOf,
            TimeZone = "UTC",
            Quality = new() { InferredCount = 1, UnknownCount = 2, LateCount = 3, OutOfOrderCount = 4, WithoutAmountCount = 5, MismatchedCount = 6 },
        }).TakeLast(3));

    static Attribution Attributed(params AttributionModel[] models) => new()
    {
        AsOf = AsOf,
        KnownAt = AsOf,
        WinCount = 3,
        WonAmounts = { Euro(300) },
        WithoutAmountCount = 1,
        UntouchedCount = 1,
        UntouchedAmounts = { Euro(100) },
        NonconvertingCount = 5,
        Models =
        {
            models.Select(model => new ModelCredits
            {
                Model = model,
                Credits =
                {
                    new Credit { Unknown = true, WinNanos = 500_000_000 },
                    new Credit { Value = "partner-of-a-partner-of-ours", WinNanos = 1_500_000_000, Amounts = { Euro(200) } },
                },
            }),
        },
        RemovalEffects = { new RemovalEffect { Unknown = true, Share = 0.5 }, new RemovalEffect { Value = "partner-of-a-partner-of-ours", Share = 1 } },
    };

    [Fact]
    public void Attribution_by_one_model_shows_the_amounts_too() => Assert.Equal(
        """
        3 wins: EUR 300.00; 1 without an amount
        Credited to nobody, since no touch is within the lookback: 1, EUR 100.00

        channel                   wins  share      amount  removed
        (unknown)                 0.50  25.0%           –    50.0%
        partner-of-a-partner-of…  1.50  75.0%  EUR 200.00   100.0%

        removed: the share of wins that would be lost without it, by 7 paths, 5 of them without a win

        As of 2026-03-31 00:00:00Z, as known at 2026-03-31 00:00:00Z
        """,
        Text(AttributionText.ToLines(Attributed(AttributionModel.Linear), "channel", Models)));

    [Fact]
    public void Attribution_by_several_models_shows_them_side_by_side() => Assert.Equal(
        """
        3 wins: EUR 300.00; 1 without an amount
        Credited to nobody, since no touch is within the lookback: 1, EUR 100.00

        wins by campaign          first  linear  removed
        (unknown)                  0.50    0.50    50.0%
        partner-of-a-partner-of…   1.50    1.50   100.0%

        removed: the share of wins that would be lost without it, by 7 paths, 5 of them without a win

        As of 2026-03-31 00:00:00Z, as known at 2026-03-31 00:00:00Z
        """,
        Text(AttributionText.ToLines(Attributed(AttributionModel.FirstTouch, AttributionModel.Linear), "campaign", Models)));

    [Fact]
    public void Wins_that_no_touch_came_before_are_said_to_be_so() => Assert.Contains(
        "No win of this time has a touch within the lookback.",
        AttributionText.ToLines(new Attribution { AsOf = AsOf, KnownAt = AsOf, WinCount = 1, UntouchedCount = 1 }, "channel", Models));
}
