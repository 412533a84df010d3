using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <summary>What closing the gaps to targets of all journeys is worth, as the definitions say it.</summary>
sealed class NaiveLevers
{
    static readonly Pair[] Pairs = [.. Pair.All.Take(Way.Pairs)];

    readonly DiagnosisQuery _query;
    readonly NaiveRevenue _revenue;

    public NaiveLevers(IReadOnlyList<NaiveJourney> journeys, DiagnosisQuery query)
    {
        _query = query;
        var scope = query.Ways.Scope;
        _revenue = new(journeys, query.Ways, scope.From ?? DateTimeOffset.MinValue, scope.To ?? DateTimeOffset.MaxValue);
        var started = journeys.Where(journey => journey.Reach(Stage.Lead) is { } start && !(start.OccurredAt < scope.From)
            && scope.Filters.All(filter => filter.Values.Contains(journey.ValueOf(filter.Dimension, start)))).ToList();
        Actual = [.. Pairs.Select(pair =>
        {
            var horizon = ((Goal.Conversion)query.ConversionTarget(pair)!.Details.Goal).Horizon;
            var mature = started.Where(journey => journey.Reach(Stage.Lead)!.To <= pair.From
                && journey.Reach(pair.From) is { } from && from.OccurredAt + horizon <= scope.AsOf).ToList();
            return (mature.Count(journey => journey.Reach(pair.To)?.OccurredAt - journey.Reach(pair.From)!.OccurredAt <= horizon), mature.Count);
        })];
        PValues = [.. Actual.Select((actual, pair) => PValue(actual, Aim(pair)))];

        int[] all = [.. Enumerable.Range(0, Pairs.Length).Where(pair => Value([pair]) - Value([]) > 5e-10)];
        var orders = Orders.Of(all).ToList();
        Levers = [.. all.Select(pair => (
            Pairs[pair],
            Value([pair]) - Value([]),
            orders.Average(order => Value([.. order.TakeWhile(other => other != pair), pair]) - Value([.. order.TakeWhile(other => other != pair)])),
            StandardError(pair)))];
    }

    public IReadOnlyList<(int Converted, int N)> Actual { get; }

    public IReadOnlyList<double?> PValues { get; }

    public IReadOnlyList<(Pair Pair, double Alone, double Together, double? StandardError)> Levers { get; }

    /// <summary>Of the one-sided score test; null without enough data.</summary>
    public static double? PValue((int Converted, int N) actual, double aim) => actual.N < 30 || actual.N * Math.Min(aim, 1 - aim) < 5
        ? null
        : Below((((double)actual.Converted / actual.N) - aim) / Math.Sqrt(aim * (1 - aim) / actual.N));

    public bool IsBelow(int pair) => PValues[pair] is not null && (double)Actual[pair].Converted / Actual[pair].N < Aim(pair);

    double Aim(int pair) => ((Goal.Conversion)_query.ConversionTarget(Pairs[pair])!.Details.Goal).Ratio;

    /// <summary>By how much a way is lifted: t/c of the pair, and no conversion above 1.</summary>
    double Lift((string?, int) way, int pair)
    {
        var (converted, n) = _revenue.StepOf(way, pair);
        return IsBelow(pair) && Actual[pair].Converted > 0 && converted > 0
            ? Math.Min(Aim(pair) * Actual[pair].N / Actual[pair].Converted, (double)n / converted)
            : 1;
    }

    double Value(int[] lifted) => _revenue.Ways.Sum(way => lifted.Aggregate((double)_revenue.AmountOf(way.Value, way.Start), (value, pair) => value * Lift(way, pair)));

    double? StandardError(int pair)
    {
        var ofAll = Spread(_revenue.Amounts(_revenue.Ways));
        if (ofAll is null)
        {
            return null;
        }
        return Math.Sqrt(_revenue.Ways.Where(way => Lift(way, pair) > 1 && _revenue.AmountOf(way.Value, way.Start) > 0).Sum(way =>
        {
            var value = (double)_revenue.AmountOf(way.Value, way.Start);
            var impact = value * (Lift(way, pair) - 1);
            var amounts = _revenue.Amounts(way);
            return (value * value * OverN(way, pair))
                + (impact * impact * (Enumerable.Range(pair + 1, 4 - pair).Sum(later => OverN(way, later)) + ((Spread(amounts) ?? ofAll.Value) / amounts.Count)));
        }));
    }

    /// <summary>(1 − c)/(nc).</summary>
    double OverN((string?, int) way, int pair)
    {
        var (converted, n) = _revenue.StepOf(way, pair);
        var c = (double)converted / n;
        return (1 - c) / (n * c);
    }

    /// <summary>var(a)/a².</summary>
    static double? Spread(List<double> amounts) => amounts.Count < 2 || amounts.Sum() == 0
        ? null
        : amounts.Sum(amount => Math.Pow(amount - amounts.Average(), 2)) / (amounts.Count - 1) / Math.Pow(amounts.Average(), 2);

    /// <summary>The normal distribution, by Simpson's rule from far below.</summary>
    static double Below(double z)
    {
        if (z < -12)
        {
            return 0;
        }
        const int steps = 4_000;
        var width = (z + 12) / steps;
        return width / 3 / Math.Sqrt(2 * Math.PI) * Enumerable.Range(0, steps + 1).Sum(step =>
            Math.Exp(-Math.Pow(-12 + (step * width), 2) / 2) * (step is 0 or steps ? 1 : step % 2 == 1 ? 4 : 2));
    }
}
