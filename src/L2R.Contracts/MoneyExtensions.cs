namespace L2R.Type.V1;

/// <summary>Between the units and billionths of the contract and exact decimals.</summary>
public static class MoneyExtensions
{
    const decimal NanosPerUnit = 1_000_000_000m;

    /// <summary>The amount in whole units and fractions.</summary>
    public static decimal ToDecimal(this Money money) => money.Units + (money.Nanos / NanosPerUnit);

    /// <param name="amount">In units of the currency; rounded to billionths, halves to even.</param>
    /// <exception cref="OverflowException">More than 9.2 billion billion units.</exception>
    public static Money ToMoney(this decimal amount, string currencyCode)
    {
        var rounded = decimal.Round(amount, 9, MidpointRounding.ToEven);
        var units = decimal.Truncate(rounded);
        return new Money
        {
            CurrencyCode = currencyCode,
            Units = decimal.ToInt64(units),
            Nanos = decimal.ToInt32((rounded - units) * NanosPerUnit),
        };
    }
}
