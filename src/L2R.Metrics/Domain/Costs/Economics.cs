using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Costs;

/// <summary>Sets the cost of a period against what happened in it, by channel, by campaign or in all.</summary>
public sealed class Economics(EconomicsQuery query) : IGathering<Economics>
{
    public const string NewBusiness = "new";
    const string Unknown = "";

    readonly ReportingCalendar _days = new(PeriodKind.Day, query.Zone);
    readonly Dictionary<(DateTimeOffset From, string Value), Tally> _rows = [];

    /// <exception cref="TooManyGroupsException">More rows than the query allows.</exception>
    public void Add(JourneyFacts journey)
    {
        var value = ValueOf(journey.Origin.Channel, journey.Origin.Campaign);
        foreach (var stage in Stages.Waterfall)
        {
            if (query.Scope.Reach(journey, stage) is { } reached)
            {
                Row(reached.At, value).Reach(stage, journey.Origin.Motion);
            }
        }
        foreach (ref readonly var stay in journey.StaySpan)
        {
            if (stay.Stage == Stage.ClosedWon && query.Scope.InTime(stay.Entered))
            {
                Row(stay.Entered, value).Won.Add(stay);
            }
        }
    }

    /// <summary>Adds what others counted of journeys; costs are added to the whole.</summary>
    /// <exception cref="TooManyGroupsException">More rows than the query allows.</exception>
    public void Add(Economics other)
    {
        foreach (var ((from, value), row) in other._rows)
        {
            Row(from, value).Add(row);
        }
    }

    /// <param name="touch">One that says what it cost.</param>
    /// <exception cref="TooManyGroupsException">More rows than the query allows.</exception>
    public void Add(Touch touch)
    {
        if (touch is { Cost: { } cost, Currency: { } currency } && Counts(touch.At))
        {
            Row(touch.At, ValueOf(touch.Channel, touch.Campaign)).AddCost(cost, currency, isSpend: false);
        }
    }

    /// <summary>Each day of a spend counts where it begins: in one period, whole.</summary>
    /// <exception cref="TooManyGroupsException">More rows than the query allows.</exception>
    public void Add(SpendDetails spend)
    {
        foreach (var (day, amount) in spend.Days())
        {
            if (StartOf(day) is var start && Counts(start))
            {
                Row(start, ValueOf(spend.Channel, spend.Campaign)).AddCost(amount, spend.Currency, isSpend: true);
            }
        }
    }

    /// <returns>By period, then by value, unknown first. One row, even when empty, where the query asks for neither.</returns>
    public IReadOnlyList<EconomicsRow> ToAnswer()
    {
        if (query is { By: EconomicsKey.All, Periods: null })
        {
            Row(DateTimeOffset.MinValue, Unknown);
        }
        return
        [
            .. _rows.OrderBy(row => row.Key.From).ThenBy(row => row.Key.Value, StringComparer.Ordinal)
                .Select(row => row.Value.ToRow(query.Periods?.PeriodOf(row.Key.From), row.Key.Value == Unknown ? null : row.Key.Value)),
        ];
    }

    bool Counts(DateTimeOffset instant) => query.Scope.InTime(instant) && instant <= query.Scope.AsOf;

    /// <summary>The first instant of a day. By its noon, which clocks never skip.</summary>
    DateTimeOffset StartOf(DateOnly day)
    {
        var noon = day.ToDateTime(new TimeOnly(12, 0));
        return _days.PeriodOf(new DateTimeOffset(noon - query.Zone.GetUtcOffset(noon), TimeSpan.Zero)).From;
    }

    string ValueOf(string? channel, string? campaign) => query.By switch
    {
        EconomicsKey.Channel => channel ?? Unknown,
        EconomicsKey.Campaign => campaign ?? Unknown,
        _ => Unknown,
    };

    Tally Row(DateTimeOffset at, string value)
    {
        var key = (query.Periods?.PeriodOf(at).From ?? DateTimeOffset.MinValue, value);
        if (!_rows.TryGetValue(key, out var row))
        {
            if (_rows.Count == query.MaxRows)
            {
                throw new TooManyGroupsException(query.MaxRows, query.Periods?.Longer()?.Kind, from: null);
            }
            _rows.Add(key, row = new Tally(query.Currency));
        }
        return row;
    }

    sealed class Tally(string currency)
    {
        readonly long[] _reached = new long[Stages.Waterfall.Count];
        readonly SortedDictionary<string, decimal> _leftOut = new(StringComparer.Ordinal);
        bool _isKnown;
        decimal _ofTouches;
        decimal _ofSpends;
        long _newCustomers;
        long _existing;
        long _unknownMotion;

        public WonTally Won { get; } = new(currency);

        public void Reach(Stage stage, string? motion)
        {
            _reached[(int)stage]++;
            if (stage == Stage.ClosedWon)
            {
                _newCustomers += motion == NewBusiness ? 1 : 0;
                _unknownMotion += motion is null ? 1 : 0;
                _existing += motion is not null && motion != NewBusiness ? 1 : 0;
            }
        }

        /// <summary>All but the costs.</summary>
        public void Add(Tally other)
        {
            for (var stage = 0; stage < _reached.Length; stage++)
            {
                _reached[stage] += other._reached[stage];
            }
            _newCustomers += other._newCustomers;
            _existing += other._existing;
            _unknownMotion += other._unknownMotion;
            Won.Add(other.Won);
        }

        public void AddCost(decimal cost, string code, bool isSpend)
        {
            if (code != currency)
            {
                _leftOut[code] = _leftOut.GetValueOrDefault(code) + cost;
                return;
            }
            _isKnown = true;
            _ofSpends += isSpend ? cost : 0;
            _ofTouches += isSpend ? 0 : cost;
        }

        public EconomicsRow ToRow(Period? period, string? value) => new(
            period, value, new(_isKnown, _ofTouches, _ofSpends, _leftOut), _reached, _newCustomers, _existing, _unknownMotion, Won.Sum);
    }
}
