using L2R.Ledger.Domain;
using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Diagnosis;

namespace L2R.Metrics.Tests.Domain.Diagnosis;

/// <summary>V = Σ N·m·Πc·a of one period as the definitions say it, each figure asked of the rows anew.</summary>
sealed class NaiveRevenue
{
    readonly List<(string? Value, int Start, NaiveJourney Journey)> _starts = [];
    readonly Func<string?, int, int, (int Converted, int N)> _step;
    readonly List<(string? Value, int Start, NaiveJourney Journey, Transition Row)> _wins = [];

    readonly string _currency;

    public NaiveRevenue(IReadOnlyList<NaiveJourney> journeys, WaysQuery query, DateTimeOffset from, DateTimeOffset to)
    {
        _currency = query.Currency;
        bool Counts(NaiveJourney journey, Transition row) => row.OccurredAt >= from && row.OccurredAt < to
            && query.Scope.Filters.All(filter => filter.Values.Contains(journey.ValueOf(filter.Dimension, row)));
        string? ValueOf(NaiveJourney journey, Transition row) => journey.ValueOf(query.Dimension, row);

        if (query.Basis == ChangeBasis.Cohort)
        {
            var cohort = journeys.Where(journey => journey.Reach(Stage.Lead) is { } start && Counts(journey, start)).ToList();
            var mature = cohort.Where(journey => Start(journey).OccurredAt + query.Horizon <= query.Scope.AsOf).ToList();
            bool InTime(NaiveJourney journey, Transition? row) => row is not null && row.OccurredAt - Start(journey).OccurredAt <= query.Horizon;

            Immature = cohort.Count - mature.Count;
            StartedWon = mature.Count(journey => Start(journey).To == Stage.ClosedWon);
            _starts = [.. mature.Where(journey => Start(journey).To < Stage.ClosedWon).Select(journey => (ValueOf(journey, Start(journey)), (int)Start(journey).To!.Value, journey))];
            _step = (value, start, rank) =>
            {
                var at = Of(value, start).Where(journey => start <= rank && InTime(journey, journey.Reach((Stage)rank))).ToList();
                return (at.Count(journey => InTime(journey, journey.Reach((Stage)(rank + 1)))), at.Count);
            };
            _wins = [.. _starts.SelectMany(item => item.Journey.Rows.Where(row => row.To == Stage.ClosedWon && InTime(item.Journey, row)).Select(row => (item.Value, item.Start, item.Journey, row)))];
        }
        else
        {
            _starts = [.. journeys.Where(journey => journey.Reach(Stage.Lead) is { } start && Counts(journey, start)).Select(journey => (ValueOf(journey, Start(journey)), 0, journey))];
            int Reach(string? value, int rank) => journeys.Count(journey =>
                journey.Reach((Stage)rank) is { } row && Counts(journey, row) && ValueOf(journey, row) == value);
            _step = (value, _, rank) => (Reach(value, rank + 1), Reach(value, rank));
            _wins = [.. journeys.SelectMany(journey => journey.Rows.Where(row => row.To == Stage.ClosedWon && Counts(journey, row)).Select(row => (ValueOf(journey, row), 0, journey, row)))];
            Others = [.. journeys.SelectMany(journey => Stages.Waterfall.Select(journey.Reach).OfType<Transition>().Where(row => Counts(journey, row)).Select(row => ValueOf(journey, row)))];
        }
        Won = _wins.Where(win => win.Row.Currency == query.Currency).Sum(win => win.Row.Amount!.Value);
        WithoutAmount = _wins.Count(win => win.Row.Amount is null);
        LeftOut = _wins.Where(win => win.Row.Currency is { } currency && currency != query.Currency).Sum(win => win.Row.Amount!.Value);
        AmountOf = (value, start) => _wins.Where(win => win.Value == value && win.Start == start && win.Row.Currency == query.Currency).Sum(win => win.Row.Amount!.Value);

        static Transition Start(NaiveJourney journey) => journey.Reach(Stage.Lead)!;
    }

    public int Journeys => _starts.Count;

    public int Immature { get; }

    public int StartedWon { get; }

    public decimal Won { get; }

    public decimal LeftOut { get; }

    public int WithoutAmount { get; }

    /// <summary>Of all ways together: how many got from one rank to the next.</summary>
    public (int Converted, int N) Step(int rank) =>
        (Ways.Sum(way => _step(way.Value, way.Start, rank).Converted), Ways.Sum(way => _step(way.Value, way.Start, rank).N));

    public (int Converted, int N) StepOf((string? Value, int Start) way, int rank) => _step(way.Value, way.Start, rank);

    /// <summary>What each won journey of some ways brought.</summary>
    public List<double> Amounts(params IEnumerable<(string? Value, int Start)> ways) =>
    [
        .. _wins.Where(win => ways.Contains((win.Value, win.Start))).GroupBy(win => win.Journey)
            .Select(won => (double)won.Sum(win => win.Row.Currency == _currency ? win.Row.Amount!.Value : 0)),
    ];

    IEnumerable<string?> Others { get; } = [];

    public Func<string?, int, decimal> AmountOf { get; }

    public IEnumerable<(string? Value, int Start)> Ways => _starts.Select(item => (item.Value, item.Start))
        .Concat(_wins.Select(win => (win.Value, win.Start))).Concat(Others.Select(value => (value, 0))).Distinct();

    /// <summary>V with some of the factors N, m, c of each pair, a of one period and the rest of another.</summary>
    /// <param name="isAfter">Of each factor, in this order.</param>
    public static double Value(NaiveRevenue before, NaiveRevenue after, Func<int, bool> isAfter)
    {
        double Factor(int index, Func<NaiveRevenue, double?> of, double none)
        {
            var (one, other) = isAfter(index) ? (after, before) : (before, after);
            return of(one) ?? of(other) ?? none;
        }
        return before.Ways.Union(after.Ways).Sum(way =>
            Factor(0, period => period.Journeys, 0)
            * Factor(1, period => period.Journeys == 0 ? null : (double)period.Of(way.Value, way.Start).Count() / period.Journeys, 0)
            * Enumerable.Range(0, 5).Aggregate(1.0, (product, rank) => product
                * Factor(2 + rank, period => period._step(way.Value, way.Start, rank) is { N: > 0 } step ? (double)step.Converted / step.N : null, 1))
            * Factor(7, period => period._step(way.Value, way.Start, 4).Converted is > 0 and var won ? (double)period.AmountOf(way.Value, way.Start) / won : null, 0));
    }

    IEnumerable<NaiveJourney> Of(string? value, int start) => _starts.Where(item => item.Value == value && item.Start == start).Select(item => item.Journey);
}
