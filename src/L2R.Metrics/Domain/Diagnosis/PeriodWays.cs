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

/// <summary>Which ways down the waterfall to count, and how.</summary>
/// <param name="Scope">Its time is the period.</param>
/// <param name="Horizon">Of <see cref="ChangeBasis.Cohort"/>: how long each journey is followed from its start.</param>
/// <param name="Dimension">Each of its values has ways of its own.</param>
/// <param name="Currency">Wins in others are left out, and counted.</param>
/// <param name="MaxValues">A dimension with more values is refused by a <see cref="TooManyGroupsException"/>.</param>
public sealed record WaysQuery(JourneyScope Scope, ChangeBasis Basis, TimeSpan Horizon, Dimension Dimension, string Currency, int MaxValues);

/// <summary>One way down the waterfall in one period: the journeys of a segment that started at one stage.</summary>
/// <param name="Value">Of the dimension. Null: unknown.</param>
/// <param name="Start">The rank of the starting stage.</param>
/// <param name="Journeys">That started so.</param>
/// <param name="Steps">Converted of how many, for LEAD→MQL to OPPORTUNITY→CLOSED_WON; 0 of 0 for pairs above the start.</param>
/// <param name="Amount">Won, over all of them, in the reporting currency.</param>
public sealed record Way(string? Value, int Start, long Journeys, IReadOnlyList<(long Converted, long N)> Steps, decimal Amount)
{
    /// <summary>How many pairs a way has at most.</summary>
    public const int Pairs = 5;

    /// <summary>The sum of the squares of what each won journey brought.</summary>
    public double SquaredAmounts { get; init; }

    /// <summary>Journeys won.</summary>
    public long Won => Steps[^1].Converted;
}

/// <summary>Revenue of one period.</summary>
/// <param name="Journeys">Of a cohort the mature ones; of what was booked those that reached LEAD in it.</param>
/// <param name="Won">The amounts of the wins.</param>
/// <param name="LeftOut">Wins in other currencies.</param>
/// <param name="StartedWon">Journeys of a cohort that started with a win: no step leads there, so they are in no other figure.</param>
public sealed record RevenueOfPeriod(
    long Journeys, long Immature, decimal Won, long WithoutAmount, IReadOnlyDictionary<string, decimal> LeftOut, long StartedWon);

/// <summary>Counts the ways of one period, from the facts of one journey after the other.</summary>
public sealed class PeriodWays(WaysQuery query) : IGathering<PeriodWays>
{
    readonly Dictionary<(string? Value, int Start), Tally> _tallies = [];
    readonly SortedDictionary<string, decimal> _leftOut = new(StringComparer.Ordinal);
    long _immature;
    long _withoutAmount;
    long _startedWon;

    /// <exception cref="TooManyGroupsException">The dimension has more values than the query allows.</exception>
    public void Add(JourneyFacts journey)
    {
        if (!query.Scope.Selects(journey))
        {
            return;
        }
        if (query.Basis == ChangeBasis.Cohort)
        {
            AddCohort(journey);
        }
        else
        {
            AddBooked(journey);
        }
    }

    /// <summary>Adds what others counted.</summary>
    /// <exception cref="TooManyGroupsException">Together they have more values than the query allows.</exception>
    public void Add(PeriodWays other)
    {
        foreach (var (key, tally) in other._tallies)
        {
            TallyOf(key).Add(tally);
        }
        _leftOut.AddAll(other._leftOut);
        _immature += other._immature;
        _withoutAmount += other._withoutAmount;
        _startedWon += other._startedWon;
    }

    public RevenueOfPeriod ToRevenue() => new(
        _tallies.Values.Sum(tally => tally.Journeys), _immature, _tallies.Values.Sum(tally => tally.Amount), _withoutAmount, _leftOut, _startedWon);

    /// <returns>By value, unknown first, then by start.</returns>
    public IReadOnlyList<Way> ToWays() =>
    [
        .. _tallies
            .OrderBy(way => way.Key.Value, StringComparer.Ordinal)
            .ThenBy(way => way.Key.Start)
            .Select(way => new Way(way.Key.Value, way.Key.Start, way.Value.Journeys, [.. way.Value.Converted.Zip(way.Value.N)], way.Value.Amount)
            {
                SquaredAmounts = way.Value.SquaredAmounts,
            }),
    ];

    void AddCohort(JourneyFacts journey)
    {
        if (query.Scope.Reach(journey, Stage.Lead) is not { } start)
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
        for (var rank = (int)start.By; rank < Way.Pairs && journey.Reach((Stage)rank)?.At <= until; rank++)
        {
            tally.N[rank]++;
            tally.Converted[rank] += journey.Reach((Stage)(rank + 1))?.At <= until ? 1 : 0;
        }
        var won = 0m;
        foreach (ref readonly var stay in journey.StaySpan)
        {
            won += stay.Stage == Stage.ClosedWon && stay.Entered <= until ? Counted(stay) : 0;
        }
        tally.Amount += won;
        tally.SquaredAmounts += (double)won * (double)won;
    }

    void AddBooked(JourneyFacts journey)
    {
        for (var rank = 0; rank <= Way.Pairs; rank++)
        {
            if (query.Scope.Reach(journey, (Stage)rank) is { } reached)
            {
                var tally = TallyOf(journey, reached, start: 0);
                tally.Journeys += rank == 0 ? 1 : 0;
                if (rank < Way.Pairs)
                {
                    tally.N[rank]++;
                }
                if (rank > 0)
                {
                    tally.Converted[rank - 1]++;
                }
            }
        }
        foreach (ref readonly var stay in journey.StaySpan)
        {
            if (stay.Stage == Stage.ClosedWon && query.Scope.InTime(stay.Entered) && query.Scope.Matches(journey, stay.Values))
            {
                TallyOf(journey, new(stay.Entered, stay.Stage, stay.Values), start: 0).Amount += Counted(stay);
            }
        }
    }

    Tally TallyOf(JourneyFacts journey, Reached reached, int start) => TallyOf((query.Dimension.ValueOf(journey, reached.Values), start));

    Tally TallyOf((string? Value, int Start) key)
    {
        if (!_tallies.TryGetValue(key, out var tally))
        {
            if (_tallies.Keys.Select(way => way.Value).Distinct().Count() == query.MaxValues && _tallies.Keys.All(way => way.Value != key.Value))
            {
                throw new TooManyGroupsException(query.MaxValues, longer: null, from: null);
            }
            _tallies.Add(key, tally = new());
        }
        return tally;
    }

    /// <summary>What a win adds; 0, and counted apart, where it has no amount or one in another currency.</summary>
    decimal Counted(in Stay win)
    {
        if (win is not { Amount: { } amount, Currency: { } currency })
        {
            _withoutAmount++;
            return 0;
        }
        if (currency != query.Currency)
        {
            _leftOut[currency] = _leftOut.GetValueOrDefault(currency) + amount;
            return 0;
        }
        return amount;
    }

    sealed class Tally
    {
        public long[] N { get; } = new long[Way.Pairs];

        public long[] Converted { get; } = new long[Way.Pairs];

        public long Journeys { get; set; }

        public decimal Amount { get; set; }

        public double SquaredAmounts { get; set; }

        public void Add(Tally other)
        {
            for (var pair = 0; pair < Way.Pairs; pair++)
            {
                N[pair] += other.N[pair];
                Converted[pair] += other.Converted[pair];
            }
            Journeys += other.Journeys;
            Amount += other.Amount;
            SquaredAmounts += other.SquaredAmounts;
        }
    }
}
