using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>Answers what came into every stage, what left it and where to, from one journey after the other.</summary>
/// <remarks>A stay belongs to a group by the values at its entering row, also when it ends: so that what came is what left or is there.</remarks>
/// <param name="periods">Null: one table for all.</param>
/// <param name="maxPeriods">More are refused by a <see cref="TooManyGroupsException"/>. At least 1.</param>
public sealed class Flow(JourneyScope scope, ReportingCalendar? periods, int maxPeriods = int.MaxValue) : IGathering<Flow>
{
    readonly Dictionary<DateTimeOffset, FlowTally> _tallies = [];
    readonly long[] _atStart = new long[Stages.All.Count];
    readonly long[] _atEnd = new long[Stages.All.Count];
    DateTimeOffset _first = DateTimeOffset.MaxValue;

    /// <summary>Counts a journey.</summary>
    /// <param name="journey">Folded at the question's as_of and known_at.</param>
    public void Add(JourneyFacts journey)
    {
        if (!scope.Selects(journey))
        {
            return;
        }

        var stays = journey.StaySpan;
        var before = -1;
        var isWon = false;
        for (var index = 0; index < stays.Length; index++)
        {
            ref readonly var stay = ref stays[index];
            var matches = scope.Matches(journey, stay.Values);
            if (isWon && stay.Stage != Stage.ClosedWon)
            {
                if (matches && scope.InTime(stay.Entered))
                {
                    At(stay.Entered).AddAfterWin(stay.Stage);
                }
                continue;
            }

            if (matches)
            {
                AddStay(stay);
            }
            // A move goes with the stay that it ends; the first one with the stay that it begins.
            if (scope.InTime(stay.Entered) && (before >= 0 ? scope.Matches(journey, stays[before].Values) : matches))
            {
                At(stay.Entered).AddMove(before >= 0 ? stays[before].Stage : null, stay.Stage, stay.Reason);
            }
            before = index;
            isWon |= stay.Stage == Stage.ClosedWon;
        }
    }

    /// <summary>Adds what another counted.</summary>
    public void Add(Flow other)
    {
        foreach (var (start, tally) in other._tallies)
        {
            Tally(start).Add(tally);
        }
        foreach (var stage in Stages.All)
        {
            _atStart[(int)stage] += other._atStart[(int)stage];
            _atEnd[(int)stage] += other._atEnd[(int)stage];
        }
        _first = Earlier(_first, other._first);
    }

    /// <exception cref="TooManyGroupsException">There are more periods than allowed.</exception>
    /// <exception cref="InvalidOperationException">The tables do not add up. A wrong table is never answered.</exception>
    public FlowAnswer ToAnswer()
    {
        var answer = periods is null ? [Tally(DateTimeOffset.MinValue).ToPeriod(null, _atStart)] : InSequence(periods);
        foreach (var stage in Stages.All)
        {
            var last = answer.Count > 0 ? answer[^1].Stages[(int)stage].StockAtEnd : 0;
            if (last != _atEnd[(int)stage])
            {
                throw new InvalidOperationException($"The flow of {stage.Name()} does not add up: it ends with {last}, and {_atEnd[(int)stage]} stand there.");
            }
        }
        return new FlowAnswer(answer);
    }

    void AddStay(in Stay stay)
    {
        // Who stands there at both ends is counted apart from who came and left: the tables are held against it.
        _atStart[(int)stay.Stage] += stay.Entered < scope.From && !(stay.Left < scope.From) ? 1 : 0;
        _atEnd[(int)stay.Stage] += !(stay.Entered >= scope.To) && (stay.Left is null || stay.Left >= scope.To) ? 1 : 0;
        if (stay.Entered < scope.From && !(stay.Left < scope.From))
        {
            _first = Earlier(_first, scope.From.Value);
        }
        if (scope.InTime(stay.Entered))
        {
            At(stay.Entered).AddEntry(stay.Stage);
        }
        if (stay.Left is { } left && scope.InTime(left))
        {
            At(left).AddDeparture(stay.Stage);
        }
    }

    FlowTally At(DateTimeOffset instant)
    {
        _first = Earlier(_first, instant);
        return Tally(periods?.PeriodOf(instant).From ?? DateTimeOffset.MinValue);
    }

    FlowTally Tally(DateTimeOffset start)
    {
        if (!_tallies.TryGetValue(start, out var tally))
        {
            _tallies.Add(start, tally = new FlowTally());
        }
        return tally;
    }

    List<FlowPeriod> InSequence(ReportingCalendar calendar)
    {
        var last = scope.To <= scope.AsOf ? scope.To.Value.AddTicks(-1) : scope.AsOf;
        if (_first == DateTimeOffset.MaxValue)
        {
            return [];
        }
        last = last > _first ? last : _first; // the time in question may begin after as_of: who stands there then is one table
        if (calendar.Count(_first, last) > maxPeriods)
        {
            throw TooMany(calendar, last);
        }

        var answer = new List<FlowPeriod>();
        var stock = _atStart;
        for (var period = calendar.PeriodOf(_first); period.From <= last; period = calendar.After(period))
        {
            var tally = Tally(period.From);
            answer.Add(tally.ToPeriod(period, stock));
            stock = tally.StockAfter(stock);
        }
        return answer;
    }

    TooManyGroupsException TooMany(ReportingCalendar calendar, DateTimeOffset last)
    {
        var longer = calendar.Longer();
        while (longer?.Count(_first, last) > maxPeriods)
        {
            longer = longer.Longer();
        }
        return new(maxPeriods, longer?.Kind, calendar.StartOfLast(maxPeriods, last));
    }

    static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}
