using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Diagnosis;

/// <summary>What the figures of a period are made of.</summary>
public enum ChangeBasis
{
    /// <summary>Journeys that started in it, followed for the same time.</summary>
    Cohort,

    /// <summary>What happened in it.</summary>
    Booked,
}

/// <summary>A question why won revenue differs between two periods.</summary>
/// <param name="Scope">Its time is not used.</param>
/// <param name="Before">The first instant of the earlier period, and the first after it.</param>
/// <param name="Horizon">Of <see cref="ChangeBasis.Cohort"/>: how long each journey is followed from its start.</param>
/// <param name="Dimension">By whose values the mix is taken.</param>
/// <param name="Currency">Wins in others are left out, and counted.</param>
/// <param name="MaxValues">A dimension with more values is refused by a <see cref="TooManyGroupsException"/>.</param>
public sealed record ChangeQuery(
    JourneyScope Scope,
    (DateTimeOffset From, DateTimeOffset To) Before,
    (DateTimeOffset From, DateTimeOffset To) After,
    ChangeBasis Basis,
    TimeSpan Horizon,
    Dimension Dimension,
    string Currency,
    int MaxValues);

/// <summary>Revenue of one period.</summary>
/// <param name="Journeys">Of a cohort the mature ones; of what was booked those that reached LEAD in it.</param>
/// <param name="Won">The amounts of the wins.</param>
/// <param name="LeftOut">Wins in other currencies.</param>
/// <param name="StartedWon">Journeys of a cohort that started with a win: no step leads there, so they are in no other figure.</param>
public sealed record RevenueOfPeriod(
    long Journeys, long Immature, decimal Won, long WithoutAmount, IReadOnlyDictionary<string, decimal> LeftOut, long StartedWon);

/// <param name="Change">Of the expected revenue.</param>
public sealed record ChangeAnswer(RevenueOfPeriod Before, RevenueOfPeriod After, RevenueChange Change);

/// <summary>Counts the ways down the waterfall of two periods.</summary>
public sealed class RevenueWays(ChangeQuery query)
{
    readonly Side _before = new(query, query.Before);
    readonly Side _after = new(query, query.After);

    public void Add(JourneyFacts journey)
    {
        if (query.Scope.Selects(journey))
        {
            _before.Add(journey);
            _after.Add(journey);
        }
    }

    /// <exception cref="TooManyGroupsException">The dimension has more values than the query allows.</exception>
    public ChangeAnswer ToAnswer() => new(_before.ToRevenue(), _after.ToRevenue(), RevenueChange.Between(_before.ToWays(), _after.ToWays()));

    /// <summary>One period.</summary>
    sealed class Side(ChangeQuery query, (DateTimeOffset From, DateTimeOffset To) period)
    {
        const int Pairs = 5;

        readonly Dictionary<(string? Value, int Start), Tally> _tallies = [];
        readonly SortedDictionary<string, decimal> _leftOut = new(StringComparer.Ordinal);
        long _immature;
        long _withoutAmount;
        long _startedWon;

        public void Add(JourneyFacts journey)
        {
            if (query.Basis == ChangeBasis.Cohort)
            {
                AddCohort(journey);
            }
            else
            {
                AddBooked(journey);
            }
        }

        public RevenueOfPeriod ToRevenue() => new(
            _tallies.Values.Sum(tally => tally.Journeys), _immature, _tallies.Values.Sum(tally => tally.Amount), _withoutAmount, _leftOut, _startedWon);

        public IReadOnlyList<Way> ToWays() => [.. _tallies.Select(way => new Way(
            $"{way.Key.Start} {way.Key.Value}",
            way.Value.Journeys,
            [.. way.Value.Converted.Zip(way.Value.N)],
            way.Value.Amount))];

        void AddCohort(JourneyFacts journey)
        {
            if (journey.Reach(Stage.Lead) is not { } start || !In(start.At) || !query.Scope.Matches(journey, start.Values))
            {
                return;
            }
            var until = start.At + query.Horizon;
            if (until > query.Scope.AsOf)
            {
                _immature++;
                return;
            }
            if (start.By == Stage.ClosedWon)
            {
                _startedWon++;
                return;
            }
            var tally = TallyOf(journey, start, (int)start.By);
            tally.Journeys++;
            for (var rank = (int)start.By; rank < Pairs && journey.Reach((Stage)rank)?.At <= until; rank++)
            {
                tally.N[rank]++;
                tally.Converted[rank] += journey.Reach((Stage)(rank + 1))?.At <= until ? 1 : 0;
            }
            foreach (var win in journey.Stays.Where(stay => stay.Stage == Stage.ClosedWon && stay.Entered <= until))
            {
                AddWin(tally, win);
            }
        }

        void AddBooked(JourneyFacts journey)
        {
            for (var rank = 0; rank <= Pairs; rank++)
            {
                if (journey.Reach((Stage)rank) is { } reached && In(reached.At) && query.Scope.Matches(journey, reached.Values))
                {
                    var tally = TallyOf(journey, reached, start: 0);
                    tally.Journeys += rank == 0 ? 1 : 0;
                    if (rank < Pairs)
                    {
                        tally.N[rank]++;
                    }
                    if (rank > 0)
                    {
                        tally.Converted[rank - 1]++;
                    }
                }
            }
            foreach (var win in journey.Stays.Where(stay => stay.Stage == Stage.ClosedWon && In(stay.Entered) && query.Scope.Matches(journey, stay.Values)))
            {
                AddWin(TallyOf(journey, new(win.Entered, win.Stage, win.Values), start: 0), win);
            }
        }

        bool In(DateTimeOffset instant) => instant >= period.From && instant < period.To;

        Tally TallyOf(JourneyFacts journey, Reached reached, int start)
        {
            var key = (query.Dimension.ValueOf(journey, reached.Values), start);
            if (!_tallies.TryGetValue(key, out var tally))
            {
                if (_tallies.Keys.Select(way => way.Value).Distinct().Count() == query.MaxValues && _tallies.Keys.All(way => way.Value != key.Item1))
                {
                    throw new TooManyGroupsException(query.MaxValues, longer: null, from: null);
                }
                _tallies.Add(key, tally = new());
            }
            return tally;
        }

        void AddWin(Tally tally, Stay win)
        {
            if (win is not { Amount: { } amount, Currency: { } currency })
            {
                _withoutAmount++;
            }
            else if (currency == query.Currency)
            {
                tally.Amount += amount;
            }
            else
            {
                _leftOut[currency] = _leftOut.GetValueOrDefault(currency) + amount;
            }
        }

        sealed class Tally
        {
            public long[] N { get; } = new long[Pairs];

            public long[] Converted { get; } = new long[Pairs];

            public long Journeys { get; set; }

            public decimal Amount { get; set; }
        }
    }
}
