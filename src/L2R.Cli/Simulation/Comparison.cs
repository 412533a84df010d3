using Google.Protobuf.WellKnownTypes;
using L2R.Ledger;
using L2R.Metrics.V1;
using L2R.Type.V1;
using Stage = L2R.Ledger.Domain.Stage;

namespace L2R.Cli.Simulation;

/// <summary>A figure of which the two should be equal.</summary>
/// <param name="Channel">Or another group, such as a campaign. Null: all of them.</param>
sealed record ComparedFigure(string? Channel, string Figure, decimal Drawn, decimal Measured);

/// <summary>What the simulator knows beside what Metrics says.</summary>
/// <param name="FigureCount">How many figures were compared for equality.</param>
sealed record Comparison(int FigureCount, IReadOnlyList<ComparedFigure> Differences, IReadOnlyList<ComparedPair> Pairs)
{
    public IReadOnlyList<ComparedPair> Pairs { get; } = ComparedPair.Judge(Pairs);

    /// <summary>How many intervals are judged together: the 95% are those of all of them covering.</summary>
    public int JudgedCount => Verdicts.Count();

    public int MissCount => Verdicts.Count(verdict => verdict == Verdict.Misses);

    /// <summary>Of the rates of each channel and adjacent pair.</summary>
    public Coverage Rates { get; } = Coverage.Of([.. Pairs.Where(pair => pair.IsIndependent).Select(pair => pair.Rate.Covers).OfType<bool>()]);

    /// <summary>Of the curves of the same, where there are enough conversions.</summary>
    public Coverage Curves { get; } =
        Coverage.Of([.. Pairs.Where(pair => pair.IsIndependent && pair.IsCurveLarge).Select(pair => pair.Curve.Covers).OfType<bool>()]);

    /// <summary>Why nothing is compared by month. Null where it is.</summary>
    public string? MonthsNotComparedReason { get; init; }

    /// <summary>Attribution and cost. Null where they are not compared, and why not.</summary>
    public TouchComparison? Touches { get; init; }

    public string? TouchesNotComparedReason { get; init; }

    public bool IsGood => Differences.Count == 0 && MissCount == 0 && Rates.IsConsistent && Curves.IsConsistent && Touches is null or { Differences.Count: 0 };

    IEnumerable<Verdict> Verdicts => Pairs.SelectMany(pair => new[] { pair.Rate.Verdict, pair.Curve.Verdict }).OfType<Verdict>();

    /// <summary>The question to Metrics.</summary>
    /// <param name="by">A dimension; null: all journeys together.</param>
    /// <param name="owners">Only what these reps had at its entry; null: everything.</param>
    /// <param name="byMonth">Each figure by the month in which it happened.</param>
    public static GetWaterfallRequest Question(SimulationOptions options, string? by = null, string[]? owners = null, bool byMonth = false)
    {
        var horizons = Enumerable.Range(0, SimulatedCounts.Pairs.Count).Select(SimulatedTruth.HorizonOf).Distinct().Order()
            .Select(days => TimeSpan.FromDays(days).ToDuration()).ToList();
        return new GetWaterfallRequest
        {
            AsOf = options.Until.ToTimestamp(),
            Filters =
            {
                new DimensionFilter { Dimension = "source", Values = { options.Source } },
                owners is null ? [] : [new DimensionFilter { Dimension = "owner", Values = { owners } }],
            },
            GroupByPeriod = byMonth ? PeriodKind.Month : PeriodKind.Unspecified,
            GroupBy = { by is null ? [] : [by] },
            Horizons = { horizons },
            CurveTimes = { horizons },
        };
    }

    /// <param name="groups">By channel, segment and kind of reps; under the empty name all of them together.</param>
    /// <param name="counts">The same, as they were drawn. Not of reps: a journey has one from SAL on, so that only its later pairs are compared.</param>
    public static Comparison Of(
        IReadOnlyDictionary<string, WaterfallGroup> groups, IReadOnlyDictionary<string, SimulatedCounts> counts, SimulatedTruth truth)
    {
        var (compared, differences, pairs) = (0, new List<ComparedFigure>(), new List<ComparedPair>());
        foreach (var name in counts.Keys.Union(groups.Keys).OrderBy(Place).ThenBy(name => name, StringComparer.Ordinal))
        {
            var (channel, isReps) = (name.Length == 0 ? null : name, SimulatedWorld.Reps.Any(reps => reps.Kind == name));
            var measured = groups.TryGetValue(name, out var group) && !isReps ? Figures(group) : [];
            var drawn = counts.TryGetValue(name, out var known) ? known.Figures : new Dictionary<string, decimal>();
            compared += drawn.Keys.Union(measured.Keys).Count();
            differences.AddRange(Differ(channel, drawn, measured));
            pairs.AddRange(group is null ? [] : group.Pairs.Select((pair, index) => Compare(channel, pair, truth.Find(channel, index)))
                .Where(pair => !isReps || pair.From >= Stage.Sal));
        }
        return new Comparison(compared, differences, pairs);

        // Channels, then segments, then reps.
        static int Place(string name) => Array.FindIndex(SimulatedWorld.Reps, reps => reps.Kind == name) is var kind and >= 0 ? 2 + kind
            : SimulatedWorld.Segments.Any(segment => segment.Name == name) ? 1 : 0;
    }

