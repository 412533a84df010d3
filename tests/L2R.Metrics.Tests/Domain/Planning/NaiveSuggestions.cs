using System.Globalization;
using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Planning;

namespace L2R.Metrics.Tests.Domain.Planning;

/// <summary>Median and better quarter of the last eight periods that could say something, each period asked of the rows anew.</summary>
sealed class NaiveSuggestions(List<NaiveJourney> all, SuggestionQuery query)
{
    static readonly double[] Shares = [0.25, 0.5, 0.75];

    public static string Line(TargetSuggestion suggestion) => string.Create(CultureInfo.InvariantCulture,
        $"{suggestion.Pair.From}>{suggestion.Pair.To} {(suggestion.IsSegment ? suggestion.Value ?? "unknown" : "all")} {suggestion.Measure.GetType().Name} {suggestion.Periods}: {suggestion.Typical:0.######} {suggestion.Ambitious:0.######}");

    public IEnumerable<string> ToLines()
    {
        var (ended, mature) = (LastBefore(query.Scope.AsOf), LastBefore(query.Scope.AsOf - query.Horizon));
        var since = all.Select(journey => Counted(journey, Stage.Lead)?.OccurredAt).Min();
        List<string?> values = query.Dimension is null ? [] : [.. Pair.All.SelectMany(pair => all.SelectMany(journey => new[]
        {
            Counted(journey, pair.To) is { } to && ended.Exists(period => Holds(period, to)) ? (true, ValueOf(journey, to)) : (false, null),
            Counted(journey, pair.From) is { } from && IsAtRisk(journey, pair) && mature.Exists(period => Holds(period, from)) ? (true, ValueOf(journey, from)) : (false, null),
        })).Where(found => found.Item1).Select(found => found.Item2).Distinct().OrderBy(value => value, StringComparer.Ordinal)];

        foreach (var (isSegment, value) in values.Select(value => (true, value)).Prepend((false, null)))
        {
            foreach (var pair in Pair.All)
            {
                bool Belongs(NaiveJourney journey, Transition row) => !isSegment || ValueOf(journey, row) == value;
                List<NaiveJourney> By(Period period, Stage stage) =>
                    [.. all.Where(journey => Counted(journey, stage) is { } row && Holds(period, row) && Belongs(journey, row))];

                var volumes = ended.Where(period => period.From >= since).Select(period => (double)By(period, pair.To).Count);
                var cohorts = mature.Select(period => By(period, pair.From).Where(journey => IsAtRisk(journey, pair)).ToList()).ToList();
                bool Converted(NaiveJourney journey) => Taken(journey, pair) <= query.Horizon;
                var rates = cohorts.Where(cohort => cohort.Count >= 30).Select(cohort => (double)cohort.Count(Converted) / cohort.Count);
                var medians = cohorts
                    .Select(cohort => cohort.Where(journey => Converted(journey) && !journey.IsInferred(pair.From) && !journey.IsInferred(pair.To)).Select(journey => Taken(journey, pair)!.Value.TotalDays).ToList())
                    .Where(days => days.Count >= 30)
                    .Select(days => Percentile(days, 0.5));
                yield return Suggest(new Measure.Volume(), volumes, Shares[2]);
                yield return Suggest(new Measure.Conversion(query.Horizon), rates, Shares[2]);
                yield return Suggest(new Measure.Velocity(query.Horizon), medians, Shares[0]);

                string Suggest(Measure measure, IEnumerable<double> figures, double better)
                {
                    var known = figures.ToList();
                    return Line(new(pair, isSegment, value, measure, known.Count,
                        known.Count == 8 ? Percentile(known, Shares[1]) : null, known.Count == 8 ? Percentile(known, better) : null));
                }
            }
        }
    }

    Transition? Counted(NaiveJourney journey, Stage stage) =>
        journey.Reach(stage) is { } row && query.Scope.Filters.All(filter => filter.Values.Contains(journey.ValueOf(filter.Dimension, row))) ? row : null;

    string? ValueOf(NaiveJourney journey, Transition row) => journey.ValueOf(query.Dimension!, row);

    List<Period> LastBefore(DateTimeOffset instant) => [.. Enumerable.Range(0, 12)
        .Select(back => query.Periods.PeriodOf(instant.AddDays(-back)))
        .DistinctBy(period => period.Name)
        .Where(period => period.To <= instant)
        .Take(8)
        .OrderBy(period => period.From)];

    static bool IsAtRisk(NaiveJourney journey, Pair pair) => !(journey.Reach(Stage.Lead)!.To > pair.From);

    static TimeSpan? Taken(NaiveJourney journey, Pair pair) => journey.Reach(pair.To)?.OccurredAt - journey.Reach(pair.From)!.OccurredAt;

    static bool Holds(Period period, Transition row) => row.OccurredAt >= period.From && row.OccurredAt < period.To;

    static double Percentile(List<double> figures, double share)
    {
        var sorted = figures.Order().ToList();
        var place = share * (sorted.Count - 1);
        return sorted[(int)place] + ((place - (int)place) * (sorted[(int)Math.Ceiling(place)] - sorted[(int)place]));
    }
}
