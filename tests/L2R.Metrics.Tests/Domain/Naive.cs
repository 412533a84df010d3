using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain;

/// <summary>The definitions of the waterfall word by word, with no care for speed: each figure is asked of the rows anew.</summary>
/// <remarks>Shares no code with what it checks, apart from the shapes of rows, questions and answers.</remarks>
sealed class Naive
{
    readonly WaterfallQuery _query;
    readonly List<NaiveJourney> _journeys = [];

    public Naive(IReadOnlyList<Transition> rows, WaterfallQuery query, IReadOnlyList<LeadMerge> merges)
    {
        _query = query;
        var inForce = rows.Where(row => row.To is not null
            && row.RecordedAt <= query.KnownAt
            && !rows.Any(other => other.RecordedAt <= query.KnownAt && other.Supersedes == row.TransitionId)).ToList();
        foreach (var lead in inForce.GroupBy(row => NaiveMerges.PersonOf(row.LeadId, merges, query.KnownAt)))
        {
            var journeys = NaiveMerges.Journeys(lead)
                .Select(journey => new NaiveJourney(journey, query.AsOf) { Lead = lead.Key })
                .Where(journey => journey.Rows.Count > 0)
                .ToList();
            foreach (var journey in journeys)
            {
                journey.Number = 1 + journeys.Count(other => NaiveJourney.IsBefore(other.Rows[0], journey.Rows[0]));
                journey.IsLatest = journey.Number == journeys.Count;
            }
            _journeys.AddRange(journeys.Where(journey => query.Journeys switch
            {
                JourneySelection.First => journey.Number == 1,
                JourneySelection.Latest => journey.IsLatest,
                _ => true,
            }));
        }
    }

    public IReadOnlyList<NaiveJourney> Journeys => _journeys;

    /// <summary>Every combination of dimension values that any row has.</summary>
    public IEnumerable<(string? First, string? Second)> Values()
    {
        string?[] Of(int index) => index >= _query.GroupBy.Count
            ? [null]
            : [.. _journeys.SelectMany(journey => journey.Rows.Select(row => journey.ValueOf(_query.GroupBy[index], row))).Distinct()];

        return Of(0).SelectMany(_ => Of(1), (first, second) => (first, second)).Distinct();
    }

    /// <summary>Every figure of one group by name. What is zero or undefined is left out.</summary>
    public SortedDictionary<string, string> Figures(GroupKey key)
    {
        var figures = new Figures();
        var dates = new Func<DateTimeOffset, bool>(at => !(at < _query.From) && !(at >= _query.To)
            && (key.Period is null || (at >= key.Period.From && at < key.Period.To)));

        // In a cohort by one stage everything of a journey belongs to the row that reached this stage.
        bool Belongs(NaiveJourney journey, DateTimeOffset at, Transition row) => _query.CohortBy is { } stage
            ? journey.Reach(stage) is { } anchor && dates(anchor.OccurredAt) && Matches(journey, anchor, key)
            : dates(at) && Matches(journey, row, key);

        bool Reaches(NaiveJourney journey, Stage stage) =>
            journey.Reach(stage) is { } row && Belongs(journey, row.OccurredAt, row);

        foreach (var stage in Stages.All)
        {
            if (stage.IsStage())
            {
                var reach = _journeys.Where(journey => Reaches(journey, stage)).ToList();
                figures.Count($"{stage} reach", reach.Count);
                figures.Count($"{stage} inferred", reach.Count(journey => journey.IsInferred(stage)));
                figures.Add("quality inferred", reach.Count(journey => journey.IsInferred(stage)));
                figures.Add("quality unknown", IsUnknown(key) ? reach.Count : 0);
            }

            var entries = _journeys
                .SelectMany(journey => journey.Entries(stage).Where(row => Belongs(journey, row.OccurredAt, row)))
                .ToList();
            figures.Count($"{stage} entries", entries.Count);
            figures.Add("quality late", entries.Count(row => row.RecordedAt > _query.AsOf));
            figures.Count($"{stage} departures", _journeys.Sum(journey =>
                journey.Departures(stage).Count(departure => Belongs(journey, departure.Left.OccurredAt, departure.Entered))));
            figures.Count($"{stage} stock at start", Stock(stage, key, Later(_query.From, key.Period?.From)));
            figures.Count($"{stage} stock at end", Stock(stage, key, Earlier(_query.To, key.Period?.To) ?? DateTimeOffset.MaxValue));
        }

        var won = _journeys.SelectMany(journey =>
            journey.Rows.Where(row => row.To == Stage.ClosedWon && Belongs(journey, row.OccurredAt, row))).ToList();
        foreach (var currency in won.Select(row => row.Currency).OfType<string>().Distinct())
        {
            figures.Count($"won {currency}", won.Where(row => row.Currency == currency).Sum(row => row.Amount!.Value));
        }
        figures.Count("quality without amount", won.Count(row => row.Amount is null));
        figures.Count("quality out of order", _journeys.Count(journey => Reaches(journey, Stage.Lead)
            && Stages.Waterfall.Any(from => Stages.Waterfall.Any(to => from < to && journey.IsOutOfOrder(from, to)))));

        figures.Count("quality mismatched", _journeys.Sum(journey => journey.Mismatches.Count(row => Belongs(journey, row.OccurredAt, row))));

        (Stage From, Stage To)[] pairs =
        [
            (Stage.Lead, Stage.Mql), (Stage.Mql, Stage.Sal), (Stage.Sal, Stage.Sql), (Stage.Sql, Stage.Opportunity),
            (Stage.Opportunity, Stage.ClosedWon), (Stage.Lead, Stage.ClosedWon),
        ];
        foreach (var (from, to) in pairs)
        {
            var reach = _journeys.Where(journey => Reaches(journey, from)).ToList();
            NaivePair.Describe(figures, _query, from, to, reach, [.. _journeys.Where(journey => Reaches(journey, to))]);
        }
        return figures.All;
    }

    /// <summary>Journeys that stand in a stage just before an instant. Null: before everything.</summary>
    int Stock(Stage stage, GroupKey key, DateTimeOffset? instant)
    {
        if (_query.CohortBy is { } anchor)
        {
            var start = instant != DateTimeOffset.MaxValue && instant == Later(_query.From, key.Period?.From);
            return start || instant is null ? 0 : _journeys.Count(journey => journey.Reach(anchor) is { } row
                && !(row.OccurredAt < _query.From) && !(row.OccurredAt >= _query.To)
                && (key.Period is null || (row.OccurredAt >= key.Period.From && row.OccurredAt < key.Period.To))
                && Matches(journey, row, key)
                && journey.StandsIn(journey.Rows.Count)?.To == stage);
        }
        return instant is null ? 0 : _journeys.Count(journey =>
            journey.StandsIn(journey.Rows.Count(row => row.OccurredAt < instant)) is { } row
            && row.To == stage
            && Matches(journey, row, key));
    }

    bool Matches(NaiveJourney journey, Transition row, GroupKey key) =>
        _query.Filters.All(filter => filter.Values.Contains(journey.ValueOf(filter.Dimension, row)))
        && (_query.GroupBy.Count < 1 || journey.ValueOf(_query.GroupBy[0], row) == key.First)
        && (_query.GroupBy.Count < 2 || journey.ValueOf(_query.GroupBy[1], row) == key.Second);

    bool IsUnknown(GroupKey key) => (_query.GroupBy.Count > 0 && key.First is null) || (_query.GroupBy.Count > 1 && key.Second is null);

    static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) => left > right || right is null ? left : right;

    static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) => left < right || right is null ? left : right;
}
