namespace L2R.Metrics.Domain.Costs;

/// <summary>Cost that no single touch carries; every rule on its own fields holds.</summary>
/// <param name="Channel">Null: of no one channel. Then there is a campaign.</param>
/// <param name="Campaign">Null: of no one campaign.</param>
/// <param name="FirstDay">In the tenant's reporting zone.</param>
/// <param name="LastDay">Included; not before the first, and less than 10 years after it.</param>
/// <param name="Amount">For all these days together, in <paramref name="Currency"/>; not negative.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record SpendDetails(string? Channel, string? Campaign, DateOnly FirstDay, DateOnly LastDay, decimal Amount, string Currency)
{
    const int Decimals = 9; // those of an amount on the wire

    /// <summary>Each day with its part: equal ones to the billionth, which sum to the amount exactly.</summary>
    public IEnumerable<(DateOnly Day, decimal Amount)> Days()
    {
        var count = LastDay.DayNumber - FirstDay.DayNumber + 1;
        for (var (index, before) = (0, 0m); index < count; index++)
        {
            var upTo = decimal.Round(Amount * (index + 1) / count, Decimals);
            yield return (FirstDay.AddDays(index), upTo - before);
            before = upTo;
        }
    }
}

/// <summary>A spend as it was stored with one of its versions.</summary>
public sealed record Spend
{
    public required Guid Id { get; init; }
    public required SpendDetails Details { get; init; }
    public required DateTimeOffset CreateTime { get; init; }
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>Starts at 1 and grows by one with each write.</summary>
    public required long Version { get; init; }
}
