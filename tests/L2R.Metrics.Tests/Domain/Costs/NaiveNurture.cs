using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Costs;

namespace L2R.Metrics.Tests.Domain.Costs;

/// <summary>The pool as the definition says it, asked of the rows at every instant anew.</summary>
sealed class NaiveNurture(RandomCase given, NurtureQuery query)
{
    readonly NaiveAnswers _answers = new(given.With(asked => asked with { Journeys = JourneySelection.Any }));

    IEnumerable<(NaiveJourney Journey, Transition Row, DateTimeOffset? Reopened, DateTimeOffset? Next)> Waits =>
        from journey in _answers.Journeys
        from row in journey.Entries(Stage.Recycled)
        where _answers.Matches(journey, row)
        let reopened = journey.Departures(Stage.Recycled).Where(departure => departure.Entered == row).Select(departure => (DateTimeOffset?)departure.Left.OccurredAt).FirstOrDefault()
        let next = _answers.Journeys.Where(other => other.Lead == journey.Lead && other.Number > journey.Number)
            .Select(other => (DateTimeOffset?)other.Rows[0].OccurredAt).Min()
        where !(next <= row.OccurredAt) // a later journey had started: it never was in the pool
        select (journey, row, reopened, next);

    public int PoolAt(DateTimeOffset instant) =>
        Waits.Where(wait => wait.Row.OccurredAt <= instant && !(wait.Reopened <= instant) && !(wait.Next <= instant)).Select(wait => wait.Journey.Lead).Distinct().Count();

    /// <summary>Again, of how many, reopened, and too young.</summary>
    public (long Again, long Mature, long Reopened, long Immature) Counts
    {
        get
        {
            var recycled = Waits.Where(wait => _answers.InTime(wait.Row.OccurredAt)).ToList();
            var mature = recycled.Where(wait => wait.Row.OccurredAt + query.Horizon <= query.Scope.AsOf).ToList();
            return (
                mature.Count(wait => Within(wait.Row, wait.Next) && (wait.Reopened is null || wait.Reopened >= wait.Next)),
                mature.Count,
                mature.Count(wait => Within(wait.Row, wait.Reopened) && (wait.Next is null || wait.Next > wait.Reopened)),
                recycled.Count - mature.Count);
        }
    }

    public IEnumerable<string> Wins =>
        from number in Enumerable.Range(1, 5)
        let journeys = _answers.Journeys.Where(journey => Math.Min(journey.Number, 5) == number).ToList()
        let won = journeys.Count(journey => journey.Reach(Stage.ClosedWon) is { } row && IsAsked(journey, row))
        let wins = journeys.SelectMany(journey => journey.Entries(Stage.ClosedWon).Where(row => IsAsked(journey, row))).ToList()
        where won > 0 || wins.Count > 0
        select $"{number}: {won} {CostsPropertyTests.Won(wins)}";

    bool IsAsked(NaiveJourney journey, Transition row) => _answers.InTime(row.OccurredAt) && _answers.Matches(journey, row);

    bool Within(Transition row, DateTimeOffset? instant) => instant is { } at && at <= row.OccurredAt + query.Horizon;
}
