namespace L2R.Metrics.Domain.Pipelines;

/// <summary>A question to the handoff to sales and to the pipeline.</summary>
/// <param name="Periods">Rows by period. Null: not by period.</param>
/// <param name="GroupBy">Rows by dimension values. At most two.</param>
/// <param name="ResponseSla">Within which sales has to act. Null: no attainment is taken.</param>
/// <param name="WinProbability">Of each open opportunity, as the tenant set it, 0 to 1. Null: learnt from what was closed.</param>
/// <param name="Currency">The one that amounts are in; the others are counted apart.</param>
/// <param name="MaxRows">A question with more rows is refused by a <see cref="TooManyGroupsException"/>.</param>
public sealed record PipelineQuery(
    JourneyScope Scope,
    ReportingCalendar? Periods,
    IReadOnlyList<Dimension> GroupBy,
    TimeSpan? ResponseSla,
    double? WinProbability,
    string Currency,
    int MaxRows);

/// <param name="Rows">By period, then by values. A group in which nothing happened has none.</param>
/// <param name="Open">By values.</param>
public sealed record PipelineAnswer(IReadOnlyList<PipelineRow> Rows, IReadOnlyList<OpenPipeline> Open);

/// <param name="Handoff">Of journeys by R_MQL.</param>
/// <param name="Opened">Of opportunities by their first entry of OPPORTUNITY.</param>
/// <param name="Closed">Of opportunities by the close that stands at A.</param>
public sealed record PipelineRow(GroupKey Key, HandoffFigures Handoff, OpenedOpportunities Opened, ClosedOpportunities Closed);

/// <summary>What sales did with the journeys that became MQL.</summary>
/// <param name="Cohort">Journeys with R_MQL that were at risk there.</param>
/// <param name="StartedAbove">Journeys in the reach of MQL that started above it.</param>
/// <param name="Accepted">R_SAL of those decided: by R_SAL or an exit, whichever came first after R_MQL.</param>
/// <param name="Response">From MQL to SAL or REJECTED, neither end inferred.</param>
/// <param name="Inferred">Of those on which sales acted: where either end is inferred.</param>
/// <param name="Sla">Null where the query has none.</param>
public sealed record HandoffFigures(long Cohort, long StartedAbove, Rate Accepted, Spread Response, long Inferred, SlaAttainment? Sla)
{
    public long Undecided => Cohort - Accepted.N;
}

/// <summary>What the cohort shows at the instant at which each response was due.</summary>
/// <param name="Attained">Sales had acted by then, of those where it had or should have.</param>
/// <param name="NotYetDue">Open at A, which comes before.</param>
/// <param name="Ended">In an exit that is not sales' by then, or by A where that is earlier.</param>
/// <param name="Inferred">MQL was skipped: nobody knows when the clock started.</param>
public sealed record SlaAttainment(Rate Attained, long NotYetDue, long Ended, long Inferred);

/// <summary>A share by amount. It has no interval: amounts are no draws of one coin.</summary>
/// <param name="WithoutAmount">In neither sum.</param>
/// <param name="LeftOut">In neither sum: of other currencies, one sum for each.</param>
/// <param name="Missing">Why there is no share.</param>
public sealed record AmountRate(decimal Won, decimal Total, long WithoutAmount, IReadOnlyDictionary<string, decimal> LeftOut, string Missing)
{
    public double? Value => Total == 0 ? null : (double)(Won / Total);
}

/// <summary>What became by A of the opportunities that were opened.</summary>
/// <param name="Replaced">In no rate: neither won nor lost.</param>
/// <param name="Ended">Their journey stands in an exit without a close of theirs.</param>
/// <param name="ByCount">Won, of all but the replaced.</param>
/// <param name="ByAmount">The same, by amount.</param>
public sealed record OpenedOpportunities(long Lost, long Open, long Ended, long Replaced, Rate ByCount, AmountRate ByAmount)
{
    /// <summary>Of all but the replaced. Null where there are none.</summary>
    public double? OpenShare => ByCount.N == 0 ? null : (double)Open / ByCount.N;
}

/// <summary>Opportunities that were won or lost.</summary>
/// <param name="WithoutOpening">Of them those of which no entry of OPPORTUNITY is known.</param>
/// <param name="ByCount">Won, of won and lost.</param>
/// <param name="ByAmount">The same, by amount.</param>
public sealed record ClosedOpportunities(long WithoutOpening, Rate ByCount, AmountRate ByAmount);

/// <summary>What is open at A, and what those with the same values that were closed in the time in question say of it.</summary>
/// <param name="Key">Without a period.</param>
public sealed record OpenPipeline(GroupKey Key, long Count, decimal Amount, long WithoutAmount, IReadOnlyDictionary<string, decimal> LeftOut, Weighted Weighted, SalesVelocity Velocity);

/// <param name="Probability">Of each open opportunity. Null where the history is not enough.</param>
/// <param name="IsLearnt">From <paramref name="Closed"/>: won / (won + lost).</param>
/// <param name="Closed">Won or lost in the time in question.</param>
/// <param name="Amount">Σ amount · p.</param>
/// <param name="Missing">Why there is none.</param>
public sealed record Weighted(double? Probability, bool IsLearnt, long Closed, decimal? Amount, string? Missing);

/// <summary>Open · won share · average won amount / mean cycle: what the pipeline earns a day as long as all four stay as they are.</summary>
/// <param name="WinRate">Won, of won and lost.</param>
/// <param name="Priced">Wins with an amount in the reporting currency.</param>
/// <param name="AverageWon">Of those. Null where there is none.</param>
/// <param name="Timed">Wins of which the opening is known.</param>
/// <param name="MeanCycle">Of those, from the opportunity's first entry of OPPORTUNITY to its close. Null where there is none.</param>
/// <param name="PerDay">Null where a factor is missing.</param>
/// <param name="Missing">Which.</param>
public sealed record SalesVelocity(long Open, Rate WinRate, long Priced, decimal? AverageWon, long Timed, TimeSpan? MeanCycle, decimal? PerDay, string? Missing);
