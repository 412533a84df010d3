using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Cohorts, velocity and flow as the definitions say them, each figure asked of the rows anew.</summary>
sealed class NaiveAnswers(RandomCase given)
{
    readonly WaterfallQuery _query = given.Query;

    public IReadOnlyList<NaiveJourney> Journeys { get; } = new Naive(given.Rows, given.Query, given.Merges).Journeys;

    public static Pair[] Pairs { get; } =
        [.. Stages.Waterfall.SelectMany(from => Stages.Waterfall.Where(to => to > from).Select(to => new Pair(from, to)))];

    public bool InTime(DateTimeOffset at) => !(at < _query.From) && !(at >= _query.To);

    public bool Matches(NaiveJourney journey, Transition row) =>
        _query.Filters.All(filter => filter.Values.Contains(journey.ValueOf(filter.Dimension, row)));

    /// <summary>Journeys by R of a stage.</summary>
    public List<NaiveJourney> By(Stage stage) =>
        [.. Journeys.Where(journey => journey.Reach(stage) is { } row && InTime(row.OccurredAt) && Matches(journey, row))];

    /// <summary>One line for each row.</summary>
    public IEnumerable<string> Cohorts(Pair pair, int topValues)
    {
        List<(NaiveJourney Journey, string Period, string?[] Values)> all =
        [
            .. By(pair.From).Select(journey => (
                journey,
                _query.Periods?.PeriodOf(journey.Reach(pair.From)!.OccurredAt).Name ?? "",
                _query.GroupBy.Select(dimension => journey.ValueOf(dimension, journey.Reach(pair.From)!)).ToArray())),
        ];
        bool IsAtRisk(NaiveJourney journey) => !(journey.Reach(Stage.Lead)!.To > pair.From);
        int Rank(int dimension, string value) => all.Select(item => item.Values[dimension]).OfType<string>().Distinct().Count(other =>
            (SizeOf(dimension, other), string.CompareOrdinal(value, other)) is var (size, order)
            && (size > SizeOf(dimension, value) || (size == SizeOf(dimension, value) && order > 0)));
        int SizeOf(int dimension, string value) => all.Count(item => item.Values[dimension] == value && IsAtRisk(item.Journey));

        return
            from item in all
            let values = string.Join(' ', item.Values.Select((value, dimension) =>
                value is null ? "unknown" : Rank(dimension, value) < topValues ? $"'{value}'" : "other"))
            group item.Journey by $"{item.Period} {values}" into row
            orderby row.Key
            select $"{row.Key} {Describe(pair, [.. row.Where(IsAtRisk)], row.Count(journey => !IsAtRisk(journey)))}";
    }

    string Describe(Pair pair, List<NaiveJourney> cohort, int above)
    {
        var converted = cohort.Where(journey => journey.Reach(pair.To) is not null).ToList();
        var cells = _query.Horizons.Select(horizon =>
        {
            var mature = cohort.Where(journey => R(journey, pair.From) + horizon <= _query.AsOf).ToList();
            return $"{mature.Count(journey => converted.Contains(journey) && R(journey, pair.To) - R(journey, pair.From) <= horizon)}/{mature.Count}";
        });
        return $"{cohort.Count} above {above} converted {converted.Count} open {cohort.Except(converted).Count(journey => journey.End is null)} "
            + string.Join(' ', cells);
    }

    /// <summary>Seconds between two stages of some journeys, with the horizon or without.</summary>
    public List<double> Durations(Pair pair, Stage by, TimeSpan? horizon) =>
    [
        .. By(by)
            .Where(journey => journey.Reach(pair.From)?.To == pair.From && journey.Reach(pair.To)?.To == pair.To)
            .Where(journey => horizon is null
                || (R(journey, pair.From) + horizon <= _query.AsOf && R(journey, pair.To) - R(journey, pair.From) <= horizon))
            .Select(journey => (R(journey, pair.To) - R(journey, pair.From)).TotalSeconds)
            .Order(),
    ];

