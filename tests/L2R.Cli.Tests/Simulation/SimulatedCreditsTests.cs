using L2R.Cli.Simulation;
using L2R.Ledger.Domain;
using L2R.Metrics.V1;
using static L2R.Cli.Simulation.SimulatedCredits;

namespace L2R.Cli.Tests.Simulation;

public sealed class SimulatedCreditsTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Touches on the days 0 (before MQL), 7, 14 (before OPPORTUNITY) and 21, the win on day 21; sixtieths of it.
    [Theory]
    [InlineData(AttributionModel.FirstTouch, 60, 0, 0, 0)]
    [InlineData(AttributionModel.LastTouch, 0, 0, 0, 60)]
    [InlineData(AttributionModel.Linear, 15, 15, 15, 15)]
    [InlineData(AttributionModel.UShaped, 24, 6, 6, 24)]
    [InlineData(AttributionModel.WShaped, 36, 3, 18, 3)] // the first touch is the one before MQL too
    [InlineData(AttributionModel.TimeDecay, 4, 8, 16, 32)]
    [InlineData(AttributionModel.Markov, 15, 15, 15, 15)] // nothing is won without any of them
    public void A_win_is_shared_as_the_model_says(AttributionModel model, params int[] parts)
    {
        var credits = new SimulatedCredits(Start.AddDays(100));
        credits.Add(
            [Journey(1, (Stage.Lead, 0), (Stage.Mql, 3), (Stage.Opportunity, 14), (Stage.ClosedWon, 21))],
            _ => [Touch("a", 0), Touch("b", 7), Touch("c", 14), Touch("d", 21)]);
        var figures = credits.ToFigures();

        foreach (var (channel, part) in new[] { "a", "b", "c", "d" }.Zip(parts))
        {
            Assert.Equal(part / 60.0, figures.GetValueOrDefault((channel, Wins(model))), 1e-9);
            Assert.Equal(100 * part / 60.0, figures.GetValueOrDefault((channel, Amounts(model))), 1e-9);
        }
    }

    [Theory]
    [InlineData(AttributionModel.UShaped, 30, 30)] // nobody is between
    [InlineData(AttributionModel.WShaped, 40, 20)] // 60 and 30 of 90: there are no others
    public void Where_nobody_is_between_the_anchors_they_share_that_part_too(AttributionModel model, int first, int second)
    {
        var credits = new SimulatedCredits(Start.AddDays(100));
        credits.Add(
            [Journey(1, (Stage.Lead, 0), (Stage.Mql, 3), (Stage.Opportunity, 14), (Stage.ClosedWon, 21))],
            _ => [Touch("a", 0), Touch("b", 7)]);
        var figures = credits.ToFigures();

        Assert.Equal(first / 60.0, figures[("a", Wins(model))], 1e-9);
        Assert.Equal(second / 60.0, figures[("b", Wins(model))], 1e-9);
    }

    [Fact]
    public void Touches_of_earlier_journeys_count_until_they_are_90_days_old_and_each_win_counts_for_itself()
    {
        var credits = new SimulatedCredits(Start.AddDays(300));
        var (first, second) = (
            Journey(1, (Stage.Lead, 0), (Stage.Mql, 3), (Stage.Recycled, 10)),
            Journey(2, (Stage.Lead, 40), (Stage.Opportunity, 50), (Stage.ClosedWon, 90), (Stage.Opportunity, 100), (Stage.ClosedWon, 200)));
        credits.Add([first, second], journey => journey == first ? [Touch("a", 0, cost: 3)] : [Touch("b", 40, cost: 0), Touch("c", 91, cost: 2)]);
        var figures = credits.ToFigures();

        Assert.Equal(
            (1.0, 0.5, 0.5, 2.0, 1.0, 100.0, 1.0),
            (figures[("a", Wins(AttributionModel.FirstTouch))], figures[("a", Wins(AttributionModel.Linear))], figures[("b", Wins(AttributionModel.Linear))],
                figures[("", AllWins)], figures[("", Untouched)], figures[("", UntouchedAmounts)], figures[("", OtherPaths)]));
        Assert.False(figures.ContainsKey(("c", Wins(AttributionModel.Linear)))); // after the one win, and too old for the other
        Assert.Equal((3, 2, 5, false), (figures[("a", Cost)], figures[("c", Cost)], figures[("", Cost)], figures.ContainsKey(("b", Cost))));
        Assert.Equal((1, 1, 5), (figures[("paid-search", NewCustomers)], figures[("", NewCustomers)], figures[("", CostPerCustomer)]));
        Assert.False(figures.ContainsKey(("paid-search", CostPerCustomer))); // nobody knows what it cost
    }

    // The day that begins at the last instant, the 16th of 28, has begun.
    [Theory]
    [InlineData(false, "event")]
    [InlineData(true, Unknown)]
    public void A_spend_costs_what_its_days_do_that_have_begun_and_is_of_no_campaign(bool byCampaign, string value)
    {
        var credits = new SimulatedCredits(Start.AddDays(46), byCampaign);
        credits.Add(
            [Journey(1, (Stage.Lead, 0), (Stage.Mql, 3), (Stage.Opportunity, 14), (Stage.ClosedWon, 21))],
            _ => [new Touch("event", "spring", Start, Cost: 4)]);
        foreach (var (first, last) in new[] { (new DateOnly(2026, 1, 1), new DateOnly(2026, 1, 31)), (new DateOnly(2026, 2, 1), new DateOnly(2026, 2, 28)) })
        {
            credits.Add(new SimulatedSpend("event", first, last, Cost: 14));
        }
        var figures = credits.ToFigures();

        Assert.Equal(22, figures[(value, SpendCost)], 1e-9);
        Assert.Equal((22, 4, 26), (figures[("", SpendCost)], figures[("", TouchCost)], figures[("", Cost)]));
        Assert.Equal(26, figures[("", CostPerCustomer)], 1e-9);
    }

    [Fact]
    public void What_a_channel_matters_is_what_would_be_lost_without_it()
    {
        var chain = new TouchChain();
        chain.Add(["a"], isWon: true);
        chain.Add(["a"], isWon: true);
        chain.Add(["a", "b"], isWon: true);
        chain.Add(["b"], isWon: false);
        chain.Add([], isWon: false);

        // From b one of two wins, so P(win) = 3/4 · (2/3 + 1/3 · 1/2) + 1/4 · 1/2 = 3/4, without a 1/4 · 1/2, without b 3/4 · 2/3.
        var effects = chain.RemovalEffects();
        Assert.Equal(1 - (0.125 / 0.75), effects["a"], 1e-9);
        Assert.Equal(1 - (0.5 / 0.75), effects["b"], 1e-9);
    }

    static Touch Touch(string channel, int day, decimal cost = 0) => new(channel, "spring", Start.AddDays(day), cost);

    static SimulatedJourney Journey(int number, params (Stage To, int Day)[] rows) => new(
        Lead: 0,
        number,
        SimulatedWorld.Channels[0],
        SimulatedWorld.Segments[0],
        "spring",
        [.. rows.Select(row => new SimulatedRow(row.To, Start.AddDays(row.Day), "rep-01", "", row.To == Stage.ClosedWon ? 100 : null))],
        Late: null,
        Wrong: null);
}
