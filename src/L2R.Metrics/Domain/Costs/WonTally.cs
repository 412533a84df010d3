namespace L2R.Metrics.Domain.Costs;

/// <summary>Adds up wins, those in other currencies apart.</summary>
sealed class WonTally(string currency)
{
    readonly SortedDictionary<string, decimal> _leftOut = new(StringComparer.Ordinal);
    long _count;
    decimal _amount;
    long _withoutAmount;

    public void Add(Stay win)
    {
        _count++;
        if (win is not { Amount: { } amount, Currency: { } code })
        {
            _withoutAmount++;
        }
        else if (code == currency)
        {
            _amount += amount;
        }
        else
        {
            _leftOut[code] = _leftOut.GetValueOrDefault(code) + amount;
        }
    }

    public void Add(WonTally other)
    {
        _count += other._count;
        _amount += other._amount;
        _withoutAmount += other._withoutAmount;
        _leftOut.AddAll(other._leftOut);
    }

    public WonSum Sum => new(_count, _amount, _withoutAmount, _leftOut);
}
