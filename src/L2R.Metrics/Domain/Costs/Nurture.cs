using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Costs;

/// <summary>A question about leads that were recycled, and what became of them.</summary>
/// <param name="Periods">For the pool at the end of each; null: only at A.</param>
/// <param name="Horizon">How long a lead is followed from when it was recycled; over 0.</param>
/// <param name="Currency">The one that won amounts are in; the others are counted apart.</param>
public sealed record NurtureQuery(JourneyScope Scope, ReportingCalendar? Periods, TimeSpan Horizon, string Currency, int MaxPeriods);

/// <param name="Period">Cut off at A where that lies within it.</param>
/// <param name="Recycled">Leads that came into the pool in it; one that came twice counts twice.</param>
/// <param name="Pool">Leads in the pool at its end.</param>
public sealed record NurturePeriod(Period Period, long Recycled, long Pool);

/// <param name="Number">Of the journey among those of its lead; the last row has all from <see cref="Nurture.LastNumber"/> on.</param>
/// <param name="Journeys">That were won: with R_won in the time in question.</param>
public sealed record WonByNumber(int Number, long Journeys, WonSum Won);

/// <param name="Pool">Leads in the pool at A.</param>
/// <param name="ReEntry">Of the leads recycled in the time in question and followed for the horizon: those with a next journey within it.</param>
/// <param name="Reopened">Of those followed: whose own journey was reopened within the horizon, before any next one.</param>
/// <param name="Immature">Recycled in that time, and not followed for so long yet.</param>
/// <param name="Wins">By number, from 1 on; those without a win are left out.</param>
public sealed record NurtureAnswer(
    long Pool, Rate ReEntry, long Reopened, long Immature, IReadOnlyList<NurturePeriod> Periods, IReadOnlyList<WonByNumber> Wins);

/// <summary>The pool of recycled leads, how many of them come again, and what later journeys bring.</summary>
/// <remarks>
/// A lead is in the pool from when its journey comes to stand in RECYCLED until its next journey starts, or this one is reopened. Where a later
/// journey had started before that, it never was.
/// </remarks>
public sealed class Nurture(NurtureQuery query) : IGathering<Nurture>
{
    /// <summary>Later journeys are counted with this one.</summary>
    public const int LastNumber = 5;

    readonly List<Wait> _waits = [];
    readonly Dictionary<Guid, List<(int Number, DateTimeOffset Start)>> _starts = [];
    readonly SortedDictionary<int, (long Journeys, WonTally Won)> _wins = [];

    /// <param name="journey">In any order; of a lead, all of them.</param>
    public void Add(JourneyFacts journey)
    {
        if (journey.Number > 1)
        {
            if (!_starts.TryGetValue(journey.LeadId, out var starts))
            {
                _starts.Add(journey.LeadId, starts = []);
            }
            starts.Add((journey.Number, journey.Stays[0].Entered));
        }
        foreach (ref readonly var stay in journey.StaySpan)
        {
            if (stay is { Stage: Stage.Recycled, Stood: true } && query.Scope.Matches(journey, stay.Values))
            {
                _waits.Add(new(journey.LeadId, journey.Number, stay.Entered, stay.Left));
            }
            else if (stay.Stage == Stage.ClosedWon && query.Scope.InTime(stay.Entered) && query.Scope.Matches(journey, stay.Values))
            {
                Wins(journey.Number).Won.Add(stay);
            }
        }
        if (query.Scope.Reach(journey, Stage.ClosedWon) is not null)
        {
            var number = Math.Min(journey.Number, LastNumber);
            _wins[number] = Wins(number) with { Journeys = Wins(number).Journeys + 1 };
        }
    }

    /// <summary>Adds what others counted.</summary>
    public void Add(Nurture other)
    {
        _waits.AddRange(other._waits);
        foreach (var (lead, starts) in other._starts)
        {
            if (!_starts.TryAdd(lead, starts))
            {
                _starts[lead].AddRange(starts);
            }
        }
        foreach (var (number, (journeys, won)) in other._wins)
        {
            Wins(number).Won.Add(won);
            _wins[number] = _wins[number] with { Journeys = _wins[number].Journeys + journeys };
        }
    }

