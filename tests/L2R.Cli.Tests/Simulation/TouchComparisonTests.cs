using L2R.Cli.Simulation;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Tests.Simulation;

public sealed class TouchComparisonTests
{
    [Fact]
    public void Billionths_are_no_difference()
    {
        var compared = new TouchComparison(TouchComparison.Compare(Drawn(), Credits(), Costs()), []);

        Assert.Empty(compared.Differences);
        Assert.Equal(15, compared.Figures.Count);
    }

    [Fact]
    public void A_thousandth_of_a_win_and_a_cent_are_and_are_named()
    {
        var (credits, costs) = (Credits(), Costs());
        credits.Models[0].Credits[0].WinNanos -= 1_000_000;
        costs.Rows[0].TouchCost.Nanos += 10_000_000;
        costs.Rows[0].SpendCost.Nanos += 10_000_000;
        costs.Rows[0].Cost.Nanos += 20_000_000;

        Assert.Equal(
            [
                new ComparedFigure("event", SimulatedCredits.Cost, 30.5m, 30.52m),
                new ComparedFigure("event", SimulatedCredits.SpendCost, 10, 10.01m),
                new ComparedFigure("event", SimulatedCredits.TouchCost, 20.5m, 20.51m),
                new ComparedFigure("event", SimulatedCredits.Wins(AttributionModel.Linear), (decimal)(2 / 3.0), 0.665666667m),
            ],
            new TouchComparison(TouchComparison.Compare(Drawn(), credits, costs), []).Differences);
    }

    [Fact]
    public void A_channel_that_only_one_of_them_knows_is_a_difference()
    {
        var (credits, costs) = (Credits(), Costs());
        (credits.Models[0].Credits[0].Value, credits.Models[0].Credits[0].Unknown) = ("", true);
        costs.Rows.Clear();

        var differences = new TouchComparison(TouchComparison.Compare(Drawn(), credits, costs), []).Differences.Select(figure => $"{figure.Channel}: {figure.Figure}").ToList();

        Assert.Contains("(unknown): wins by Linear", differences);
        Assert.Contains("event: wins by Linear", differences);
        Assert.Contains("event: CAC EUR", differences);
    }

    [Fact]
    public void Campaigns_count_too()
    {
        var compared = new TouchComparison([new(null, "wins", 1, 1)], [new("spring", "wins", 2, 1)]);

        Assert.Equal(2, compared.FigureCount);
        Assert.Equal([new ComparedFigure("spring", "wins", 2, 1)], compared.Differences);
    }

    static Dictionary<(string, string), double> Drawn() => new()
    {
        [("", SimulatedCredits.AllWins)] = 1,
        [("", SimulatedCredits.AllAmounts)] = 100,
        [("event", SimulatedCredits.Wins(AttributionModel.Linear))] = 2 / 3.0,
        [("event", SimulatedCredits.Amounts(AttributionModel.Linear))] = 200 / 3.0,
        [("partner", SimulatedCredits.Wins(AttributionModel.Linear))] = 1 / 3.0,
        [("partner", SimulatedCredits.Amounts(AttributionModel.Linear))] = 100 / 3.0,
        [("event", SimulatedCredits.RemovalEffect)] = 1,
        [("event", SimulatedCredits.Cost)] = 30.5,
        [("event", SimulatedCredits.TouchCost)] = 20.5,
        [("event", SimulatedCredits.SpendCost)] = 10,
        [("event", SimulatedCredits.NewCustomers)] = 1,
        [("event", SimulatedCredits.CostPerCustomer)] = 30.5,
    };

    static Attribution Credits() => new()
    {
        WinCount = 1,
        WonAmounts = { Euros(100) },
        Models =
        {
            new ModelCredits
            {
                Model = AttributionModel.Linear,
                Credits =
                {
                    new Credit { Value = "event", WinNanos = 666_666_667, Amounts = { Euros(66.666666667m) } },
                    new Credit { Value = "partner", WinNanos = 333_333_333, Amounts = { Euros(33.333333333m) } },
                },
            },
        },
        RemovalEffects = { new RemovalEffect { Value = "event", Share = 1 } },
    };

    static Economics Costs() => new()
    {
        Rows =
        {
            new EconomicsRow { Value = "event", Cost = Euros(30.5m), TouchCost = Euros(20.5m), SpendCost = Euros(10), NewCustomerCount = 1, CostPerNewCustomer = Euros(30.5m) },
        },
    };

    static Money Euros(decimal amount) => amount.ToMoney("EUR");
}
