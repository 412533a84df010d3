using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain.Costs;

/// <summary>What cost and reach are shown by.</summary>
public enum EconomicsKey
{
    /// <summary>Nothing: one row for all.</summary>
    All,
    Channel,
    Campaign,
}

/// <summary>A question about cost and what it brought.</summary>
/// <param name="Scope">Without filters: cost has no dimensions but these two.</param>
/// <param name="Periods">Null: the time in question as a whole.</param>
/// <param name="Currency">The one that figures are in; the others are counted apart.</param>
/// <param name="Zone">Where the days of spends begin.</param>
/// <param name="MaxRows">How many rows an answer may have.</param>
public sealed record EconomicsQuery(
    JourneyScope Scope, EconomicsKey By, ReportingCalendar? Periods, string Currency, TimeZoneInfo Zone, int MaxRows);

/// <summary>Cost, and what happened beside it, in one period with one value.</summary>
/// <param name="Period">Null where the query has none.</param>
/// <param name="Value">Null means unknown, or all.</param>
/// <param name="Reached">Journeys by R_k, for each of the six stages.</param>
/// <param name="NewCustomers">Journeys with R_won whose motion is new business.</param>
/// <param name="ExistingCustomers">Those of another motion.</param>
/// <param name="UnknownMotion">Those whose motion nobody said.</param>
public sealed record EconomicsRow(
    Period? Period, string? Value, CostSum Cost, IReadOnlyList<long> Reached, long NewCustomers, long ExistingCustomers, long UnknownMotion, WonSum Won)
{
    /// <returns>Null where nobody reached the stage, or no cost is known.</returns>
    public decimal? CostPerReach(Stage stage) => Per(Reached[(int)stage]);

    /// <summary>CAC.</summary>
    /// <returns>Null where there is no new customer, or no cost is known.</returns>
    public decimal? CostPerNewCustomer => Per(NewCustomers);

    /// <summary>Won amount for each unit of cost.</summary>
    /// <returns>Null where no cost is known, or it is 0.</returns>
    public double? WonPerCost => Cost.Total == 0 ? null : (double)(Won.Amount / Cost.Total);

    decimal? Per(long count) => count == 0 || !Cost.IsKnown ? null : Cost.Total / count;
}

/// <summary>Cost in the reporting currency, and what is left out of it.</summary>
/// <param name="IsKnown">Whether anything says what it cost: no cost known is not a cost of 0.</param>
/// <param name="LeftOut">In other currencies, one sum for each.</param>
public sealed record CostSum(bool IsKnown, decimal OfTouches, decimal OfSpends, IReadOnlyDictionary<string, decimal> LeftOut)
{
    public decimal Total => OfTouches + OfSpends;
}

/// <summary>Wins in the reporting currency, and what is left out of them.</summary>
/// <param name="Count">All wins.</param>
/// <param name="WithoutAmount">Of those.</param>
/// <param name="LeftOut">In other currencies, one sum for each.</param>
public sealed record WonSum(long Count, decimal Amount, long WithoutAmount, IReadOnlyDictionary<string, decimal> LeftOut);