    /// <exception cref="TooManyGroupsException">More periods than the query allows.</exception>
    public NurtureAnswer ToAnswer()
    {
        // Of the pool: those that left it for a next journey, for their own again, or not at all.
        var pooled = _waits.Select(wait => wait with { Next = NextStart(wait) }).Where(wait => !(wait.Next <= wait.Entered)).ToList();
        var recycled = pooled.Where(wait => query.Scope.InTime(wait.Entered)).ToList();
        var mature = recycled.Where(wait => query.Scope.AsOf - wait.Entered >= query.Horizon).ToList();
        var (again, reopened) = (mature.Count(IsAgain), mature.Count(IsReopened));
        return new(
            pooled.LongCount(wait => wait.IsIn(query.Scope.AsOf)),
            Rate.Of(again, mature.Count, WhyNone(recycled.Count)),
            reopened,
            recycled.Count - mature.Count,
            [.. Periods(pooled)],
            [.. _wins.Select(win => new WonByNumber(win.Key, win.Value.Journeys, win.Value.Won.Sum))]);
    }

    bool IsAgain(Wait wait) => wait.Next - wait.Entered <= query.Horizon && !(wait.Left < wait.Next);

    bool IsReopened(Wait wait) => wait.Left - wait.Entered <= query.Horizon && !(wait.Next <= wait.Left);

    string WhyNone(int recycled) => recycled == 0
        ? "no lead was recycled in this time"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"no lead that was recycled in this time has been followed for {query.Horizon.TotalDays:0.##} days");

    DateTimeOffset? NextStart(Wait wait)
    {
        DateTimeOffset? next = null;
        foreach (var (number, start) in _starts.GetValueOrDefault(wait.LeadId) ?? [])
        {
            if (number > wait.Number && !(start >= next))
            {
                next = start;
            }
        }
        return next;
    }

    /// <summary>From the first lead that was recycled, or the first period asked for, to that of A.</summary>
    IEnumerable<NurturePeriod> Periods(List<Wait> pooled)
    {
        if (query.Periods is not { } calendar || pooled.Count == 0)
        {
            yield break;
        }
        var (asOf, first) = (query.Scope.AsOf, pooled.Min(wait => wait.Entered));
        if (query.Scope.From is { } from && from > first)
        {
            first = from;
        }
        var last = query.Scope.To is { } to && to <= asOf ? to.AddTicks(-1) : asOf;
        if (first <= last && calendar.Count(first, last) > query.MaxPeriods)
        {
            throw new TooManyGroupsException(query.MaxPeriods, calendar.Longer()?.Kind, calendar.StartOfLast(query.MaxPeriods, last));
        }
        for (var period = calendar.PeriodOf(first); first <= last && period.From <= last; period = calendar.After(period))
        {
            // The last instant of the period: what happens at its end belongs to the next one.
            var end = period.To > asOf ? asOf : period.To.AddTicks(-1);
            yield return new(
                period,
                pooled.LongCount(wait => wait.Entered >= period.From && wait.Entered < period.To && query.Scope.InTime(wait.Entered)),
                pooled.LongCount(wait => wait.IsIn(end)));
        }
    }

    (long Journeys, WonTally Won) Wins(int number)
    {
        number = Math.Min(number, LastNumber);
        if (!_wins.TryGetValue(number, out var row))
        {
            _wins.Add(number, row = (0, new WonTally(query.Currency)));
        }
        return row;
    }

    /// <summary>One time that a lead waited.</summary>
    /// <param name="Left">When its own journey was reopened.</param>
    readonly record struct Wait(Guid LeadId, int Number, DateTimeOffset Entered, DateTimeOffset? Left)
    {
        /// <summary>When the lead's next journey started.</summary>
        public DateTimeOffset? Next { get; init; }

        public bool IsIn(DateTimeOffset instant) => Entered <= instant && !(Left <= instant) && !(Next <= instant);
    }
}
