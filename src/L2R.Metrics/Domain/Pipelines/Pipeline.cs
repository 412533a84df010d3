using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Pipelines;

/// <summary>Answers a question to handoff and pipeline from the facts of one journey after the other.</summary>
/// <remarks>
/// Handoff counts journeys, all else opportunities: each where it was opened, where it was closed, and where it stands open. Each figure goes by
/// the values as known at its own entry. Keeps 8 bytes for each response of sales, and counts.
/// </remarks>
public sealed class Pipeline : IGathering<Pipeline>
{
    readonly PipelineQuery _query;
    readonly Opportunities _opportunities = new();
    readonly Dictionary<GroupKey, Row> _rows = [];
    readonly Dictionary<GroupKey, Stock> _stocks = [];

    /// <exception cref="ArgumentException">The query groups by more than two dimensions.</exception>
    public Pipeline(PipelineQuery query)
    {
        if (query.GroupBy.Count > 2)
        {
            throw new ArgumentException("A pipeline is grouped by at most two dimensions.", nameof(query));
        }
        _query = query;
    }

    /// <param name="journey">Folded at the query's as_of and known_at.</param>
    /// <exception cref="TooManyGroupsException">More rows than the query allows.</exception>
    public void Add(JourneyFacts journey)
    {
        if (!_query.Scope.Selects(journey))
        {
            return;
        }
        if (_query.Scope.Reach(journey, Stage.Mql) is { } mql)
        {
            RowOf(KeyOf(journey, mql.At, mql.Values)).Handoff.Add(journey);
        }
        foreach (var opportunity in _opportunities.Of(journey))
        {
            Add(journey, opportunity);
        }
    }

    /// <summary>Adds what others counted.</summary>
    /// <exception cref="TooManyGroupsException">More rows than the query allows.</exception>
    public void Add(Pipeline other)
    {
        foreach (var (key, row) in other._rows)
        {
            RowOf(key).Add(row);
        }
        foreach (var (key, stock) in other._stocks)
        {
            StockOf(key).Add(stock);
        }
    }

    public PipelineAnswer ToAnswer()
    {
        if (_query.GroupBy.Count == 0)
        {
            StockOf(default);
            if (_query.Periods is null)
            {
                RowOf(default);
            }
        }
        return new(
            [.. InOrder(_rows).Select(row => new PipelineRow(row.Key, row.Value.Handoff.ToFigures(), row.Value.Opened.ToOpened(), row.Value.Closed.ToClosed()))],
            [.. InOrder(_stocks).Select(stock => stock.Value.ToOpen(stock.Key, _query.WinProbability))]);
    }

    void Add(JourneyFacts journey, Opportunity opportunity)
    {
        if (opportunity is { OpenedAt: { } opened, Opened: { } atOpening } && IsAsked(journey, opened, atOpening))
        {
            RowOf(KeyOf(journey, opened, atOpening)).Opened.Add(opportunity);
        }
        if (opportunity.Outcome is Outcome.Won or Outcome.Lost && IsAsked(journey, opportunity.ClosedAt, opportunity.Closed))
        {
            RowOf(KeyOf(journey, opportunity.ClosedAt, opportunity.Closed)).Closed.Add(opportunity);
            StockOf(KeyOf(journey, opportunity.Closed)).Closed.Add(opportunity);
        }
        // What is open now is open whenever it came: only the filters choose.
        if (opportunity is { Outcome: Outcome.Open, Entered: { } values } && _query.Scope.Matches(journey, values))
        {
            StockOf(KeyOf(journey, values)).AddOpen(opportunity);
        }
    }

    bool IsAsked(JourneyFacts journey, DateTimeOffset at, Dimensions values) => _query.Scope.InTime(at) && _query.Scope.Matches(journey, values);

    GroupKey KeyOf(JourneyFacts journey, DateTimeOffset at, Dimensions values) => KeyOf(journey, values) with { Period = _query.Periods?.PeriodOf(at) };

    GroupKey KeyOf(JourneyFacts journey, Dimensions values) => new(
        Period: null,
        _query.GroupBy.Count > 0 ? _query.GroupBy[0].ValueOf(journey, values) : null,
        _query.GroupBy.Count > 1 ? _query.GroupBy[1].ValueOf(journey, values) : null);

    Row RowOf(GroupKey key) => Found(_rows, key, () => new(_query));

    Stock StockOf(GroupKey key) => Found(_stocks, key, () => new(_query.Currency));

    T Found<T>(Dictionary<GroupKey, T> all, GroupKey key, Func<T> create)
    {
        if (!all.TryGetValue(key, out var found))
        {
            if (all.Count == _query.MaxRows)
            {
                throw new TooManyGroupsException(_query.MaxRows, _query.Periods?.Longer()?.Kind, from: null);
            }
            all.Add(key, found = create());
        }
        return found;
    }

    /// <summary>By period, then by values, unknown first.</summary>
    static IEnumerable<KeyValuePair<GroupKey, T>> InOrder<T>(Dictionary<GroupKey, T> all) => all
        .OrderBy(each => each.Key.Period?.From)
        .ThenBy(each => each.Key.First, StringComparer.Ordinal)
        .ThenBy(each => each.Key.Second, StringComparer.Ordinal);

    sealed class Row(PipelineQuery query)
    {
        public HandoffTally Handoff { get; } = new(query.ResponseSla, query.Scope.AsOf);

        public OpenedTally Opened { get; } = new(query.Currency);

        public ClosedTally Closed { get; } = new(query.Currency);

        public void Add(Row other)
        {
            Handoff.Add(other.Handoff);
            Opened.Add(other.Opened);
            Closed.Add(other.Closed);
        }
    }

    sealed class Stock(string currency)
    {
        readonly AmountTally _amounts = new(currency);
        long _count;

        /// <summary>In the time in question.</summary>
        public ClosedTally Closed { get; } = new(currency);

        public void AddOpen(Opportunity opportunity)
        {
            _count++;
            _amounts.Add(opportunity);
        }

        public void Add(Stock other)
        {
            _count += other._count;
            _amounts.Add(other._amounts);
            Closed.Add(other.Closed);
        }

        public OpenPipeline ToOpen(GroupKey key, double? winProbability) => new(
            key, _count, _amounts.Total, _amounts.WithoutAmount, _amounts.LeftOut, Closed.ToWeighted(_amounts.Total, winProbability), Closed.ToVelocity(_count));
    }
}