    /// <summary>Each visit of a stage that a journey made: the row that began it, and the one that ended it.</summary>
    public static List<(Transition Entered, Transition? Left)> Visits(NaiveJourney journey, Stage stage)
    {
        var visits = new List<(Transition, Transition?)>();
        for (var index = 1; index <= journey.Rows.Count; index++)
        {
            if (journey.StandsIn(index) is { } row && row.To == stage && row == journey.Rows[index - 1])
            {
                visits.Add((row, journey.Rows.Where((_, later) => later >= index).FirstOrDefault(later =>
                    journey.StandsIn(journey.Rows.IndexOf(later) + 1) != row)));
            }
        }
        return visits;
    }

    static DateTimeOffset R(NaiveJourney journey, Stage stage) => journey.Reach(stage)!.OccurredAt;

    /// <summary>A line for each move.</summary>
    public IEnumerable<string> Moves(Func<DateTimeOffset, bool> dates) =>
        from journey in Journeys
        from index in Enumerable.Range(0, journey.Rows.Count)
        let before = journey.StandsIn(index)
        let after = journey.StandsIn(index + 1)!
        where before != after && dates(after.OccurredAt) && Matches(journey, before ?? after)
        select $"{before?.To}>{after.To} {(after.To >= Stage.Disqualified ? after.Reason : "")}";

    public int Entries(Stage stage, Func<DateTimeOffset, bool> dates) =>
        Journeys.Sum(journey => journey.Entries(stage).Count(row => dates(row.OccurredAt) && Matches(journey, row)));

    public int Departures(Stage stage, Func<DateTimeOffset, bool> dates) =>
        Journeys.Sum(journey => journey.Departures(stage).Count(visit => dates(visit.Left.OccurredAt) && Matches(journey, visit.Entered)));
}

/// <summary>The rows that count as of an instant and as known at one.</summary>
sealed class NaiveView(IReadOnlyList<Transition> rows, DateTimeOffset asOf, DateTimeOffset knownAt)
{
    public IReadOnlyList<Transition> All => rows;

    public DateTimeOffset KnownAt => knownAt;

    public IReadOnlyList<Transition> Rows { get; } =
    [
        .. rows.Where(row => row.To is not null && row.RecordedAt <= knownAt && row.OccurredAt <= asOf
            && !rows.Any(other => other.RecordedAt <= knownAt && other.Supersedes == row.TransitionId)),
    ];
}

/// <summary>Why rows count in one view only.</summary>
sealed class NaiveComparison(NaiveView before, NaiveView after, ReportingCalendar? periods)
{
    public IEnumerable<string> Changes() => after.Rows.Except(before.Rows).Select(row => (Row: row, Cause: Added(row), Sign: 1))
        .Concat(before.Rows.Except(after.Rows).Select(row => (Row: row, Cause: Removed(row), Sign: -1)))
        .GroupBy(change => (change.Cause, change.Row.Origin, change.Row.To, Period: periods?.PeriodOf(change.Row.OccurredAt).Name))
        .Select(group => $"{group.Key.Cause} {group.Key.Origin} {group.Key.To} {group.Key.Period} "
            + $"+{group.Count(change => change.Sign > 0)} -{group.Count(change => change.Sign < 0)}");

    string Added(Transition row)
    {
        if (row.RecordedAt <= before.KnownAt)
        {
            return "AsOf"; // it was known
        }
        return row.Supersedes is not null ? "Correction" : row.OccurredAt <= before.KnownAt ? "Late" : "New";
    }

    string Removed(Transition row)
    {
        var by = after.All.Where(other => other.Supersedes == row.TransitionId && other.RecordedAt <= after.KnownAt).Select(other => other.To).ToList();
        return by is [] ? "AsOf" : by.Exists(to => to is not null) ? "Correction" : "Withdrawal";
    }
}
