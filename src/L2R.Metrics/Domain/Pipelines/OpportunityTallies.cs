namespace L2R.Metrics.Domain.Pipelines;

/// <summary>Adds up amounts of opportunities, those in other currencies apart.</summary>
sealed class AmountTally(string currency)
{
    readonly SortedDictionary<string, decimal> _leftOut = new(StringComparer.Ordinal);

    public decimal Won { get; private set; }

    public decimal Total { get; private set; }

    /// <summary>Wins that are in <see cref="Won"/>.</summary>
    public long WonCount { get; private set; }

    public long WithoutAmount { get; private set; }

    public IReadOnlyDictionary<string, decimal> LeftOut => _leftOut;

    public void Add(Opportunity opportunity)
    {
        if (opportunity.Amount is not var (amount, code))
        {
            WithoutAmount++;
        }
        else if (code != currency)
        {
            _leftOut[code] = _leftOut.GetValueOrDefault(code) + amount;
        }
        else
        {
            Total += amount;
            Won += opportunity.Outcome == Outcome.Won ? amount : 0;
            WonCount += opportunity.Outcome == Outcome.Won ? 1 : 0;
        }
    }

    public void Add(AmountTally other)
    {
        Won += other.Won;
        Total += other.Total;
        WonCount += other.WonCount;
        WithoutAmount += other.WithoutAmount;
        _leftOut.AddAll(other._leftOut);
    }

    /// <param name="nothing">What to say where there is no opportunity at all; null where there is one.</param>
    public AmountRate ToRate(string? nothing) => new(Won, Total, WithoutAmount, LeftOut, Total != 0 ? "" : nothing ?? $"no amount in {currency} is known, or all are 0");
}

/// <summary>Counts what became of opportunities that were opened.</summary>
sealed class OpenedTally(string currency)
{
    readonly long[] _outcomes = new long[Enum.GetValues<Outcome>().Length];
    readonly AmountTally _amounts = new(currency);

    public void Add(Opportunity opportunity)
    {
        _outcomes[(int)opportunity.Outcome]++;
        if (opportunity.Outcome != Outcome.Replaced)
        {
            _amounts.Add(opportunity);
        }
    }

    public void Add(OpenedTally other)
    {
        for (var outcome = 0; outcome < _outcomes.Length; outcome++)
        {
            _outcomes[outcome] += other._outcomes[outcome];
        }
        _amounts.Add(other._amounts);
    }

    public OpenedOpportunities ToOpened()
    {
        var (won, lost, open, ended, replaced) = (Of(Outcome.Won), Of(Outcome.Lost), Of(Outcome.Open), Of(Outcome.Ended), Of(Outcome.Replaced));
        var count = won + lost + open + ended;
        const string nothing = "no opportunity was opened";
        return new(lost, open, ended, replaced, Rate.Of(won, count, nothing), _amounts.ToRate(count == 0 ? nothing : null));
    }

    long Of(Outcome outcome) => _outcomes[(int)outcome];
}

/// <summary>Counts opportunities that were won or lost.</summary>
sealed class ClosedTally(string currency)
{
    readonly AmountTally _amounts = new(currency);
    long _won;
    long _lost;
    long _withoutOpening;
    long _timed;
    Int128 _cycles; // in ticks: of a million wins they are more than a long holds

    public void Add(Opportunity opportunity)
    {
        _amounts.Add(opportunity);
        _withoutOpening += opportunity.OpenedAt is null ? 1 : 0;
        if (opportunity.Outcome == Outcome.Lost)
        {
            _lost++;
            return;
        }
        _won++;
        if (opportunity.OpenedAt is { } opened)
        {
            _timed++;
            _cycles += (opportunity.ClosedAt - opened).Ticks;
        }
    }

    public void Add(ClosedTally other)
    {
        _amounts.Add(other._amounts);
        _won += other._won;
        _lost += other._lost;
        _withoutOpening += other._withoutOpening;
        _timed += other._timed;
        _cycles += other._cycles;
    }

    public Rate WinRate => Rate.Of(_won, _won + _lost, Nothing);

    public ClosedOpportunities ToClosed() => new(_withoutOpening, WinRate, _amounts.ToRate(_won + _lost == 0 ? Nothing : null));

    public SalesVelocity ToVelocity(long open)
    {
        var average = _amounts.WonCount == 0 ? (decimal?)null : _amounts.Won / _amounts.WonCount;
        var cycle = _timed == 0 ? (TimeSpan?)null : TimeSpan.FromTicks((long)(_cycles / _timed));
        var missing = _won + _lost == 0 ? Nothing
            : average is null ? $"no opportunity was won with an amount in {currency}"
            : cycle is null ? "of no win it is known when it was opened"
            : cycle == TimeSpan.Zero ? "every win was opened and won at one instant"
            : null;
        if (missing is null && open * (double)average!.Value / cycle!.Value.TotalDays >= long.MaxValue)
        {
            missing = "it is more than an amount can hold: wins were won a moment after they were opened";
        }
        return new(
            open, WinRate, _amounts.WonCount, average, _timed, cycle,
            missing is null ? open * ((decimal)_won / (_won + _lost)) * average / ((decimal)cycle!.Value.Ticks / TimeSpan.TicksPerDay) : null, missing);
    }

    public Weighted ToWeighted(decimal amount, double? policy)
    {
        var closed = _won + _lost;
        if (policy is { } given)
        {
            return new(given, IsLearnt: false, closed, amount * (decimal)given, Missing: null);
        }
        return closed < CurveQuantiles.Enough
            ? new(null, IsLearnt: true, closed, null, $"not enough data: fewer than {CurveQuantiles.Enough} opportunities were won or lost")
            : new((double)_won / closed, IsLearnt: true, closed, amount * _won / closed, Missing: null);
    }

    const string Nothing = "no opportunity was won or lost";
}
