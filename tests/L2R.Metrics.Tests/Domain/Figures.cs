using System.Globalization;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Figures by name, as texts that can be compared as a whole.</summary>
/// <remarks>What is zero is left out, so that an absent group has none.</remarks>
sealed class Figures
{
    readonly SortedDictionary<string, decimal> _counts = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> All
    {
        get
        {
            var all = new SortedDictionary<string, string>(_texts, StringComparer.Ordinal);
            foreach (var (name, count) in _counts.Where(pair => pair.Value != 0))
            {
                all.Add(name, count.ToString("0.##", CultureInfo.InvariantCulture));
            }
            return all;
        }
    }

    public void Count(string name, decimal count) => _counts.Add(name, count);

    public void Add(string name, decimal count) => _counts[name] = _counts.GetValueOrDefault(name) + count;

    /// <summary>Nine digits: what two ways of adding up agree on. Nothing where there is no value, and for a value of zero.</summary>
    public void Value(string name, double? value)
    {
        if (value is { } number && Math.Abs(number) > 1e-12)
        {
            _texts.Add(name, number.ToString("0.#########", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Nothing where <paramref name="n"/> is 0.</summary>
    public void Share(string name, int part, int n) => Value(name, n == 0 ? null : (double)part / n);

    /// <summary>What the waterfall answered.</summary>
    public static SortedDictionary<string, string> Of(WaterfallGroup group)
    {
        var figures = new Figures();
        foreach (var volume in group.Volumes)
        {
            figures.Count($"{volume.Stage} reach", volume.Reach);
            figures.Count($"{volume.Stage} inferred", volume.Inferred);
            figures.Count($"{volume.Stage} entries", volume.Entries);
            figures.Count($"{volume.Stage} departures", volume.Departures);
            figures.Count($"{volume.Stage} stock at start", volume.StockAtStart);
            figures.Count($"{volume.Stage} stock at end", volume.StockAtEnd);
        }
        foreach (var (currency, amount) in group.Won)
        {
            figures.Count($"won {currency}", amount);
        }
        figures.Count("quality inferred", group.Quality.Inferred);
        figures.Count("quality unknown", group.Quality.Unknown);
        figures.Count("quality late", group.Quality.Late);
        figures.Count("quality out of order", group.Quality.OutOfOrder);
        figures.Count("quality mismatched", group.Quality.Mismatched);
        figures.Count("quality without amount", group.Quality.WithoutAmount);

        foreach (var pair in group.Pairs)
        {
            var name = $"{pair.Pair.From}>{pair.Pair.To}";
            figures.Count($"{name} cohort", pair.Cohort);
            figures.Count($"{name} started above", pair.StartedAbove);
            figures.Count($"{name} to date", pair.ToDate.Converted);
            figures.Count($"{name} open", pair.Open);
            figures.Value($"{name} rate to date", pair.ToDate.Value);
            figures.Value($"{name} flow ratio", pair.FlowRatio);
            foreach (var horizon in pair.Horizons)
            {
                figures.Count($"{name} {horizon.Horizon} mature", horizon.Rate.N);
                figures.Count($"{name} {horizon.Horizon} converted", horizon.Rate.Converted);
                figures.Count($"{name} {horizon.Horizon} immature", horizon.Immature);
                figures.Value($"{name} {horizon.Horizon} rate", horizon.Rate.Value);
            }
            foreach (var point in pair.Curve)
            {
                figures.Count($"{name} F({point.Time}) at risk", point.AtRisk);
                figures.Value($"{name} F({point.Time})", point.Value);
                figures.Value($"{name} F({point.Time}) variance", point.StandardError * point.StandardError);
            }
            Velocity(figures, $"{name} cohort velocity", pair.CohortVelocity);
            Velocity(figures, $"{name} throughput velocity", pair.ThroughputVelocity);
        }
        return figures.All;
    }

    static void Velocity(Figures figures, string name, Velocity velocity)
    {
        figures.Count($"{name} out of order", velocity.OutOfOrder);
        figures.Count($"{name} n", velocity.N);
        figures.Value($"{name} mean", velocity.Mean?.TotalSeconds);
        figures.Value($"{name} median", velocity.Median?.TotalSeconds);
        figures.Value($"{name} p75", velocity.P75?.TotalSeconds);
        figures.Value($"{name} p90", velocity.P90?.TotalSeconds);
    }
}
