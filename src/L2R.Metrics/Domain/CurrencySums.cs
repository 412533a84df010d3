namespace L2R.Metrics.Domain;

/// <summary>Amounts by currency: those of different ones are never added up.</summary>
static class CurrencySums
{
    public static void AddAll(this SortedDictionary<string, decimal> sums, SortedDictionary<string, decimal> others)
    {
        foreach (var (currency, amount) in others)
        {
            sums[currency] = sums.GetValueOrDefault(currency) + amount;
        }
    }
}
