using Google.Protobuf.WellKnownTypes;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Simulation;

/// <summary>Attribution and economics beside what was drawn: sums and shares of known touches, so they must be equal.</summary>
/// <param name="figures">By channel, those of all channels first.</param>
/// <param name="campaigns">The same by campaign.</param>
sealed class TouchComparison(IReadOnlyList<ComparedFigure> figures, IReadOnlyList<ComparedFigure> campaigns)
{
    // Metrics shares each win and each amount in billionths: their rounding, and that of floating point, is no difference.
    const decimal Rounding = 0.0005m;

    /// <summary>By channel.</summary>
    public IReadOnlyList<ComparedFigure> Figures => figures;

    /// <summary>By channel and by campaign.</summary>
    public int FigureCount => figures.Count + campaigns.Count;

    public IReadOnlyList<ComparedFigure> Differences { get; } =
        [.. figures.Concat(campaigns).Where(figure => Math.Abs(figure.Drawn - figure.Measured) > Math.Max(Rounding, Math.Abs(figure.Drawn) / 1_000_000_000))];

    public static GetAttributionRequest Credits(SimulationOptions options, AttributionKey by) => new()
    {
        CreditTo = by,
        AsOf = options.Until.ToTimestamp(),
        Models = { SimulatedCredits.Models },
        Lookback = SimulatedCredits.Lookback.ToDuration(),
        HalfLife = SimulatedCredits.HalfLife.ToDuration(),
    };

    public static GetEconomicsRequest Costs(SimulationOptions options, EconomicsKey by) => new() { AsOf = options.Until.ToTimestamp(), GroupBy = by };

    /// <param name="drawn">Of <see cref="SimulatedCredits"/>.</param>
    /// <param name="costs">By channel or campaign, and of all of them together.</param>
    public static IReadOnlyList<ComparedFigure> Compare(IReadOnlyDictionary<(string Value, string Figure), double> drawn, Attribution credits, params IEnumerable<Economics> costs)
    {
        var measured = new Dictionary<(string Value, string Figure), double>
        {
            [("", SimulatedCredits.AllWins)] = credits.WinCount,
            [("", SimulatedCredits.AllAmounts)] = Euros(credits.WonAmounts),
            [("", SimulatedCredits.Untouched)] = credits.UntouchedCount,
            [("", SimulatedCredits.UntouchedAmounts)] = Euros(credits.UntouchedAmounts),
            [("", SimulatedCredits.OtherPaths)] = credits.NonconvertingCount,
        };
        foreach (var model in credits.Models)
        {
            foreach (var credit in model.Credits)
            {
                measured[(Name(credit.Value, credit.Unknown), SimulatedCredits.Wins(model.Model))] = credit.WinNanos / 1e9;
                measured[(Name(credit.Value, credit.Unknown), SimulatedCredits.Amounts(model.Model))] = Euros(credit.Amounts);
            }
        }
        foreach (var effect in credits.RemovalEffects)
        {
            measured[(Name(effect.Value, effect.Unknown), SimulatedCredits.RemovalEffect)] = effect.Share;
        }
        foreach (var row in costs.SelectMany(answer => answer.Rows))
        {
            var value = Name(row.Value, row.Unknown);
            measured[(value, SimulatedCredits.NewCustomers)] = row.NewCustomerCount;
            if (row.Cost is not null)
            {
                measured[(value, SimulatedCredits.Cost)] = Euros([row.Cost]);
                measured[(value, SimulatedCredits.TouchCost)] = Euros([row.TouchCost]);
                measured[(value, SimulatedCredits.SpendCost)] = Euros([row.SpendCost]);
            }
            if (row.CostPerNewCustomer is not null)
            {
                measured[(value, SimulatedCredits.CostPerCustomer)] = Euros([row.CostPerNewCustomer]);
            }
        }
        return [.. drawn.Keys.Union(measured.Keys).Order().Select(key => new ComparedFigure(
            key.Value.Length == 0 ? null : key.Value, key.Figure, (decimal)drawn.GetValueOrDefault(key), (decimal)measured.GetValueOrDefault(key)))];

        static string Name(string value, bool isUnknown) => isUnknown ? SimulatedCredits.Unknown : value;

        static double Euros(IEnumerable<Money?> amounts) => (double)amounts.OfType<Money>().Where(amount => amount.CurrencyCode == "EUR").Sum(amount => amount.ToDecimal());
    }
}