    /// <summary>With what happened month by month: the same figures, and the rate from LEAD to MQL, which has seasons.</summary>
    /// <param name="counts">By month, as they were drawn.</param>
    /// <param name="months">As Metrics has them.</param>
    public Comparison WithMonths(IReadOnlyDictionary<string, SimulatedCounts> counts, IReadOnlyCollection<WaterfallGroup> months, SimulatedTruth truth)
    {
        var groups = months.ToDictionary(month => month.Period.Name);
        var all = counts.Keys.Union(groups.Keys).Order(StringComparer.Ordinal).Select(name => (
            Name: name,
            Drawn: counts.TryGetValue(name, out var known) ? known.Figures : new Dictionary<string, decimal>(),
            Measured: groups.TryGetValue(name, out var group) ? Figures(group).Where(figure => SimulatedCounts.HasMonth(figure.Key)).ToDictionary() : [])).ToList();
        return new Comparison(
            FigureCount + all.Sum(month => month.Drawn.Keys.Union(month.Measured.Keys).Count()),
            [.. Differences, .. all.SelectMany(month => Differ(month.Name, month.Drawn, month.Measured))],
            [
                .. Pairs,
                .. months.Select(month => Compare(month.Period.Name, month.Pairs[0], truth.FindMonth(month.Period.StartTime.ToDateTimeOffset())))
                    .Where(pair => pair.N > 0 || pair.Rate.Truth is not null), // the last ones are too young
            ]);
    }

    static IEnumerable<ComparedFigure> Differ(string? channel, IReadOnlyDictionary<string, decimal> drawn, IReadOnlyDictionary<string, decimal> measured) =>
        drawn.Keys.Union(measured.Keys).Order(StringComparer.Ordinal)
            .Select(figure => new ComparedFigure(channel, figure, drawn.GetValueOrDefault(figure), measured.GetValueOrDefault(figure)))
            .Where(figure => figure.Drawn != figure.Measured);

    static ComparedPair Compare(string? channel, PairFigures pair, PairTruth truth)
    {
        var horizon = TimeSpan.FromDays(truth.Days).ToDuration();
        var rate = pair.Horizons.Single(figures => figures.Horizon.Equals(horizon)).Rate;
        var curve = pair.Curve.Single(point => point.Time.Equals(horizon));
        return new ComparedPair(
            channel,
            pair.From.ToDomain()!.Value,
            pair.To.ToDomain()!.Value,
            truth.Days,
            rate.ConvertedCount,
            rate.CohortCount,
            new(truth.Rate, Given(rate.HasRatio, rate.Ratio), Given(rate.HasIntervalLowRatio, rate.IntervalLowRatio), Given(rate.HasIntervalHighRatio, rate.IntervalHighRatio)),
            new(truth.Curve, Given(curve.HasRatio, curve.Ratio), Given(curve.HasIntervalLowRatio, curve.IntervalLowRatio), Given(curve.HasIntervalHighRatio, curve.IntervalHighRatio)));

        static double? Given(bool has, double value) => has ? value : null;
    }

    /// <summary>A group's counts by the names of <see cref="SimulatedCounts"/>.</summary>
    static Dictionary<string, decimal> Figures(WaterfallGroup group)
    {
        var figures = new Dictionary<string, decimal>
        {
            ["won EUR"] = group.WonAmounts.Where(amount => amount.CurrencyCode == "EUR").Sum(amount => amount.ToDecimal()),
            [SimulatedCounts.Mismatched] = group.Quality.MismatchedCount,
        };
        foreach (var volume in group.Volumes)
        {
            var stage = volume.Stage.ToDomain()!.Value;
            figures[SimulatedCounts.Name("reach", stage)] = volume.ReachCount;
            figures[SimulatedCounts.Name("inferred", stage)] = volume.InferredCount;
            figures[SimulatedCounts.Name("entries", stage)] = volume.EntryCount;
            figures[SimulatedCounts.Name(SimulatedCounts.Stock, stage)] = volume.StockEndCount;
        }
        foreach (var pair in group.Pairs)
        {
            var (from, to) = (pair.From.ToDomain()!.Value, pair.To.ToDomain()!.Value);
            figures[SimulatedCounts.Name("cohort", from, to)] = pair.CohortCount;
            figures[SimulatedCounts.Name("started above", from, to)] = pair.StartedAboveCount;
            figures[SimulatedCounts.Name("converted", from, to)] = pair.ToDate.ConvertedCount;
            figures[SimulatedCounts.Name("open", from, to)] = pair.OpenCount;
        }
        return figures;
    }
}
